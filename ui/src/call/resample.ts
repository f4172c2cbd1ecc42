// Changes the sample rate of a stream without aliasing: a Hann-windowed sinc low-pass, read at fractional positions.
// The kernel is tabulated once, so that the audio thread only multiplies and adds.

/** Half the kernel's length, in input samples (of the lower rate's filter). */
const HALF = 24;
/** Tabulated positions between two input samples; between those, straight lines. */
const PHASES = 128;

export class Resampler {
  private readonly step: number;
  private readonly table: Float32Array;
  private history = new Float32Array(HALF);
  /** Where in history the next output sample lies. */
  private position = HALF;

  constructor(from: number, to: number) {
    this.step = from / to;
    const cutoff = this.step > 1 ? 0.92 / this.step : 0.96;
    this.table = new Float32Array((PHASES + 1) * 2 * HALF);
    for (let phase = 0; phase <= PHASES; phase++) {
      for (let tap = 0; tap < 2 * HALF; tap++) {
        const x = tap - HALF + 1 - phase / PHASES;
        const sinc = Math.abs(x) < 1e-9 ? cutoff : Math.sin(Math.PI * x * cutoff) / (Math.PI * x);
        const window = Math.abs(x) < HALF ? 0.5 + 0.5 * Math.cos((Math.PI * x) / HALF) : 0;
        this.table[phase * 2 * HALF + tap] = sinc * window;
      }
    }
  }

  /** Takes the next input samples and returns what can be told of the output; HALF input samples stay behind. */
  push(input: Float32Array): Float32Array<ArrayBuffer> {
    const signal = new Float32Array(this.history.length + input.length);
    signal.set(this.history);
    signal.set(input, this.history.length);
    const count = Math.max(0, Math.ceil((signal.length - HALF - this.position) / this.step));
    const output = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      output[i] = this.sample(signal);
      this.position += this.step;
    }
    const keepFrom = Math.min(signal.length, Math.max(0, Math.floor(this.position) - HALF));
    this.history = signal.slice(keepFrom);
    this.position -= keepFrom;
    return output;
  }

  private sample(signal: Float32Array): number {
    const centre = Math.floor(this.position);
    const phase = (this.position - centre) * PHASES;
    const row = Math.floor(phase);
    const between = phase - row;
    const from = centre - HALF + 1;
    let at = row * 2 * HALF;
    let sum = 0;
    for (let tap = 0; tap < 2 * HALF; tap++, at++) {
      const low = this.table[at] ?? 0;
      const weight = low + ((this.table[at + 2 * HALF] ?? 0) - low) * between;
      sum += (signal[from + tap] ?? 0) * weight;
    }
    return sum;
  }
}
