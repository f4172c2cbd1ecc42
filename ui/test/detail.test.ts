import { describe, expect, it } from "vitest";
import { DetailWatch } from "../src/form/detail";

const FRAME_MS = 1000 / 60;
function watched(pictures: number, passedMs: number, wantedMs = FRAME_MS): DetailWatch {
  const watch = new DetailWatch();
  for (let i = 0; i < pictures; i++) watch.see(passedMs, wantedMs);
  return watch;
}

describe("the detail of the form", () => {
  it("stays full while pictures come in time, fast or calm", () => {
    expect(watched(1000, FRAME_MS).detail).toEqual({ ratio: 2, threads: 60 });
    expect(watched(1000, 2 * FRAME_MS, 2 * FRAME_MS).detail).toEqual({ ratio: 2, threads: 60 });
  });
  it("begins lower where pixels are costly", () => {
    expect(new DetailWatch(true).detail).toEqual({ ratio: 1, threads: 24 });
  });
  it("is lowered step by step while they are late, to an end", () => {
    expect(watched(19, 40).detail.ratio).toBe(2);
    expect(watched(20, 40).detail.ratio).toBe(1.5);
    expect(watched(40, 40).detail).toEqual({ ratio: 1, threads: 36 });
    expect(watched(10_000, 40).detail).toEqual({ ratio: 0.75, threads: 20 });
  });
  it("is not lowered by a page that was away, nor raised again", () => {
    expect(watched(100, 5_000).detail.ratio).toBe(2);
    const watch = watched(20, 40);
    for (let i = 0; i < 100; i++) watch.see(FRAME_MS, FRAME_MS);
    expect(watch.detail.ratio).toBe(1.5);
  });
});
