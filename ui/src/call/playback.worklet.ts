// Runs in the audio thread: plays her voice from a queue and counts, per item, the samples that have left it.
// Messages in: {kind: "play", itemID, samples} (at the context's rate), {kind: "drop"}, and {kind: "hold", itemID, places}: stop
// the item at the first of these samples that is still ahead, or go on when there are none.
// Messages out: {itemID, played} about every 100 ms while playing, and at each stop.

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;

interface Piece {
  itemID: string;
  samples: Float32Array;
}

type Message =
  | { kind: "play"; itemID: string; samples: Float32Array }
  | { kind: "drop" }
  | { kind: "hold"; itemID: string; places: number[] };

/** Cutting off takes 8 ms, so that it does not click. */
const FADE = 0.008;

class Playback extends AudioWorkletProcessor {
  private queue: Piece[] = [];
  private at = 0;
  private itemID = "";
  private played = 0;
  private sinceReport = 0;
  private running = false;
  private fade = 0;
  private holdAt = Number.POSITIVE_INFINITY;
  private releasedAt = Number.NEGATIVE_INFINITY;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === "play") {
        if (this.fade > 0) this.dropped();
        this.queue.push({ itemID: data.itemID, samples: data.samples });
      } else if (data.kind === "hold") {
        const place = data.itemID === this.itemID ? data.places.find((p) => p >= this.played) : undefined;
        if (this.held()) this.releasedAt = this.played;
        this.holdAt = place ?? Number.POSITIVE_INFINITY;
      } else if (this.queue.length > 0) {
        this.fade = Math.round(FADE * sampleRate);
        this.holdAt = Number.POSITIVE_INFINITY;
      }
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (!output) return true;
    let written = 0;
    while (written < output.length) {
      const piece = this.queue[0];
      if (!piece) break;
      if (piece.itemID !== this.itemID) {
        this.report();
        this.itemID = piece.itemID;
        this.played = 0;
        this.holdAt = Number.POSITIVE_INFINITY;
        this.releasedAt = Number.NEGATIVE_INFINITY;
      }
      const count = Math.min(piece.samples.length - this.at, output.length - written, this.holdAt - this.played);
      if (count <= 0) break;
      output.set(piece.samples.subarray(this.at, this.at + count), written);
      this.slope(output.subarray(written, written + count));
      this.at += count;
      this.played += count;
      written += count;
      if (this.at >= piece.samples.length) {
        this.queue.shift();
        this.at = 0;
      }
    }
    if (this.fade > 0) this.fadeOut(output);
    this.tell(written);
    return true;
  }

  private held(): boolean {
    return this.played >= this.holdAt;
  }

  /** Falls towards the place where it is held, and rises from there when it goes on. */
  private slope(samples: Float32Array): void {
    const whole = FADE * sampleRate;
    if (this.played + samples.length <= this.holdAt - whole && this.played >= this.releasedAt + whole) return;
    for (let i = 0; i < samples.length; i++) {
      const at = this.played + i;
      const gain = Math.min(1, (this.holdAt - at) / whole, (at - this.releasedAt) / whole);
      samples[i] = (samples[i] ?? 0) * gain;
    }
  }

  private fadeOut(output: Float32Array): void {
    const whole = FADE * sampleRate;
    for (let i = 0; i < output.length; i++) {
      output[i] = (output[i] ?? 0) * (Math.max(0, this.fade) / whole);
      this.fade--;
    }
    if (this.fade <= 0) this.dropped();
  }

  private dropped(): void {
    this.queue = [];
    this.at = 0;
    this.fade = 0;
  }

  private tell(written: number): void {
    this.sinceReport += written;
    const stopped = this.running && written === 0;
    this.running = written > 0;
    if (stopped || this.sinceReport >= sampleRate / 10) this.report();
  }

  private report(): void {
    if (this.itemID) this.port.postMessage({ itemID: this.itemID, played: this.played });
    this.sinceReport = 0;
  }
}

registerProcessor("twombly-playback", Playback);
