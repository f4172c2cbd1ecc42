// How loud the two voices are, read from analysers that stand beside the sound and never in its way.

/** Below the smallest step of 16-bit sound nothing was heard at all: even a quiet room makes more. */
const NOTHING = 1 / 32_768;
/** After this long without the least sound a microphone counts as silent. */
export const SILENT_AFTER_MS = 10_000;
/** One that has been heard before gets longer: some systems close the gate between two sentences. */
export const SILENT_AGAIN_AFTER_MS = 30_000;

export class Meter {
  private readonly samples: Float32Array<ArrayBuffer>;
  private smooth = 0;

  constructor(readonly node: AnalyserNode) {
    node.fftSize = 1024;
    this.samples = new Float32Array(node.fftSize);
  }

  /** The greatest magnitude in the last 20 ms or so, 0 to 1. */
  peak(): number {
    this.node.getFloatTimeDomainData(this.samples);
    let peak = 0;
    for (const value of this.samples) peak = Math.max(peak, Math.abs(value));
    return peak;
  }

  /** A loudness from 0 (−52 dBFS and less) to 1 (−12 dBFS), rising quickly and falling slowly, for the form. */
  level(): number {
    this.node.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const value of this.samples) sum += value * value;
    const decibels = 10 * Math.log10(sum / this.samples.length + 1e-10);
    const target = Math.max(0, Math.min(1, (decibels + 52) / 40));
    this.smooth += (target - this.smooth) * (target > this.smooth ? 0.45 : 0.12);
    return this.smooth;
  }
}

/** Tells a microphone that gives nothing from a quiet room, by the peaks it is shown. Pure: the clock is the caller's. */
export class SilenceWatch {
  private lastSound: number | null = null;
  private heard = false;

  /** Returns whether the microphone is silent at nowMs. While it is muted on purpose, pass listening=false. */
  see(peak: number, nowMs: number, listening: boolean): boolean {
    if (this.lastSound === null || !listening || peak > NOTHING) this.lastSound = nowMs;
    if (listening && peak > NOTHING) this.heard = true;
    return nowMs - this.lastSound >= (this.heard ? SILENT_AGAIN_AFTER_MS : SILENT_AFTER_MS);
  }
}
