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
    map.add("a", 400, start, 0);
    map.add("a", 600, (start + 900 * MS) >>> 0, 0);
    const at = (ms: number) => map.at((start + ms * MS) >>> 0, 0);
    expect(at(-1)).toBeNull();
    expect(at(0)).toEqual({ itemID: "a", playedMs: 0, ended: false });
    expect(at(250)?.playedMs).toBe(250);
    expect(at(400)?.playedMs).toBe(400);
    expect(at(700)?.playedMs).toBe(400); // silence while the second clause is being made
    expect(at(1000)?.playedMs).toBe(500);
    expect(at(1500)).toEqual({ itemID: "a", playedMs: 1000, ended: true });
    expect(at(60_000)).toEqual({ itemID: "a", playedMs: 1000, ended: true });
  });

  it("takes clauses that all carry the item's beginning as contiguous", () => {
    const map = new PlaybackMap();
    map.add("a", 400, 48_000, 0);
    map.add("a", 600, 48_000, 0);
    expect(map.at(48_000 + 700 * MS, 0)?.playedMs).toBe(700);
  });

  it("takes the output latency off", () => {
    const map = new PlaybackMap();
    map.add("a", 400, 1000, 0);
    expect(map.at(1000 + 100 * MS, 30)?.playedMs).toBe(70);
    expect(map.at(1000 + 20 * MS, 30)).toBeNull();
  });

  it("goes over to the next item when that begins, and not before", () => {
    const map = new PlaybackMap();
    map.add("a", 400, 0, 0);
    map.add("b", 400, 1000 * MS, 0);
    expect(map.at(999 * MS, 0)).toEqual({ itemID: "a", playedMs: 400, ended: true });
    expect(map.at(1100 * MS, 0)).toEqual({ itemID: "b", playedMs: 100, ended: false });
    map.drop("b");
    expect(map.at(1100 * MS, 0)?.itemID).toBe("a");
  });

  it("is at the end of an item that is over, wherever its clauses seemed to be", () => {
    const map = new PlaybackMap();
    map.begin("a", 0);
    map.add("a", 400, undefined, 0);
    map.add("a", 600, undefined, 3000 * MS);
    expect(map.at(1000 * MS, 0)?.playedMs).toBe(400);
    map.end("a");
    expect(map.at(1000 * MS, 0)).toEqual({ itemID: "a", playedMs: 1000, ended: true });
  });

  it("waits for the timestamp that is told after the words", () => {
    const map = new PlaybackMap();
    map.add("a", 400, undefined, 700);
    map.add("a", 400, undefined, 800);
    expect(map.at(5000 + 500 * MS, 0)).toBeNull();
    map.begin("a", 5000);
    expect(map.at(5000 + 500 * MS, 0)?.playedMs).toBe(500);
  });

  it("knows of a clause that came late, though the server tells no timestamp of it", () => {
    const map = new PlaybackMap();
    map.begin("a", 0);
    map.add("a", 400, undefined, undefined);
    map.add("a", 400, undefined, 900 * MS);
    expect(map.at(930 * MS, 0)?.playedMs).toBe(400);
    expect(map.at(1040 * MS, 0)?.playedMs).toBe(500);
  });

  describe("when the sound goes on after a stop", () => {
    const map = new PlaybackMap();
    map.begin("a", 0);
    map.add("a", 410, undefined, undefined);
    map.add("a", 300, undefined, 200 * MS); // told in time, and yet made late
    map.add("a", 300, undefined, 200 * MS);

    it("a stop inside a clause moves nothing", () => {
      map.resumed(100 * MS, 250 * MS);
      expect(map.at(300 * MS, 0)?.playedMs).toBe(300);
    });
    it("a stop at a clause's end moves what follows", () => {
      map.resumed(400 * MS, 1000 * MS);
      expect(map.at(900 * MS, 0)?.playedMs).toBe(410);
      expect(map.at(1100 * MS, 0)?.playedMs).toBe(510);
      expect(map.at(1400 * MS, 0)?.playedMs).toBe(810);
    });
    it("and again at the next one", () => {
      map.resumed(1290 * MS, 2000 * MS);
      expect(map.at(1990 * MS, 0)?.playedMs).toBe(710);
      expect(map.at(2100 * MS, 0)?.playedMs).toBe(810);
      expect(map.at(9000 * MS, 0)).toEqual({ itemID: "a", playedMs: 1010, ended: true });
    });
    it("a stop after the end moves nothing", () => {
      map.resumed(2290 * MS, 3000 * MS);
      expect(map.at(2100 * MS, 0)?.playedMs).toBe(810);
    });
  });
});
