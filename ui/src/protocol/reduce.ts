// What the page knows of a call, as a pure function: state and something that happened give the next state. Nothing here
// reads a clock, touches the document or keeps a promise, so that all of it is tested by tables.

import { type Clause, heardText, joinClauses, totalMs } from "./captions";
import type { Attention, Item, ServerEvent } from "./events";

/** idle: no call. away: the line was lost and is being tried again. */
export type Phase = "idle" | "connecting" | "live" | "away";

/** off: a written conversation. silent: it runs, but not the least sound comes. paused: the system took it. */
export type Microphone = "off" | "live" | "silent" | "lost" | "paused";

export interface Line {
  id: string;
  speaker: "person" | "companion";
  /** The person's words so far, or all of hers that were sent. */
  text: string;
  /** How many characters of the text will not change any more. */
  stable: number;
  final: boolean;
  clauses: Clause[];
  /** How much of her clauses has sounded, in milliseconds. */
  playedMs: number;
  /** She was interrupted; heard is what was played. */
  cut: boolean;
  heard: string;
}

export interface Notice {
  code: string;
  message: string;
}

export interface Talk {
  phase: Phase;
  attention: Attention;
  microphone: Microphone;
  muted: boolean;
  lines: Line[];
  notice: Notice | null;
  /** Counts up whenever the first meeting moved on. */
  meeting: number;
}

export type Happening =
  | { kind: "server"; event: ServerEvent }
  | { kind: "phase"; phase: Phase }
  | { kind: "microphone"; microphone: Microphone }
  | { kind: "mute"; muted: boolean }
  | { kind: "played"; itemID: string; playedMs: number }
  | { kind: "typed"; itemID: string; text: string }
  | { kind: "notice"; notice: Notice | null };

export const quiet: Talk = {
  phase: "idle",
  attention: "listening",
  microphone: "off",
  muted: false,
  lines: [],
  notice: null,
  meeting: 0,
};

/** Lines kept in the call view; the rest is in the history. */
const KEPT = 40;

export function reduce(talk: Talk, happening: Happening): Talk {
  switch (happening.kind) {
    case "server":
      return reduceEvent(talk, happening.event);
    case "phase": {
      const resting = happening.phase !== "live";
      const muted = happening.phase === "idle" ? false : talk.muted;
      return { ...talk, phase: happening.phase, muted, attention: resting ? "listening" : talk.attention };
    }
    case "microphone":
      return { ...talk, microphone: happening.microphone, notice: noticeAfter(talk.notice, happening.microphone) };
    case "mute":
      return { ...talk, muted: happening.muted };
    case "played":
      return change(talk, happening.itemID, (line) =>
        line.cut ? line : { ...line, playedMs: Math.max(line.playedMs, happening.playedMs) },
      );
    case "typed":
      return upsert(talk, happening.itemID, "person", (line) => ({
        ...line,
        text: happening.text,
        stable: happening.text.length,
        final: true,
      }));
    case "notice":
      return { ...talk, notice: happening.notice };
  }
}

function reduceEvent(talk: Talk, event: ServerEvent): Talk {
  switch (event.type) {
    case "session.created":
      return { ...talk, phase: "live", notice: noticeAfterReturn(talk.notice) };
    case "twombly.state":
      return { ...talk, attention: event.state };
    case "input_audio_buffer.speech_started":
      return talk.attention === "speaking" ? talk : { ...talk, attention: "hearing" };
    case "twombly.partial":
      return upsert(talk, event.item_id, "person", (line) =>
        line.final ? line : { ...line, text: event.text, stable: charactersOf(event.text, event.stable) },
      );
    case "conversation.item.input_audio_transcription.completed":
      return upsert(talk, event.item_id, "person", (line) => ({
        ...line,
        text: event.transcript,
        stable: event.transcript.length,
        final: true,
      }));
    case "conversation.item.added":
    case "conversation.item.done":
      return reduceItem(talk, event.item);
    case "response.output_item.added":
      return reduceItem(talk, { ...event.item, role: event.item.role ?? "assistant" });
    case "twombly.caption":
      return upsert(talk, event.item_id, "companion", (line) => {
        const clauses = [...line.clauses, { text: event.text, durationMs: event.duration_ms }];
        return { ...line, clauses, text: joinClauses(clauses) };
      });
    case "response.output_text.delta":
      return upsert(talk, event.item_id, "companion", (line) =>
        line.clauses.length > 0 ? line : { ...line, text: line.text + event.delta, stable: Number.MAX_SAFE_INTEGER },
      );
    case "response.output_text.done":
      return upsert(talk, event.item_id, "companion", (line) => ({ ...line, text: event.text, final: true }));
    case "response.output_audio_transcript.done":
      // All was generated, not yet all heard: the captions go on telling it.
      return upsert(talk, event.item_id, "companion", (line) => ({
        ...line,
        text: line.clauses.length > 0 ? line.text : event.transcript,
        final: true,
      }));
    case "conversation.item.truncated":
      return change(talk, event.item_id, (line) => ({
        ...line,
        cut: true,
        final: true,
        playedMs: event.audio_end_ms,
        heard: event.transcript ?? heardText(line.clauses, event.audio_end_ms),
      }));
    case "twombly.notice":
      return { ...talk, notice: { code: event.code, message: event.message } };
    case "twombly.meeting":
      return { ...talk, meeting: talk.meeting + 1 };
    case "error":
      return reduceError(talk, event.error?.code ?? "error", event.error?.message ?? "Something went wrong.");
    default:
      return talk;
  }
}

