// Holds a conversation through the unmodified openai client for JavaScript: over WebSocket (which it always speaks as wss), and its
// REST routes.
//
//   node openai.mjs BASE_URL TOKEN CLIP.wav
//
// The clip is 16-bit mono WAV at 24 kHz. One JSON object on standard output says what happened; its "problems" lists what was
// not as it must be. The authority of the server's certificate comes in NODE_EXTRA_CA_CERTS.

import { createReadStream, readFileSync } from "node:fs";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

const [baseURL, apiKey, clip] = process.argv.slice(2);
const client = new OpenAI({ apiKey, baseURL, maxRetries: 0, timeout: 120_000 });
const result = {};
const problems = [];
const check = (what, holds) => holds || problems.push(what);

// conversation is a session whose events can be waited for, in order.
function conversation() {
  const socket = new OpenAIRealtimeWS({ model: "twombly" }, client);
  const events = [];
  let told = () => {};
  socket.on("event", (event) => {
    events.push(event);
    told();
  });
  socket.on("error", () => {}); // it is among the events too
  let at = 0;
  const until = async (type, where = () => true) => {
    const deadline = Date.now() + 90_000;
    for (;;) {
      while (at < events.length) {
        const event = events[at++];
        if (event.type === type && where(event)) return event;
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${type} came; there were ${events.slice(-12).map((event) => event.type)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        told = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return { socket, events, until, send: (event) => socket.send(event) };
}

async function say(talk) {
  const file = readFileSync(clip);
  const sound = Buffer.concat([file.subarray(44), Buffer.alloc(2 * 24000 * 2)]);
  const step = (24000 / 10) * 2;
  const began = Date.now();
  for (let at = 0, number = 1; at < sound.length; at += step, number++) {
    talk.send({ type: "input_audio_buffer.append", audio: sound.subarray(at, at + step).toString("base64") });
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + number * 100 - Date.now())));
  }
}

async function realtime() {
  const talk = conversation();
  await talk.until("session.created");
  talk.send({ type: "session.update", session: { type: "realtime", audio: { output: { voice: "marin" } } } });
  await talk.until("session.updated");

  const saying = say(talk);
  const done = await talk.until("response.done", (event) => event.response.status === "completed");
  await saying;
  const of = (type) => talk.events.filter((event) => event.type === type);
  result.heard = of("conversation.item.input_audio_transcription.completed").map((event) => event.transcript).join(" ");
  result.said = done.response.output[0].content[0].transcript;
  result.audio = Buffer.concat(
    of("response.output_audio.delta")
      .filter((event) => event.response_id === done.response.id)
      .map((event) => Buffer.from(event.delta, "base64")),
  ).toString("base64");
  check("the person's words were transcribed", result.heard);
  check("her voice was heard", result.audio.length > 20_000);

  talk.send({ type: "conversation.item.truncate", item_id: done.response.output[0].id, content_index: 0, audio_end_ms: 200 });
  await talk.until("conversation.item.truncated", (event) => event.audio_end_ms === 200);
  talk.send({ type: "conversation.item.truncate", item_id: done.response.output[0].id, content_index: 0, audio_end_ms: 9_000_000, event_id: "beyond" });
  const beyond = await talk.until("error", (event) => event.error.event_id === "beyond");
  check("beyond the item is refused", beyond.error.code === "item_truncate_invalid_audio_end_ms");

  // A function of the client's.
  talk.send({
    type: "session.update",
    session: {
      type: "realtime",
      output_modalities: ["text"],
      tools: [
        {
          type: "function",
          name: "get_weather",
          description: "What the weather is in a city now.",
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        },
      ],
    },
  });
  await talk.until("session.updated");
  talk.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text: "How is the weather in Lisbon?" }] },
  });
  talk.send({ type: "response.create", response: { tool_choice: { type: "function", name: "get_weather" } } });
  const called = await talk.until("response.done", (event) => event.response.status === "completed");
  const call = called.response.output.at(-1);
  result.called = call.arguments;
  check("she called the function", call.type === "function_call" && "city" in JSON.parse(call.arguments));
  talk.send({
    type: "conversation.item.create",
    item: { type: "function_call_output", call_id: call.call_id, output: JSON.stringify({ sky: "heavy rain", celsius: 11 }) },
  });
  talk.send({ type: "response.create", response: { tool_choice: "none" } });
  const knowing = await talk.until("response.done", (event) => event.response.status === "completed");
  result.knowing = knowing.response.output[0].content[0].text;
  check("she said what came of it", result.knowing);
  talk.socket.close();
}

async function rest() {
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  check("she is among the models", models.includes("twombly"));
  const stream = await client.chat.completions.create({
    model: "twombly",
    stream: true,
    max_tokens: 40,
    messages: [{ role: "user", content: "Say hello to me in one short sentence." }],
  });
  let pieces = 0;
  result.wrote = "";
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta?.content ?? "";
    result.wrote += piece;
    if (piece) pieces++;
  }
  check("the answer was streamed", pieces > 1);
  const transcript = await client.audio.transcriptions.create({ model: "twombly", file: createReadStream(clip) });
  result.transcribed = transcript.text;
  const speech = await client.audio.speech.create({ model: "twombly", voice: "alloy", input: "The kettle is on.", response_format: "wav" });
  result.speech = Buffer.from(await speech.arrayBuffer()).toString("base64");
  const refused = await client.chat.completions.create({ model: "of-nobody", messages: [] }).catch((error) => error);
  check("what is wrong is an error of the client's own", refused instanceof OpenAI.APIError && refused.status >= 400);
}

try {
  await realtime();
  await rest();
} catch (error) {
  problems.push(String(error.stack ?? error));
}
process.stdout.write(JSON.stringify({ ...result, problems }), () => process.exit(0));
