// Runs in the audio thread: takes the microphone and posts it as PCM16 at 24 kHz, 20 ms at a time.

import { Resampler } from "./resample";

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;

const RATE = 24_000;
const CHUNK = RATE / 50;

class Capture extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(sampleRate, RATE);
  private chunk = new Int16Array(CHUNK);
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0]?.[0];
    if (!input) return true;
    for (const value of this.resampler.push(input)) {
      this.chunk[this.filled++] = Math.max(-0x8000, Math.min(0x7fff, Math.round(value * 0x7fff)));
      if (this.filled < CHUNK) continue;
      this.port.postMessage(this.chunk, [this.chunk.buffer]);
      this.chunk = new Int16Array(CHUNK);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("twombly-capture", Capture);
