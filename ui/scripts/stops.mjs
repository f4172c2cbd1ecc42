// Measures how soon the page is silent when it is told to be, and prints one JSON object: npm run stops
//   stop_ms_p50, _p95, _max   from the input event to the last sound that the browser plays of the page, while she speaks
//   other_ms_max              the same in all other states, in which nothing is to be heard any more
//   path_ms                   of it what the sound takes through the browser's output and its recording: a sound of known length, median of six
//   told_ms_max               to when the other end has heard of it
//   stops, late               how many there were, and how many took longer than LIMIT_MS or were followed by any sound of hers
//   quiet                     whether the machine did nothing else; only then a late stop fails
//
// What the browser plays is recorded from the browser's own output (the sound of the tab), behind everything that the page does to it. Stops are
// spread over a tap on the button, Escape, and a headset's button (which the system hands to the page as "pause"), over both kinds of line, and over
// what she is doing. What is still on its way to the page when it is told goes on coming, as from the program, which hears of the stop later.

import { chromium } from "playwright-core";
import { startMock } from "../mock/server.mjs";
import { base64 } from "../mock/voice.mjs";
import { FLAGS, startAnswerer } from "./line.mjs";
import { watchProcessor } from "./quiet.mjs";

const STOPS = Number(process.argv[2] ?? 100);
const LIMIT_MS = 150;
/** How long is listened after a stop, and how long after it what was on its way goes on coming. */
const LISTEN_MS = 500;
const LATE_MS = 30;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const kinds = ["websocket", "webrtc"];
const ways = ["tap", "escape", "headset"];
/** What she does when she is told: speaks; is held between two words and released too late; waits for a mind that hangs in mid-answer, and goes on too
 * late; thinks, with a tool or without, and nothing was heard of it yet; listens. */
const quietly = ["held", "hanging", "thinking", "tool", "listening"];
const states = quietly.flatMap((state) => ["speaking", state]);

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until something is so. */
async function until(so, what) {
  for (const end = Date.now() + 30_000; !(await so()); await wait(10)) {
    if (Date.now() > end) throw new Error(`it is not so that ${what}`);
  }
}

/** The microphone is silent: the devices that Chromium fakes would take the place of the tab's sound too. */
function silentMicrophone() {
  navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream;
  const handlers = {};
  window.headset = () => handlers.pause?.();
  const real = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
  navigator.mediaSession.setActionHandler = (action, handler) => {
    handlers[action] = handler;
    real(action, handler);
  };
}

const recorder = `registerProcessor("recorder", class extends AudioWorkletProcessor {
  last = -1;
  constructor() { super(); this.port.onmessage = () => this.port.postMessage(this.last); }
  process([input]) {
    const samples = input[0];
    if (samples && samples.some((x) => Math.abs(x) > 0.003)) this.last = currentTime + samples.length / sampleRate;
    return true;
  }
});`;

/** Records the tab, and notes when input events come, on the clock of the recording. */
async function record(recorder) {
  const tab = await navigator.mediaDevices.getDisplayMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    video: { width: 16, height: 16, frameRate: 1 },
    preferCurrentTab: true,
  });
  const context = new AudioContext();
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([recorder], { type: "text/javascript" })));
  const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  context.createMediaStreamSource(new MediaStream(tab.getAudioTracks())).connect(node);
  const ask = () =>
    new Promise((resolve) => {
      node.port.onmessage = ({ data }) => resolve(data);
      node.port.postMessage(0);
    });
  const stopped = { at: 0 };
  const note = (event) => {
    const late = (performance.now() - event.timeStamp) / 1000;
    stopped.at = context.currentTime - late;
    window.toldFrom = performance.timeOrigin + event.timeStamp;
  };
  window.addEventListener("keydown", note, { capture: true });
  window.addEventListener("pointerdown", note, { capture: true });
  window.pressHeadset = () => {
    note({ timeStamp: performance.now() });
    window.headset();
  };
  /** Whether anything was heard in the last seconds; and by how many ms the last sound is later than the stop. */
  window.heardWithin = async (seconds) => (await ask()) > context.currentTime - seconds;
  /** How long a sound takes from the page through the browser's output to the recording, in ms: as much is counted too much for each stop. */
  window.path = async () => {
    const click = context.createOscillator();
    click.connect(context.destination);
    const at = context.currentTime + 0.1;
    click.start(at);
    click.stop(at + 0.3);
    await new Promise((done) => setTimeout(done, 1200));
    return ((await ask()) - at - 0.3) * 1000;
  };
  window.soundedFor = async () => Math.max(0, ((await ask()) - stopped.at) * 1000);
}

