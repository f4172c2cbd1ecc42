import { type ClientEvent, parseEvent } from "../protocol/events";
import { PlaybackMap } from "../protocol/position";
import { type Ends, LineError, outputLatencyMs, type Transport, type TransportEvents } from "./transport";

const OPEN_WITHIN_MS = 8_000;
/** A connection that only stutters comes back by itself within this time. */
const LOST_AFTER_MS = 4_000;
const REPORT_EVERY_MS = 100;
/** Without a new frame for this long after the server sent the last one, nothing of it is still on its way. */
const OVER_AFTER_MS = 400;
/** A frame of Opus. */
const FRAME_MS = 20;
const TICKS_PER_MS = 48;

/**
 * Opens the WebRTC line: the offer is posted as SDP, events go over the data channel, sound over the peer connection.
 * Rejects with a LineError when it does not open in time.
 */
export async function openWebRTC(ends: Ends, events: TransportEvents, signal: AbortSignal): Promise<Transport> {
  if (typeof RTCPeerConnection === "undefined") throw new LineError("This browser has no WebRTC.");
  const line = new WebRTCLine(ends, events);
  try {
    await line.open(signal);
    return line;
  } catch (error) {
    line.close();
    throw error;
  }
}

class WebRTCLine implements Transport {
  readonly kind = "webrtc";
  private readonly peer = new RTCPeerConnection();
  private readonly channel = this.peer.createDataChannel("oai-events");
  private readonly map = new PlaybackMap();
  private sender: RTCRtpSender | null = null;
  private receiver: RTCRtpReceiver | null = null;
  private side: MediaStreamAudioSourceNode | null = null;
  private timer = 0;
  private lostTimer = 0;
  private reported = "";
  private lastRtp: number | undefined;
  private lastFrameAt = 0;
  private hushedItem = "";
  private currentItem = "";
  /** All of it was sent; it is over when no more frames come. */
  private sentItem = "";
  private closed = false;
  private location = "";

  constructor(
    private readonly ends: Ends,
    private readonly events: TransportEvents,
  ) {}

  async open(signal: AbortSignal): Promise<void> {
    const transceiver = this.peer.addTransceiver(this.ends.microphone ?? "audio", { direction: "sendrecv" });
    this.sender = transceiver.sender;
    this.peer.ontrack = (event) => this.receive(event);
    const opened = this.opened(signal);
    opened.catch(() => {}); // awaited below; an earlier failure must not count as unhandled
    await this.peer.setLocalDescription(await this.peer.createOffer());
    const answer = await Promise.race([this.exchange(this.peer.localDescription?.sdp ?? "", signal), opened]);
    if (answer === undefined) throw new LineError("The connection opened before it was agreed.");
    await this.peer.setRemoteDescription({ type: "answer", sdp: answer });
    await opened;
    this.channel.onclose = () => this.lose("the line was closed");
    this.peer.onconnectionstatechange = () => this.connectionChanged();
    this.timer = window.setInterval(() => this.look(), REPORT_EVERY_MS);
  }

  private async exchange(sdp: string, signal: AbortSignal): Promise<string> {
    const response = await fetch("/v1/realtime/calls", {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: sdp,
      signal,
    });
    if (!response.ok) throw new LineError(`The server answered ${response.status} to the call.`, response.status);
    this.location = response.headers.get("Location") ?? "";
    return response.text();
  }

