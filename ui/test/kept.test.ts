import { describe, expect, it } from "vitest";
import { joined, spokenPart } from "../src/call/kept";

const piece = (value: number) => new Int16Array(480).fill(value);
const quiet = (count: number) => Array.from({ length: count }, () => piece(20));

describe("what is kept while there is no line", () => {
  it("is nothing when nobody spoke", () => {
    expect(spokenPart([])).toEqual([]);
    expect(spokenPart(quiet(100))).toEqual([]);
  });

  it("begins half a second before the first sound, and goes on to the end", () => {
    const all = [...quiet(100), piece(-4000), ...quiet(30)];
    expect(spokenPart(all)).toEqual(all.slice(75));
    expect(spokenPart([piece(4000), ...quiet(3)])).toHaveLength(4);
  });

  it("is sent in larger pieces, none of it lost", () => {
    const pieces = Array.from({ length: 13 }, (_, i) => piece(i));
    const sent = joined(pieces, 5);
    expect(sent.map((one) => one.length)).toEqual([2400, 2400, 1440]);
    expect([...new Int16Array(sent.flatMap((one) => [...one]))]).toEqual(pieces.flatMap((one) => [...one]));
  });
});