/** The page in a call, and the other end of its line: says that she speaks, falls silent, goes on. */
async function visit(browser, kind) {
  const mock = await startMock({});
  const context = await browser.newContext({ ...PHONE, bypassCSP: true });
  const page = await context.newPage();
  await page.addInitScript(silentMicrophone);
  const answerer = kind === "webrtc" ? await startAnswerer(`${mock.url}/icon.svg`) : null;
  if (answerer) {
    await page.route("**/v1/realtime/calls", async (route) => {
      const body = await answerer.answer(route.request().postData() ?? "");
      await route.fulfill({ status: 201, headers: { Location: "/v1/realtime/calls/rtc_stops" }, body });
    });
  }
  await page.goto(mock.url);
  await page.getByRole("button", { name: /^Talk/ }).click();
  await page.locator('[data-phase="live"]').waitFor();
  await page.evaluate(record, recorder);
  const line = answerer ? peerLine(answerer) : socketLine(mock);
  const leave = async () => {
    await line.silence();
    await context.close();
    await answerer?.close();
    await mock.close();
  };
  return { page, line, leave };
}

/** Over the WebSocket sound comes in pieces, 200 ms ahead. */
function socketLine(mock) {
  const piece = new Int16Array(2400);
  for (let i = 0; i < piece.length; i++) piece[i] = 6000 * Math.sin((2 * Math.PI * 220 * i) / 24_000);
  const delta = base64(piece);
  let timer;
  const play = (item_id) => {
    const push = () => mock.realtime.push({ type: "response.output_audio.delta", item_id, content_index: 0, delta });
    push();
    push();
    timer = setInterval(push, 100);
  };
  return {
    send: (event) => mock.realtime.push(event),
    sound: play,
    goOn: play,
    silence: () => clearInterval(timer),
    hold: (item_id) =>
      mock.realtime.push({ type: "twombly.hold", item_id, offsets_ms: [...Array(600).keys()].map((i) => i * 100) }),
    release: (item_id) => mock.realtime.push({ type: "twombly.release", item_id }),
    told: () => mock.realtime.received.filter((event) => event.type === "twombly.hard_stop").length,
  };
}

/** Over WebRTC sound comes all the time, and is silent or not. */
function peerLine(answerer) {
  const started = async (item_id) => {
    await answerer.send({ type: "output_audio_buffer.started", item_id });
    await answerer.sound(true);
  };
  return {
    send: answerer.send,
    sound: started,
    goOn: () => answerer.sound(true),
    silence: () => answerer.sound(false),
    hold: () => answerer.sound(false),
    release: () => answerer.sound(true),
    told: async () => (await answerer.received()).filter((event) => event.type === "twombly.hard_stop").length,
  };
}

