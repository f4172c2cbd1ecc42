// The mock's side of the realtime protocol. Tests push events; scripted, it answers whatever makes a sound.

import { base64, hum } from "./voice.mjs";

const heard = ["I", "I walked", "I walked home along", "I walked home along the river tonight."];
const replies = [
  [
    "Along the river,",
    "in this wind?",
    "Tell me what it looked like.",
    "I only know rivers from what people say about them.",
  ],
  ["That is a good way to end a day.", "Did you meet anybody,", "or was it only you and the water?"],
];

export class Realtime {
  constructor(scripted) {
    this.scripted = scripted;
    this.lines = new Set();
    /** Lines that look open and swallow everything, as after a sleep. */
    this.deafTo = [];
    this.received = [];
    /** The lengths of sound that came, in ms. */
    this.sounds = [];
    this.turn = 0;
    this.busy = false;
    this.stopped = false;
  }

  /** Takes a new connection. */
  take(line) {
    this.lines.add(line);
    line.on("close", () => this.lines.delete(line));
    line.on("message", (data) => this.deafTo.includes(line) || this.hear(JSON.parse(data.toString())));
    line.send(JSON.stringify({ type: "session.created", session: { type: "realtime" } }));
    this.push({ type: "twombly.state", state: "listening" });
  }

  push(event) {
    for (const line of this.lines) line.send(JSON.stringify(event));
  }

  /** Breaks every connection, as a lost network does. */
  drop() {
    for (const line of this.lines) line.terminate();
  }

  close() {
    this.stopped = true;
    this.drop();
  }

  hear(event) {
    if (event.type === "input_audio_buffer.append") {
      this.appended = (this.appended ?? 0) + 1;
      this.sounds.push((atob(event.audio).length / 48) | 0);
      if (this.scripted && !this.busy && loud(event.audio)) void this.converse(false);
      return;
    }
    this.received.push(event);
    if (event.type === "conversation.item.create") this.push({ type: "conversation.item.added", item: event.item });
    if (event.type === "twombly.hard_stop") this.cut = true;
    if (event.type === "response.create" && this.scripted && !this.busy) void this.converse(true);
  }

  async converse(typed) {
    this.busy = true;
    if (!typed) await this.listen();
    this.push({ type: "twombly.state", state: "thinking" });
    await pause(900);
    await this.speak(replies[this.turn % replies.length], `item_her${this.turn}`);
    this.turn++;
    this.busy = false;
  }

  async listen() {
    const item_id = `item_you${this.turn}`;
    this.push({ type: "twombly.state", state: "hearing" });
    this.push({ type: "input_audio_buffer.speech_started", item_id });
    for (const [i, text] of heard.entries()) {
      await pause(500);
      this.push({ type: "twombly.partial", item_id, text, stable: (heard[i - 1] ?? "").length });
    }
    this.push({ type: "input_audio_buffer.speech_stopped", item_id });
    const transcript = heard.at(-1);
    this.push({ type: "conversation.item.input_audio_transcription.completed", item_id, transcript });
  }

  /** Says clauses at their own pace, at most 200 ms ahead. */
  async speak(clauses, item_id) {
    this.cut = false;
    this.push({ type: "twombly.state", state: "speaking" });
    this.push({ type: "response.output_item.added", item: { id: item_id, type: "message", role: "assistant" } });
    let sent = 0;
    for (const text of clauses) {
      const duration_ms = text.length * 62 + 120;
      const samples = hum(duration_ms);
      this.push({ type: "twombly.caption", item_id, text, duration_ms });
      for (let at = 0; at < samples.length && !this.cut && !this.stopped; at += 2400) {
        const delta = base64(samples.subarray(at, at + 2400));
        this.push({ type: "response.output_audio.delta", item_id, content_index: 0, delta });
        sent += 100;
        await pause(97);
      }
      if (this.cut) break;
    }
    if (this.cut) this.push({ type: "conversation.item.truncated", item_id, content_index: 0, audio_end_ms: sent });
    this.push({ type: "response.output_audio_transcript.done", item_id, transcript: clauses.join(" ") });
    this.push({ type: "response.done", response: { id: "resp", status: this.cut ? "cancelled" : "completed" } });
    await pause(300);
    this.push({ type: "twombly.state", state: "listening" });
  }
}

function loud(audio) {
  const bytes = Buffer.from(audio, "base64");
  for (let i = 0; i + 1 < bytes.length; i += 2) if (Math.abs(bytes.readInt16LE(i)) > 2_000) return true;
  return false;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
