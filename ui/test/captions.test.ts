import { describe, expect, it } from "vitest";
import { append, heardText, joinClauses } from "../src/protocol/captions";

const clauses = [
  { text: "Good evening,", durationMs: 800 },
  { text: "Mara. ", durationMs: 500 },
  { text: "You sound tired.", durationMs: 1000 },
];

describe("heardText", () => {
  const table: { at: number; heard: string }[] = [
    { at: -5, heard: "" },
    { at: 0, heard: "" },
    { at: 1, heard: "Good" },
    { at: 799, heard: "Good evening," },
    { at: 800, heard: "Good evening," },
    { at: 801, heard: "Good evening, Mara." },
    { at: 1301, heard: "Good evening, Mara. You" },
    { at: 2299, heard: "Good evening, Mara. You sound tired." },
    { at: 2300, heard: "Good evening, Mara. You sound tired." },
    { at: 99_999, heard: "Good evening, Mara. You sound tired." },
  ];
  for (const { at, heard } of table) {
    it(`at ${at} ms is “${heard}”`, () => expect(heardText(clauses, at)).toBe(heard));
  }

  it("never takes a word back, and is always a beginning of the whole", () => {
    const whole = joinClauses(clauses);
    let before = "";
    for (let at = 0; at <= 2400; at += 7) {
      const now = heardText(clauses, at);
      expect(now.startsWith(before.trimEnd())).toBe(true);
      expect(whole.startsWith(now)).toBe(true);
      before = now;
    }
  });

  it("shows words without sound at once", () => {
    expect(heardText([{ text: "Written.", durationMs: 0 }], 0)).toBe("Written.");
  });
});

describe("append", () => {
  it("puts one space between, and none where there is one", () => {
    expect(append("a", "b")).toBe("a b");
    expect(append("a ", "b")).toBe("a b");
    expect(append("a", " b")).toBe("a b");
    expect(append("", "b")).toBe("b");
  });
});