/** Brings her into a state; returns what still comes after the stop. */
async function bring({ page, line }, state, item) {
  const mood = { held: "speaking", hanging: "speaking", tool: "thinking" }[state] ?? state;
  const listens = ["listening", "silent"]; // the microphone has nothing in it, which the page says after a while
  await line.send({ type: "response.output_item.added", item: { id: item, type: "message", role: "assistant" } });
  if (state !== "thinking" && state !== "listening") {
    await line.send({ type: "twombly.state", state: "speaking" });
    await line.send({ type: "twombly.caption", item_id: item, text: "I go on about this. ", duration_ms: 60_000 });
    await line.sound(item);
    await until(() => page.evaluate(() => window.heardWithin(0.1)), "she is heard");
  }
  await line.send({ type: "twombly.state", state: mood });
  const is = () => page.locator("main").getAttribute("data-mood");
  const fits = (now) => now === mood || (mood === "listening" && listens.includes(now));
  await until(async () => fits(await is()), `she is ${mood}`).catch(async (error) => {
    throw new Error(`${error.message}: she is ${await is()}`);
  });
  if (state === "held") await line.hold(item);
  if (state === "hanging" || state === "tool") await line.silence();
  if (state !== "speaking")
    await until(() => page.evaluate(async () => !(await window.heardWithin(0.3))), "she is silent");
  return async () => {
    if (state === "held") await line.release(item);
    if (state === "hanging") await line.goOn(item);
  };
}

/** One stop; how long she was heard after it, and how long it took until the other end knew. */
async function stop(visited, state, way, number) {
  const { page, line } = visited;
  const late = await bring(visited, state, `item_${number}`);
  const before = await line.told();
  if (way === "tap") await page.getByRole("button", { name: "Hush" }).tap();
  else if (way === "escape") await page.keyboard.press("Escape");
  else await page.evaluate(() => window.pressHeadset());
  const pressed = Date.now();
  await wait(LATE_MS);
  await late();
  while ((await line.told()) === before && Date.now() - pressed < LISTEN_MS) await wait(2);
  const told =
    (await line.told()) > before ? Date.now() - (await page.evaluate(() => window.toldFrom)) : Number.POSITIVE_INFINITY;
  await wait(LISTEN_MS);
  const sounded = await page.evaluate(() => window.soundedFor());
  await line.silence();
  await line.send({ type: "twombly.state", state: "listening" });
  return { kind: visited.kind, state, way, sounded_ms: Math.round(sounded), told_ms: Math.round(told) };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  ignoreDefaultArgs: ["--mute-audio"],
  args: [...FLAGS, "--auto-accept-this-tab-capture"],
});
const watch = watchProcessor();
const all = [];
const path = [];
for (const kind of kinds) {
  const visited = { ...(await visit(browser, kind)), kind };
  for (let i = 0; i < 3; i++) path.push(await visited.page.evaluate(() => window.path()));
  for (let i = 0; i < STOPS / 2; i++) {
    const one = await stop(
      visited,
      states[i % states.length],
      ways[(i + Math.floor(i / states.length)) % ways.length],
      i,
    );
    all.push(one);
    console.error(Object.values(one).join(" "));
  }
  await visited.leave();
}
const quiet = watch();
await browser.close();

const sounded = (ones) => ones.map((one) => one.sounded_ms).sort((a, b) => a - b);
const sorted = sounded(all.filter((one) => one.state === "speaking"));
const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
const late = all.filter((one) => one.sounded_ms > LIMIT_MS || one.told_ms === Number.POSITIVE_INFINITY);
console.log(
  JSON.stringify({
    stops: all.length,
    stop_ms_p50: at(0.5),
    stop_ms_p95: at(0.95),
    stop_ms_max: at(1),
    other_ms_max: sounded(all.filter((one) => one.state !== "speaking")).at(-1),
    path_ms: Math.round(path.sort((a, b) => a - b)[Math.floor(path.length / 2)]),
    told_ms_max: Math.max(...all.map((one) => one.told_ms)),
    late,
    quiet,
    by_way: Object.fromEntries(ways.map((way) => [way, sounded(all.filter((one) => one.way === way)).at(-1)])),
    by_line: Object.fromEntries(kinds.map((kind) => [kind, sounded(all.filter((one) => one.kind === kind)).at(-1)])),
  }),
);
if (late.length > 0 && quiet.quiet) process.exitCode = 1;
