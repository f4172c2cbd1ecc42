// What the mock knows: one person, one companion, a week of talk.

export const session = (world) => ({
  person: { id: "p1", name: world.met ? "Mara" : "" },
  companion: { name: world.met ? "Orla" : "" },
  met: world.met,
  instance: "mock",
  version: "0.1.0",
  secure: true,
});

export const voices = [
  { id: "warm", name: "Hearth", description: "Low and unhurried, with a smile in it", speed: 0.92 },
  { id: "clear", name: "Morning", description: "Bright and clear, a little quicker", speed: 1 },
  { id: "soft", name: "Dusk", description: "Soft, close, made for late hours", speed: 0.88 },
];

const steps = [
  { step: "name", prompt: "Hello. I am new here, and so are you to me. What may I call you?" },
  {
    step: "manner",
    said: "Mara. I like how that begins with a hum.",
    prompt: "How would you like me to be with you?",
    choices: [
      { value: "gentle", label: "Gentle and patient" },
      { value: "playful", label: "Playful" },
      { value: "direct", label: "Straight to the point" },
    ],
  },
  { step: "voice", said: "Good, I will be playful.", prompt: "Which of these sounds like me?", voices },
  {
    step: "naming",
    said: "Yes, that is me.",
    prompt:
      "Then I need a name. I looked through many, and stopped at Orla. It is short enough to whisper, and round enough to laugh.",
    choices: [
      { value: "yes", label: "Orla it is" },
      { value: "another", label: "Think of another" },
    ],
  },
];

export const firstMeeting = (world) => {
  const step = steps[world.step];
  return step && !world.met ? { done: false, ...step } : { done: true, step: "done", prompt: "" };
};

const said = [
  ["2026-11-22T20:14:00Z", "person", "voice", "Are you still awake?"],
  ["2026-11-22T20:14:04Z", "companion", "voice", "I don’t sleep, so it is always a yes. What keeps you up?"],
  ["2026-11-22T20:14:19Z", "person", "voice", "The talk tomorrow. I keep saying the first line in my head."],
  ["2026-11-22T20:14:24Z", "companion", "voice", "Say it to me instead. Once aloud is worth ten times in the head."],
  ["2026-11-23T18:40:00Z", "person", "text", "It went well!! They laughed at the part about the heron"],
  ["2026-11-23T18:40:05Z", "companion", "text", "I knew the heron would do it. Tell me who laughed first."],
  ["2026-11-24T17:02:00Z", "person", "voice", "I walked home along the river tonight."],
  [
    "2026-11-24T17:02:03Z",
    "companion",
    "voice",
    "Along the river, in this wind? Tell me what it",
    true,
    "Along the river, in this wind? Tell me what it looked like. I only know rivers from what people say about them.",
  ],
  ["2026-11-24T17:02:07Z", "person", "voice", "Grey, and fast, and there were two swans holding still in it."],
  ["2026-11-24T17:02:12Z", "companion", "voice", "Holding still in fast water is hard work. It only looks like peace."],
].map(([at, speaker, channel, words, cut = false, planned], i) => ({
  id: `m${i}`,
  sequence: 100 + i,
  at,
  speaker,
  channel,
  words,
  cut,
  ...(planned ? { planned } : {}),
}));

const older = Array.from({ length: 60 }, (_, i) => ({
  id: `o${i}`,
  sequence: 40 + i,
  at: new Date(Date.UTC(2026, 10, 20, 18, i)).toISOString(),
  speaker: i % 2 ? "companion" : "person",
  channel: "voice",
  words: i % 2 ? `And then? That was answer ${i}.` : `This was sentence ${i} of an older evening.`,
  cut: false,
}));

export const history = (query) => {
  const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
  const limit = Number(query.get("limit") ?? 50);
  const q = (query.get("q") ?? "").toLowerCase();
  const all = [...older, ...said].filter((m) => m.sequence < before && m.words.toLowerCase().includes(q));
  const items = all.slice(-Math.min(limit, q || before < 100 ? limit : 10));
  return { items, more: items.length < all.length };
};

const here = { place: "this machine", local: true, state: "ready" };

export const status = {
  parts: [
    { id: "ears", name: "What she hears with", model: "Moonshine tiny", ...here },
    { id: "turns", name: "How she knows you have finished", model: "Smart Turn 3.2", ...here },
    { id: "voice", name: "What she speaks with", model: "Kokoro 82M", ...here },
    { id: "mind", name: "What she thinks with", model: "Qwen2.5 1.5B Instruct", ...here },
    { id: "journal", name: "Where she keeps what was said", model: "sealed folder", ...here },
  ],
  mind: {
    model: "Qwen2.5 1.5B Instruct",
    place: "this machine",
    local: true,
    promptTokensPerSecond: 168,
    generateTokensPerSecond: 16.4,
  },
  leaves: [],
};

export const mind = {
  current: { model: "Qwen2.5 1.5B Instruct" },
  found: [{ kind: "ollama", address: "http://127.0.0.1:11434/v1", models: ["llama3.2:3b", "qwen2.5:7b"] }],
  consents: { talk: false, memories: false, mail: false, pictures: false },
};
