import { describe, expect, it } from "vitest";
import { PlaybackMap, rtpDistanceMs } from "../src/protocol/position";

const MS = 48;

describe("rtpDistanceMs", () => {
  it("crosses the wrap both ways", () => {
    expect(rtpDistanceMs(0xffff_ff00, 0x20)).toBe((0x100 + 0x20) / MS);
    expect(rtpDistanceMs(0x20, 0xffff_ff00)).toBe(-(0x100 + 0x20) / MS);
  });
});

describe("PlaybackMap", () => {
  it("follows an item's clauses, across silence between them and across the wrap", () => {
    const start = 0xffff_ffff - 100 * MS;
    const map = new PlaybackMap();
    map.begin("a", start);
    map.add("a", 400);
    map.paused("a", 400);
    const at = (ms: number) => map.at((start + ms * MS) >>> 0, 0);
    expect(at(-1)).toBeNull();
    expect(at(0)).toEqual({ itemID: "a", playedMs: 0, ended: false });
    expect(at(250)?.playedMs).toBe(250);
    map.add("a", 600);
    expect(at(700)?.playedMs).toBe(400); // silence while the second clause is being made
    map.resumed("a", 400, (start + 900 * MS) >>> 0);
    expect(at(700)?.playedMs).toBe(400);
    expect(at(1000)?.playedMs).toBe(500);
    expect(at(1500)).toEqual({ itemID: "a", playedMs: 1000, ended: true });
    expect(at(60_000)).toEqual({ itemID: "a", playedMs: 1000, ended: true });
  });

  it("knows where she is held, in the middle of a clause and more than once", () => {
    const map = new PlaybackMap();
    map.begin("a", 0);
    map.add("a", 2000);
    map.paused("a", 300);
    expect(map.at(290 * MS, 0)?.playedMs).toBe(290);
    expect(map.at(500 * MS, 0)).toEqual({ itemID: "a", playedMs: 300, ended: false });
    map.resumed("a", 300, 600 * MS);
    map.paused("a", 700);
    expect(map.at(590 * MS, 0)?.playedMs).toBe(300);
    expect(map.at(650 * MS, 0)?.playedMs).toBe(350);
    expect(map.at(1900 * MS, 0)?.playedMs).toBe(700);
    map.resumed("a", 700, 2000 * MS);
    expect(map.at(2100 * MS, 0)?.playedMs).toBe(800);
  });

  it("takes clauses that are there in time as contiguous", () => {
    const map = new PlaybackMap();
    map.begin("a", 48_000);
    map.add("a", 400);
    map.add("a", 600);
    expect(map.at(48_000 + 700 * MS, 0)?.playedMs).toBe(700);
  });

  it("takes the output latency off", () => {
    const map = new PlaybackMap();
    map.begin("a", 1000);
    map.add("a", 400);
    expect(map.at(1000 + 100 * MS, 30)?.playedMs).toBe(70);
    expect(map.at(1000 + 20 * MS, 30)).toBeNull();
  });

  it("goes over to the next item when that begins, and not before", () => {
    const map = new PlaybackMap();
    map.begin("a", 0);
    map.add("a", 400);
    map.begin("b", 1000 * MS);
    map.add("b", 400);
    expect(map.at(999 * MS, 0)).toEqual({ itemID: "a", playedMs: 400, ended: true });
    expect(map.at(1100 * MS, 0)).toEqual({ itemID: "b", playedMs: 100, ended: false });
    map.drop("b");
    expect(map.at(1100 * MS, 0)?.itemID).toBe("a");
  });

  it("is at the end of an item that is over, wherever its clauses seemed to be", () => {
    const map = new PlaybackMap();
    map.begin("a", 0);
    map.add("a", 400);
    map.paused("a", 400);
    map.add("a", 600);
    expect(map.at(1000 * MS, 0)?.playedMs).toBe(400);
    map.end("a");
    expect(map.at(1000 * MS, 0)).toEqual({ itemID: "a", playedMs: 1000, ended: true });
  });

  it("waits for the timestamp that is told after the words", () => {
    const map = new PlaybackMap();
    map.add("a", 400);
    map.add("a", 400);
    expect(map.at(5000 + 500 * MS, 0)).toBeNull();
    map.begin("a", 5000);
    expect(map.at(5000 + 500 * MS, 0)?.playedMs).toBe(500);
  });
});
