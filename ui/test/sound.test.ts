import { describe, expect, it } from "vitest";
import { SILENT_AFTER_MS, SILENT_AGAIN_AFTER_MS, SilenceWatch } from "../src/call/levels";
import { troubleOf } from "../src/call/microphone";
import { decodePCM, encodePCM } from "../src/call/pcm";
import { Resampler } from "../src/call/resample";
import { backoffMs } from "../src/protocol/backoff";

describe("PCM16", () => {
  it("comes back as it went", () => {
    const samples = Int16Array.from([0, 1, -1, 32767, -32768, 12345]);
    const back = decodePCM(encodePCM(samples));
    expect(Array.from(back, (v) => Math.round(v * 32768))).toEqual(Array.from(samples));
  });
  it("survives an odd length and rubbish", () => {
    expect(decodePCM(btoa("abc"))).toHaveLength(1);
    expect(decodePCM("!!! not base64")).toHaveLength(0);
  });
});

/** Root mean square of a tone of the given frequency after resampling, in whole and ragged pieces. */
function toneThrough(from: number, to: number, hertz: number): { rms: number; count: number } {
  const resampler = new Resampler(from, to);
  const out: number[] = [];
  for (let at = 0, size = 128; at < from; at += size, size = size === 128 ? 77 : 128) {
    const piece = Float32Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * hertz * (at + i)) / from));
    out.push(...resampler.push(piece));
  }
  const steady = out.slice(400, -400);
  return { rms: Math.sqrt(steady.reduce((s, v) => s + v * v, 0) / steady.length), count: out.length };
}

describe("Resampler", () => {
  for (const [from, to] of [
    [48_000, 24_000],
    [44_100, 24_000],
    [24_000, 48_000],
    [24_000, 44_100],
    [16_000, 24_000],
  ] as const) {
    it(`${from} to ${to} keeps speech as loud and as long as it was`, () => {
      for (const hertz of [200, 1000, 3000]) {
        const { rms, count } = toneThrough(from, to, hertz);
        expect(rms).toBeGreaterThan(0.7);
        expect(rms).toBeLessThan(0.715);
        expect(Math.abs(count - to)).toBeLessThan(200);
      }
    });
  }
  it("takes away what would come back as an alias", () => {
    for (const hertz of [15_000, 18_000, 22_000]) expect(toneThrough(48_000, 24_000, hertz).rms).toBeLessThan(0.002);
  });
});

describe("SilenceWatch", () => {
  it("tells a dead microphone from a quiet room", () => {
    const watch = new SilenceWatch();
    expect(watch.see(0, 0, true)).toBe(false);
    expect(watch.see(0, SILENT_AFTER_MS - 1, true)).toBe(false);
    expect(watch.see(0, SILENT_AFTER_MS, true)).toBe(true);
    expect(watch.see(0.001, SILENT_AFTER_MS + 1, true)).toBe(false);
  });
  it("gives one that was heard before more time", () => {
    const watch = new SilenceWatch();
    watch.see(0.1, 0, true);
    expect(watch.see(0, SILENT_AGAIN_AFTER_MS - 1, true)).toBe(false);
    expect(watch.see(0, SILENT_AGAIN_AFTER_MS, true)).toBe(true);
  });
  it("does not count the time it was muted on purpose", () => {
    const watch = new SilenceWatch();
    watch.see(0, 0, true);
    expect(watch.see(0, 60_000, false)).toBe(false);
    expect(watch.see(0, 60_001, true)).toBe(false);
  });
});

describe("troubleOf", () => {
  for (const [name, want] of [
    ["NotAllowedError", "refused"],
    ["NotFoundError", "missing"],
    ["NotReadableError", "busy"],
    ["SecurityError", "insecure"],
    ["Whatever", "unknown"],
  ] as const) {
    it(name, () => expect(troubleOf(new DOMException("", name))).toBe(want));
  }
});

describe("backoffMs", () => {
  it("grows, and not without end", () => {
    expect([1, 2, 3, 4, 5, 6, 20].map((attempt) => backoffMs(attempt, 0.5))).toEqual([
      500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
    expect(backoffMs(1, 0)).toBeLessThan(backoffMs(1, 0.99));
  });
});