  private opened(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new LineError("The connection did not open.")), OPEN_WITHIN_MS);
      const fail = () => reject(new LineError("The connection was refused."));
      signal.addEventListener("abort", fail, { once: true });
      this.peer.onconnectionstatechange = () => this.peer.connectionState === "failed" && fail();
      this.channel.onmessage = (message) => this.hear(message.data);
      this.channel.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private receive(event: RTCTrackEvent): void {
    const stream = event.streams[0] ?? new MediaStream([event.track]);
    this.receiver = event.receiver;
    this.ends.speaker.srcObject = stream;
    // The press of the button allowed sound; where a browser still refuses, the next touch of the page starts it.
    this.ends.speaker.play().catch(() => {
      document.addEventListener("pointerdown", () => void this.ends.speaker.play(), { once: true });
    });
    this.side = this.ends.audio.createMediaStreamSource(stream);
    this.side.connect(this.ends.voice);
  }

  private hear(data: unknown): void {
    const event = parseEvent(data);
    if (!event) return;
    switch (event.type) {
      case "output_audio_buffer.started":
        if (event.item_id === undefined) break;
        if (this.sentItem !== event.item_id) this.over();
        if (event.rtp_timestamp !== undefined) this.map.begin(event.item_id, event.rtp_timestamp);
        this.begins(event.item_id);
        break;
      case "output_audio_buffer.stopped":
        this.sentItem = event.item_id ?? "";
        break;
      case "twombly.caption":
        this.map.add(event.item_id, event.duration_ms);
        break;
      case "twombly.paused":
        this.map.paused(event.item_id, event.offset_ms);
        return;
      case "twombly.resumed":
        this.map.resumed(event.item_id, event.offset_ms, event.rtp_timestamp);
        return;
      case "conversation.item.truncated":
        this.report();
        this.map.drop(event.item_id);
        break;
      case "output_audio_buffer.cleared":
        this.report();
        if (event.item_id !== undefined) this.map.drop(event.item_id);
        break;
      default:
    }
    this.events.onEvent(event);
  }

  /** What comes after a hush is heard again. */
  private begins(itemID: string): void {
    this.currentItem = itemID;
    if (itemID !== this.hushedItem) this.ends.speaker.muted = false;
  }

  /** The frame that plays, and how long ago it began to; undefined before the first. */
  private playing(): { rtp: number; ageMs: number } | undefined {
    const source = this.receiver?.getSynchronizationSources()[0];
    if (!source) return undefined;
    // The timestamp counts from the page's beginning by the specification, and from 1970 in Chromium.
    const now = performance.now() + (source.timestamp > 1e11 ? performance.timeOrigin : 0);
    return { rtp: source.rtpTimestamp, ageMs: Math.max(0, now - source.timestamp) };
  }

  /** Reports now and then, and watches for the end. */
  private look(): void {
    const now = performance.now();
    const rtp = this.playing()?.rtp;
    if (rtp !== this.lastRtp) {
      this.lastRtp = rtp;
      this.lastFrameAt = now;
    }
    if (now - this.lastFrameAt >= OVER_AFTER_MS) this.over();
    this.report();
  }

  /** Reports that the item that was sent whole is over. */
  private over(): void {
    if (this.sentItem === "") return;
    this.map.end(this.sentItem);
    this.sentItem = "";
    this.report();
  }

  private report(): void {
    const playing = this.playing();
    if (!playing || this.ends.speaker.muted) return;
    // When no further frame comes, this one is still heard to its end.
    const latency = this.latencyMs();
    const on = Math.round(Math.min(playing.ageMs, latency + FRAME_MS) * TICKS_PER_MS);
    const position = this.map.at((playing.rtp + on) >>> 0, latency);
    if (!position) return;
    const key = `${position.itemID} ${position.playedMs}`;
    if (key === this.reported) return;
    this.reported = key;
    this.events.onPlayed(position.itemID, position.playedMs);
  }

  private connectionChanged(): void {
    const state = this.peer.connectionState;
    if (state === "failed" || state === "closed") this.lose(`the connection is ${state}`);
    if (state === "disconnected" && this.lostTimer === 0) {
      this.lostTimer = window.setTimeout(() => this.lose("the connection is gone"), LOST_AFTER_MS);
    }
    if (state === "connected") {
      clearTimeout(this.lostTimer);
      this.lostTimer = 0;
    }
  }

  private lose(reason: string): void {
    if (this.closed) return;
    this.close();
    this.events.onLost(reason);
  }

  send(event: ClientEvent): void {
    if (this.channel.readyState === "open") this.channel.send(JSON.stringify(event));
  }

  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    await this.sender?.replaceTrack(track);
  }

  hush(): void {
    this.report();
    this.hushedItem = this.currentItem;
    this.ends.speaker.muted = true;
  }

  latencyMs(): number {
    return outputLatencyMs(this.ends.audio);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.lostTimer);
    this.side?.disconnect();
    this.channel.close();
    this.peer.close();
    this.ends.speaker.srcObject = null;
    this.ends.speaker.muted = false;
    if (this.location.startsWith("/v1/realtime/calls/")) {
      fetch(`${this.location}/hangup`, { method: "POST", keepalive: true }).catch(() => {
        // The server notices the closed connection by itself; the hang-up only makes it sooner.
      });
    }
  }
}
