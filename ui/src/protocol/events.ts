// The events of the realtime protocol that this page reads, in OpenAI's GA names, and Twombly's own.
// Anything else is skipped: a newer server may say more than this page understands.

export type Attention = "listening" | "hearing" | "thinking" | "speaking";

export interface Item {
  id: string;
  type: string;
  role?: string;
  content?: { type: string; text?: string; transcript?: string }[];
}

export type ServerEvent =
  | { type: "session.created" | "session.updated" }
  | { type: "input_audio_buffer.speech_started"; item_id: string }
  | { type: "input_audio_buffer.speech_stopped"; item_id: string }
  | { type: "conversation.item.added" | "conversation.item.done"; item: Item }
  | { type: "conversation.item.input_audio_transcription.delta"; item_id: string; delta: string }
  | { type: "conversation.item.input_audio_transcription.completed"; item_id: string; transcript: string }
  | { type: "conversation.item.truncated"; item_id: string; audio_end_ms: number; transcript?: string }
  | { type: "response.created"; response?: { id: string } }
  | { type: "response.output_item.added"; item: Item }
  | { type: "response.output_audio_transcript.delta"; item_id: string; delta: string }
  | { type: "response.output_audio_transcript.done"; item_id: string; transcript: string }
  | { type: "response.output_text.delta"; item_id: string; delta: string }
  | { type: "response.output_text.done"; item_id: string; text: string }
  | { type: "response.output_audio.delta"; item_id: string; content_index?: number; delta: string }
  | { type: "response.output_audio.done"; item_id: string }
  | { type: "response.done"; response?: { id: string; status?: string } }
  | { type: "output_audio_buffer.started"; item_id?: string; rtp_timestamp?: number }
  | { type: "output_audio_buffer.stopped" | "output_audio_buffer.cleared"; item_id?: string }
  | { type: "twombly.state"; state: Attention }
  | { type: "twombly.duck"; item_id: string; down: boolean }
  | { type: "twombly.hold"; item_id: string; offsets_ms: number[] }
  | { type: "twombly.release"; item_id: string }
  | { type: "twombly.paused"; item_id: string; offset_ms: number }
  | { type: "twombly.resumed"; item_id: string; offset_ms: number; rtp_timestamp: number }
  | { type: "twombly.caption"; item_id: string; text: string; duration_ms: number }
  | { type: "twombly.partial"; item_id: string; text: string; stable: number }
  | { type: "twombly.notice"; code: string; message: string }
  | { type: "twombly.meeting" }
  | { type: "error"; error?: { code?: string; message?: string; event_id?: string | null } };

/** What this page sends. */
export type ClientEvent = { type: string; [key: string]: unknown };

/** Parses one message; null when it is not an event at all (broken JSON, no type). */
export function parseEvent(data: unknown): ServerEvent | null {
  if (typeof data !== "string") return null;
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event !== "object" || event === null || Array.isArray(event)) return null;
    return typeof (event as { type?: unknown }).type === "string" ? (event as ServerEvent) : null;
  } catch {
    return null;
  }
}

/** An identifier for an item this page makes, so that the server's echo of it is recognised. */
export function newItemID(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `item_${Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")}`;
}
