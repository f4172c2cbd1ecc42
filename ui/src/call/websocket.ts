import { type ClientEvent, parseEvent, type ServerEvent } from "../protocol/events";
import captureURL from "./capture.worklet?worker&url";
import { decodePCM, encodePCM } from "./pcm";
import playbackURL from "./playback.worklet?worker&url";
import { Resampler } from "./resample";
import { type Ends, LineError, outputLatencyMs, type Transport, type TransportEvents } from "./transport";

const OPEN_WITHIN_MS = 8_000;
const RATE = 24_000;
/** Above this much unsent sound the connection is too slow, and old sound is worth less than new: it is skipped. */
const MOST_UNSENT_BYTES = 256 * 1024;
/** Somebody speaks over her: −12 dB, in some 30 ms. */
const DUCKED = 0.25;
const DUCK_SECONDS = 0.01;
/** When nothing gets through for so long, the line is dead, whatever the socket says: another network, a closed lid. */
const STALLED_AFTER_MS = 8_000;

/** Opens the WebSocket line. With text only, neither microphone nor loudspeaker is touched. */
export async function openWebSocket(
  ends: Ends | null,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  const line = new WebSocketLine(ends, events);
  try {
    await line.open(signal);
    return line;
  } catch (error) {
    line.close();
    throw error;
  }
}

function address(): string {
  const url = new URL("/v1/realtime?model=twombly", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

class WebSocketLine implements Transport {
  readonly kind = "websocket";
  private readonly socket = new WebSocket(address(), "realtime");
  private player: AudioWorkletNode | null = null;
  private capture: AudioWorkletNode | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private destination: MediaStreamAudioDestinationNode | null = null;
  private loudness: GainNode | null = null;
  private dropped = "";
  private playing = "";
  private resampler = new Resampler(RATE, RATE);
  private closed = false;
  private fluentAt = performance.now();

  constructor(
    private readonly ends: Ends | null,
    private readonly events: TransportEvents,
  ) {}

  async open(signal: AbortSignal): Promise<void> {
    const early: ServerEvent[] = [];
    this.socket.onmessage = (message) => {
      const event = parseEvent(message.data);
      if (event) early.push(event);
    };
    await this.opened(signal);
    if (this.ends) await this.prepareSound(this.ends);
    this.socket.onmessage = (message) => this.hear(parseEvent(message.data));
    this.socket.onclose = (event) => this.lose(event.reason || "the line was closed");
    for (const event of early) this.hear(event);
  }

  private opened(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new LineError("The connection did not open.")), OPEN_WITHIN_MS);
      const fail = () => {
        clearTimeout(timer);
        reject(new LineError("The connection was refused."));
      };
      signal.addEventListener("abort", fail, { once: true });
      this.socket.onclose = fail;
      this.socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async prepareSound(ends: Ends): Promise<void> {
    await Promise.all([ends.audio.audioWorklet.addModule(captureURL), ends.audio.audioWorklet.addModule(playbackURL)]);
    this.destination = ends.audio.createMediaStreamDestination();
    this.player = new AudioWorkletNode(ends.audio, "twombly-playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.loudness = ends.audio.createGain();
    this.player.connect(this.loudness).connect(this.destination);
    this.player.connect(ends.voice);
    this.player.port.onmessage = ({ data }: MessageEvent<{ itemID: string; played: number }>) => {
      const ms = (data.played / ends.audio.sampleRate) * 1000 - this.latencyMs();
      this.events.onPlayed(data.itemID, Math.max(0, Math.round(ms)));
    };
    ends.speaker.srcObject = this.destination.stream;
    ends.speaker.play().catch(() => {
      document.addEventListener("pointerdown", () => void ends.speaker.play(), { once: true });
    });
    this.capture = new AudioWorkletNode(ends.audio, "twombly-capture", { numberOfOutputs: 0, channelCount: 1 });
    this.capture.port.onmessage = ({ data }: MessageEvent<Int16Array>) => {
      if (this.stalled()) return;
      this.send({ type: "input_audio_buffer.append", audio: encodePCM(data) });
    };
    await this.setMicrophone(ends.microphone);
  }

  /** Whether the connection is behind; one that stays so is given up. */
  private stalled(): boolean {
    const now = performance.now();
    if (this.socket.bufferedAmount <= MOST_UNSENT_BYTES) {
      this.fluentAt = now;
      return false;
    }
    if (now - this.fluentAt > STALLED_AFTER_MS) this.lose("nothing gets through");
    return true;
  }

  private hear(event: ServerEvent | null): void {
    if (!event) return;
    switch (event.type) {
      case "response.output_audio.delta":
        this.play(event.item_id, event.delta);
        return;
      case "conversation.item.truncated":
        this.drop(event.item_id);
        break;
      case "output_audio_buffer.cleared":
        this.drop(this.playing);
        break;
      case "twombly.duck":
        if (event.item_id === this.playing) this.duck(event.down);
        return;
      case "twombly.hold":
        this.hold(event.item_id, event.offsets_ms);
        return;
      case "twombly.release":
        this.hold(event.item_id, []);
        return;
      default:
    }
    this.events.onEvent(event);
  }

  private play(itemID: string, base64: string): void {
    if (!this.ends || itemID === this.dropped) return;
    if (itemID !== this.playing) {
      this.ends.speaker.muted = false; // what comes after a hush is heard again
      this.resampler = new Resampler(RATE, this.ends.audio.sampleRate);
      this.duck(false);
    }
    this.playing = itemID;
    const samples = this.resampler.push(decodePCM(base64));
    this.player?.port.postMessage({ kind: "play", itemID, samples }, [samples.buffer]);
  }

  private duck(down: boolean): void {
    if (!this.ends) return;
    this.loudness?.gain.setTargetAtTime(down ? DUCKED : 1, this.ends.audio.currentTime, DUCK_SECONDS);
  }

  /** Stops an item at the first of these places that is still ahead; without any it goes on. */
  private hold(itemID: string, offsetsMs: number[]): void {
    const rate = this.ends?.audio.sampleRate ?? RATE;
    const places = offsetsMs.map((ms) => Math.round((ms * rate) / 1000));
    this.player?.port.postMessage({ kind: "hold", itemID, places });
  }

  private drop(itemID: string): void {
    if (itemID === "") return;
    this.dropped = itemID;
    if (itemID === this.playing) this.player?.port.postMessage({ kind: "drop" });
  }

  private lose(reason: string): void {
    if (this.closed) return;
    this.close();
    this.events.onLost(reason);
  }

  send(event: ClientEvent): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(event));
  }

  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    this.source?.disconnect();
    this.source = null;
    if (!track || !this.ends || !this.capture) return;
    this.source = this.ends.audio.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.capture);
  }

  /** What the loudspeaker's own buffer still holds of it is not heard either. */
  hush(): void {
    this.drop(this.playing);
    if (this.ends && this.playing !== "") this.ends.speaker.muted = true;
  }

  /** The sound passes the context, then the audio element with a buffer of its own. */
  latencyMs(): number {
    return this.ends ? outputLatencyMs(this.ends.audio) : 0;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.onclose = null;
    this.socket.close(1000);
    this.source?.disconnect();
    this.capture?.disconnect();
    this.player?.disconnect();
    this.loudness?.disconnect();
    if (this.capture) this.capture.port.onmessage = null;
    if (this.player) this.player.port.onmessage = null;
    if (!this.ends || !this.destination) return;
    this.ends.speaker.srcObject = null;
    this.ends.speaker.muted = false;
  }
}
