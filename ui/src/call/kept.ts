// What the microphone hears while there is no line to her: kept, and said as soon as there is one.

import captureURL from "./capture.worklet?worker&url";

/** Pieces of 20 ms. */
const PIECES_PER_SECOND = 50;
/** What is older is let go: an answer to it would come too late. */
const MOST_PIECES = 60 * PIECES_PER_SECOND;
/** A soft beginning belongs to what is said. */
const BEFORE_PIECES = PIECES_PER_SECOND / 2;
/** Below this, of 32,768, nobody speaks. */
const SPOKEN_PEAK = 500;

/** The part of the sound in which somebody may be speaking, from a little before it to the end. */
export function spokenPart(pieces: Int16Array[]): Int16Array[] {
  const first = pieces.findIndex((piece) => piece.some((sample) => Math.abs(sample) > SPOKEN_PEAK));
  return first < 0 ? [] : pieces.slice(Math.max(0, first - BEFORE_PIECES));
}

/** Joins pieces, so that one event carries some of them. */
export function joined(pieces: Int16Array[], each: number): Int16Array[] {
  const all: Int16Array[] = [];
  for (let at = 0; at < pieces.length; at += each) {
    const some = pieces.slice(at, at + each);
    const whole = new Int16Array(some.reduce((sum, piece) => sum + piece.length, 0));
    let filled = 0;
    for (const piece of some) {
      whole.set(piece, filled);
      filled += piece.length;
    }
    all.push(whole);
  }
  return all;
}

/**
 * Listens in an AudioContext of its own, which lives only as long as there is something to keep: a context with a worklet
 * computes in another thread from then on, and would go on doing so through the whole call.
 */
export class KeptSound {
  private audio: AudioContext | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private track: MediaStreamTrack | null = null;
  private pieces: Int16Array[] = [];

  /** Keeps what this microphone hears from now on, beside what is kept. */
  async listen(track: MediaStreamTrack | null): Promise<void> {
    if (track !== null && track === this.track) return;
    this.track = track;
    this.source?.disconnect();
    this.source = null;
    void this.audio?.close().catch(() => {});
    this.audio = null;
    if (!track) return;
    const audio = new AudioContext();
    this.audio = audio;
    audio.addEventListener("statechange", () => this.again());
    this.again();
    try {
      await audio.audioWorklet.addModule(captureURL);
    } catch {
      return; // the call was ended meanwhile
    }
    if (this.audio !== audio) return;
    const node = new AudioWorkletNode(audio, "twombly-capture", { numberOfOutputs: 0, channelCount: 1 });
    node.port.onmessage = ({ data }: MessageEvent<Int16Array>) => this.keep(data);
    this.source = audio.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(node);
  }

  /** Starts what the system has stopped; browsers allow it without a tap where a microphone is open. */
  again(): void {
    const state = this.audio?.state;
    if (state !== undefined && state !== "running" && state !== "closed") void this.audio?.resume().catch(() => {});
  }

  private keep(piece: Int16Array): void {
    if (!this.track) return;
    this.pieces.push(piece);
    if (this.pieces.length > MOST_PIECES) this.pieces.shift();
  }

  /** What was said, in pieces of 100 ms at 24 kHz; it is kept no longer. */
  take(): Int16Array[] {
    const spoken = spokenPart(this.pieces);
    this.pieces = [];
    return joined(spoken, PIECES_PER_SECOND / 10);
  }

  /** Keeps nothing any more. */
  stop(): void {
    void this.listen(null);
    this.pieces = [];
  }
}
