// A page that talks with her through the unmodified @openai/agents-realtime, over WebRTC. What happens is kept in window.talk,
// where the test looks.

import { OpenAIRealtimeWebRTC, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { z } from "zod";

const talk = { connected: false, history: [], called: [], errors: [], events: [], interrupted: 0, insisted: false };
window.talk = talk;

const weather = tool({
  name: "get_weather",
  description: "What the weather is in a city now.",
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    talk.called.push(city);
    // Or she would have to answer what came of it with another call.
    if (talk.insisted) window.session.transport.updateSessionConfig({ toolChoice: "auto" });
    return JSON.stringify({ sky: "heavy rain", celsius: 11 });
  },
});

window.connect = async (address, secret) => {
  const agent = new RealtimeAgent({ name: "Guest", instructions: "Answer in one short sentence.", tools: [weather] });
  const session = new RealtimeSession(agent, {
    transport: new OpenAIRealtimeWebRTC({ baseUrl: `${address}/v1/realtime/calls`, audioElement: document.querySelector("audio") }),
    model: "twombly",
    tracingDisabled: true,
  });
  session.on("history_updated", (history) => {
    talk.history = history.map((item) => ({
      type: item.type,
      role: item.role,
      status: item.status,
      words: (item.content ?? []).map((part) => part.transcript ?? part.text ?? "").join(" "),
    }));
  });
  session.on("error", (error) => talk.errors.push(JSON.stringify(error?.error ?? String(error))));
  session.on("audio_interrupted", () => talk.interrupted++);
  session.transport.on("*", (event) => talk.events.push(event.type));
  window.session = session;
  await session.connect({ apiKey: secret });
  talk.connected = true;
};

window.write = (text) => window.session.sendMessage(text);
// She must call a function, whatever her mind would rather do.
window.insist = () => {
  talk.insisted = true;
  window.session.transport.updateSessionConfig({ toolChoice: "required" });
};
// Whether her voice is still to be heard: the last word on her sound is that it began.
window.speaks = () => talk.events.findLast((type) => type.startsWith("output_audio_buffer."))?.endsWith(".started") ?? false;
window.leave = () => window.session.close();
