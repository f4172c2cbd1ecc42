// The line to her, in two kinds: WebRTC, and a WebSocket where WebRTC cannot get through.

import type { ClientEvent, ServerEvent } from "../protocol/events";

export interface TransportEvents {
  onEvent(event: ServerEvent): void;
  /** How much of an item has left the loudspeaker. */
  onPlayed(itemID: string, playedMs: number): void;
  /** The line is lost; it is told once, and not after close(). */
  onLost(reason: string): void;
}

export interface Transport {
  readonly kind: "webrtc" | "websocket";
  send(event: ClientEvent): void;
  /** Puts another microphone on the line, or none. */
  setMicrophone(track: MediaStreamTrack | null): Promise<void>;
  /** Falls silent at once, whatever is still on its way of what she says now. */
  hush(): void;
  /** How long sound takes from the browser to the ear, in milliseconds, as far as the browser knows. */
  latencyMs(): number;
  close(): void;
}

/** What a transport is made of; all of it outlives the transport, so that a lost line can be tried again. */
export interface Ends {
  audio: AudioContext;
  /** Her voice plays here, so that the browser's echo canceller knows it. */
  speaker: HTMLAudioElement;
  /** Reads her voice for the living form. */
  voice: AnalyserNode;
  microphone: MediaStreamTrack | null;
}

/** Thrown when a line cannot be opened; status is the server's answer where there was one. */
export class LineError extends Error {
  constructor(
    message: string,
    readonly status = 0,
  ) {
    super(message);
  }
}

/** Output latency in milliseconds. Browsers that do not tell get a usual figure. */
export function outputLatencyMs(audio: AudioContext): number {
  const seconds = (audio.outputLatency || 0) > 0 ? audio.outputLatency : (audio.baseLatency || 0.02) + 0.02;
  return Math.round(Math.min(seconds, 0.5) * 1000);
}