/** What was said about a microphone is over when there is one again. */
function noticeAfter(notice: Notice | null, microphone: Microphone): Notice | null {
  return microphone === "live" && notice?.code.startsWith("microphone.") ? null : notice;
}

/** A new line ends what was said of the old one; what is said of the person's own devices stays true. */
function noticeAfterReturn(notice: Notice | null): Notice | null {
  return notice && /^(device|sound)\./.test(notice.code) ? notice : null;
}

/** The server counts bytes of UTF-8; the page cuts strings by characters. */
function charactersOf(text: string, bytes: number): number {
  const whole = new TextEncoder().encode(text);
  return bytes >= whole.length ? text.length : new TextDecoder().decode(whole.slice(0, Math.max(0, bytes))).length;
}

/** Errors that answer a race between this page and the server, and mean nothing to a person. */
const raced = new Set(["response_cancel_not_active", "invalid_item_state", "item_not_found"]);

function reduceError(talk: Talk, code: string, message: string): Talk {
  return raced.has(code) ? talk : { ...talk, notice: { code, message } };
}

function reduceItem(talk: Talk, item: Item): Talk {
  if (item.type !== "message") return talk;
  const typed = item.content?.find((part) => part.type === "input_text")?.text;
  if (item.role === "user" && typed !== undefined) {
    return reduce(talk, { kind: "typed", itemID: item.id, text: typed });
  }
  if (item.role === "user" || item.role === "assistant") {
    return upsert(talk, item.id, item.role === "user" ? "person" : "companion", (line) => line);
  }
  return talk;
}

function change(talk: Talk, id: string, edit: (line: Line) => Line): Talk {
  const at = talk.lines.findIndex((line) => line.id === id);
  const line = talk.lines[at];
  if (!line) return talk;
  const edited = edit(line);
  return edited === line ? talk : { ...talk, lines: talk.lines.with(at, edited) };
}

function upsert(talk: Talk, id: string, speaker: Line["speaker"], edit: (line: Line) => Line): Talk {
  if (talk.lines.some((line) => line.id === id)) return change(talk, id, edit);
  const fresh: Line = {
    id,
    speaker,
    text: "",
    stable: 0,
    final: false,
    clauses: [],
    playedMs: 0,
    cut: false,
    heard: "",
  };
  return { ...talk, lines: [...talk.lines, edit(fresh)].slice(-KEPT) };
}

/** The words of a line that a person should see now. */
export function shownText(line: Line): string {
  if (line.cut) return line.heard;
  if (line.speaker === "person" || line.clauses.length === 0) return line.text;
  return heardText(line.clauses, line.playedMs);
}

/** Whether all of her line has been heard (or will be no more). */
export function isOver(line: Line): boolean {
  if (!line.final) return false;
  return line.cut || line.speaker === "person" || line.playedMs >= totalMs(line.clauses) - 60;
}

/** What the living form and the quiet word show. */
export type Mood = "asleep" | "connecting" | "away" | "lost" | "paused" | "muted" | "silent" | Attention;

export function mood(talk: Talk): Mood {
  if (talk.phase === "idle") return "asleep";
  if (talk.phase !== "live") return talk.phase;
  if (talk.attention === "speaking" || talk.attention === "thinking") return talk.attention;
  if (talk.muted) return "muted";
  if (talk.microphone === "lost" || talk.microphone === "paused" || talk.microphone === "silent")
    return talk.microphone;
  return talk.attention;
}
