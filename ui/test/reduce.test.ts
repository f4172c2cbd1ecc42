import { describe, expect, it } from "vitest";
import type { ServerEvent } from "../src/protocol/events";
import { parseEvent } from "../src/protocol/events";
import { isOver, mood, quiet, reduce, shownText, type Talk } from "../src/protocol/reduce";

const take = (events: ServerEvent[], from: Talk = quiet) =>
  events.reduce((talk, event) => reduce(talk, { kind: "server", event }), from);
const line = (talk: Talk, id: string) => {
  const found = talk.lines.find((l) => l.id === id);
  if (!found) throw new Error(`no line ${id}`);
  return found;
};

describe("the person's words", () => {
  it("change while they are uncertain and stand when they are final", () => {
    const talk = take([
      { type: "twombly.partial", item_id: "p", text: "I walked to the liver", stable: 15 },
      { type: "twombly.partial", item_id: "p", text: "I walked to the river", stable: 21 },
      {
        type: "conversation.item.input_audio_transcription.completed",
        item_id: "p",
        transcript: "I walked to the river.",
      },
      { type: "twombly.partial", item_id: "p", text: "late and wrong", stable: 0 },
    ]);
    expect(line(talk, "p")).toMatchObject({ text: "I walked to the river.", final: true, speaker: "person" });
  });

  it("never count more characters as stable than there are", () => {
    const talk = take([{ type: "twombly.partial", item_id: "p", text: "Hi", stable: 99 }]);
    expect(line(talk, "p").stable).toBe(2);
  });

  it("take the server's bytes as the characters they make", () => {
    const talk = take([{ type: "twombly.partial", item_id: "p", text: "Käse – gut", stable: 9 }]);
    expect(line(talk, "p").text.slice(0, line(talk, "p").stable)).toBe("Käse –");
  });

  it("typed here and echoed by the server are one line", () => {
    let talk = reduce(quiet, { kind: "typed", itemID: "item_1", text: "hello" });
    talk = take(
      [
        {
          type: "conversation.item.added",
          item: { id: "item_1", type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] },
        },
      ],
      talk,
    );
    expect(talk.lines).toHaveLength(1);
  });
});

describe("her words", () => {
  const spoken: ServerEvent[] = [
    { type: "response.output_item.added", item: { id: "h", type: "message", role: "assistant" } },
    { type: "twombly.caption", item_id: "h", text: "Good evening,", duration_ms: 800 },
    { type: "twombly.caption", item_id: "h", text: "Mara.", duration_ms: 500 },
    { type: "response.output_audio_transcript.done", item_id: "h", transcript: "Good evening, Mara." },
  ];

  it("are shown as they are heard", () => {
    let talk = take(spoken);
    expect(shownText(line(talk, "h"))).toBe("");
    talk = reduce(talk, { kind: "played", itemID: "h", playedMs: 800 });
    expect(shownText(line(talk, "h"))).toBe("Good evening,");
    expect(isOver(line(talk, "h"))).toBe(false);
    talk = reduce(talk, { kind: "played", itemID: "h", playedMs: 700 }); // reports never go back
    expect(line(talk, "h").playedMs).toBe(800);
    talk = reduce(talk, { kind: "played", itemID: "h", playedMs: 1300 });
    expect(shownText(line(talk, "h"))).toBe("Good evening, Mara.");
    expect(isOver(line(talk, "h"))).toBe(true);
  });

  it("stay what was heard after an interruption", () => {
    let talk = reduce(take(spoken), { kind: "played", itemID: "h", playedMs: 900 });
    talk = take([{ type: "conversation.item.truncated", item_id: "h", audio_end_ms: 790 }], talk);
    talk = reduce(talk, { kind: "played", itemID: "h", playedMs: 1300 });
    expect(shownText(line(talk, "h"))).toBe("Good evening,");
    expect(line(talk, "h")).toMatchObject({ cut: true, final: true });
  });

  it("take the server's word for what was heard", () => {
    const cut = { type: "conversation.item.truncated", item_id: "h", audio_end_ms: 790, transcript: "Good" } as const;
    expect(shownText(line(take([...spoken, cut]), "h"))).toBe("Good");
  });

  it("written appear at once", () => {
    const talk = take([
      { type: "response.output_text.delta", item_id: "t", delta: "Good " },
      { type: "response.output_text.delta", item_id: "t", delta: "evening." },
      { type: "response.output_text.done", item_id: "t", text: "Good evening." },
    ]);
    expect(shownText(line(talk, "t"))).toBe("Good evening.");
  });
});

describe("mood", () => {
  const live = { ...quiet, phase: "live", microphone: "live" } as const;
  const table: [string, Talk, string][] = [
    ["no call", quiet, "asleep"],
    ["opening", { ...quiet, phase: "connecting" }, "connecting"],
    ["lost line", { ...live, phase: "away", muted: true }, "away"],
    ["listening", live, "listening"],
    ["hearing", { ...live, attention: "hearing" }, "hearing"],
    ["muted", { ...live, muted: true }, "muted"],
    ["muted while she speaks", { ...live, muted: true, attention: "speaking" }, "speaking"],
    ["silent microphone", { ...live, microphone: "silent" }, "silent"],
    ["microphone gone", { ...live, microphone: "lost" }, "lost"],
    ["microphone gone and muted", { ...live, microphone: "lost", muted: true }, "muted"],
  ];
  for (const [name, talk, want] of table) it(name, () => expect(mood(talk)).toBe(want));
});

describe("what does not belong", () => {
  it("unknown events and unknown items change nothing", () => {
    const unknown = { type: "rate_limits.updated" } as unknown as ServerEvent;
    expect(take([unknown])).toBe(quiet);
    expect(take([{ type: "conversation.item.truncated", item_id: "nobody", audio_end_ms: 1 }])).toBe(quiet);
  });

  it("races are not shown to the person; errors are", () => {
    expect(take([{ type: "error", error: { code: "response_cancel_not_active", message: "x" } }]).notice).toBeNull();
    expect(take([{ type: "error", error: { code: "too_long", message: "Too long." } }]).notice?.message).toBe(
      "Too long.",
    );
  });

  it("rubbish is no event", () => {
    for (const data of ["", "{", "null", "[]", "7", '{"type":5}', new ArrayBuffer(2)]) {
      expect(parseEvent(data)).toBeNull();
    }
    expect(parseEvent('{"type":"twombly.meeting"}')).toEqual({ type: "twombly.meeting" });
  });

  it("an endless talk keeps a bounded number of lines", () => {
    let talk = quiet;
    for (let i = 0; i < 500; i++) talk = reduce(talk, { kind: "typed", itemID: `i${i}`, text: "x" });
    expect(talk.lines.length).toBeLessThanOrEqual(40);
    expect(talk.lines.at(-1)?.id).toBe("i499");
  });
});

describe("what is said of a device", () => {
  const said = (code: string) => reduce(quiet, { kind: "notice", notice: { code, message: "x" } });
  it("stays true on a new line, where what was said of the old line is over", () => {
    const left = (code: string) => take([{ type: "session.created" }], said(code)).notice?.code;
    expect(left("device.microphone")).toBe("device.microphone");
    expect(left("sound.stopped")).toBe("sound.stopped");
    expect(left("mind.slow")).toBeUndefined();
  });
  it("tells a microphone that is held from one that is gone", () => {
    const live: Talk = { ...quiet, phase: "live" };
    expect(mood({ ...live, microphone: "paused" })).toBe("paused");
    expect(mood({ ...live, microphone: "lost" })).toBe("lost");
  });
});
