// One call, from the press of the button to the hang-up: microphone, line, state. The pages read `talk` and are told of
// each change; everything that happens goes through the pure reducer.

import { backoffMs } from "../protocol/backoff";
import { type ClientEvent, newItemID, type ServerEvent } from "../protocol/events";
import { type Happening, quiet, reduce, type Talk } from "../protocol/reduce";
import { words } from "../words";
import { Meter, SilenceWatch } from "./levels";
import { deviceKind, granted, MicrophoneError, type MicrophoneTrouble, openMicrophone } from "./microphone";
import { ScreenLight, showOnLockScreen } from "./phone";
import { type Ends, LineError, type Transport, type TransportEvents } from "./transport";
import { openWebRTC } from "./webrtc";
import { openWebSocket } from "./websocket";

/** A line that cannot be had for this long is given up; the button brings it back. */
const GIVE_UP_AFTER_MS = 3 * 60_000;
const WATCH_EVERY_MS = 250;

/** Why there is no call, for the page to say what to do. */
export type Trouble = MicrophoneTrouble | "unreachable" | "signed-out" | null;

export class Call {
  talk: Talk = quiet;
  trouble: Trouble = null;
  private readonly listeners = new Set<() => void>();
  private readonly light = new ScreenLight();
  private ends: Ends | null = null;
  private transport: Transport | null = null;
  private meters: { microphone: Meter; voice: Meter } | null = null;
  private microphoneSource: MediaStreamAudioSourceNode | null = null;
  private watch = new SilenceWatch();
  private watchTimer = 0;
  private running: AbortController | null = null;
  private waiting: string[] = [];

  constructor(private readonly companionName: () => string) {
    window.addEventListener("online", () => this.wake?.());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.wakeMicrophone?.());
    document.addEventListener("visibilitychange", () => {
      // A phone that slept may have stopped the sound and the line: take both up again at once.
      if (document.visibilityState === "visible") void this.ends?.audio.resume().catch(() => {});
      if (document.visibilityState === "visible") this.wake?.();
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Whether this is a call by voice (and not a written conversation, or none). */
  get spoken(): boolean {
    return this.ends !== null;
  }

  /** Loudness of the person and of her, 0 to 1 each, for the living form. */
  levels(): { microphone: number; voice: number } {
    if (!this.meters) return { microphone: 0, voice: 0 };
    const microphone = this.talk.muted ? 0 : this.meters.microphone.level();
    return { microphone, voice: this.meters.voice.level() };
  }

  /** Starts a call by voice; to be called from the press of a button, which is what lets sound play. */
  async start(): Promise<void> {
    if (this.running) {
      if (this.ends) return;
      this.hangUp(); // a written conversation becomes a spoken one
    }
    const running = new AbortController();
    this.running = running;
    this.fail(null);
    this.happen({ kind: "phase", phase: "connecting" });
    const speaker = document.createElement("audio");
    speaker.autoplay = true;
    speaker.setAttribute("playsinline", "");
    document.body.append(speaker);
    const audio = new AudioContext({ latencyHint: "interactive" });
    void audio.resume().catch(() => {});
    const voice = audio.createAnalyser();
    const ends: Ends = { audio, speaker, voice, microphone: null };
    this.ends = ends;
    try {
      const track = await openMicrophone();
      if (running.signal.aborted) return track.stop();
      this.meters = { microphone: new Meter(audio.createAnalyser()), voice: new Meter(voice) };
      this.adopt(track);
    } catch (error) {
      this.hangUp();
      this.fail(error instanceof MicrophoneError ? error.trouble : "unknown");
      return;
    }
    this.light.on();
    showOnLockScreen({
      name: this.companionName() || "Twombly",
      onHangUp: () => this.hangUp(),
      onToggleMicrophone: () => this.mute(!this.talk.muted),
    });
    this.watchTimer = window.setInterval(() => this.look(), WATCH_EVERY_MS);
    await this.keepLine(running.signal);
  }

  /** Says something in writing; without a call a written conversation is opened for it. */
  async type(text: string): Promise<void> {
    const trimmed = text.trim();
    if (trimmed === "") return;
    if (this.transport) {
      this.sendText(trimmed);
      return;
    }
    this.waiting.push(trimmed);
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    this.fail(null);
    this.happen({ kind: "phase", phase: "connecting" });
    await this.keepLine(running.signal);
  }

  mute(muted: boolean): void {
    if (this.ends?.microphone) this.ends.microphone.enabled = !muted;
    this.happen({ kind: "mute", muted });
  }

  /** Silence, now: here at once, and at the server as soon as it hears of it. */
  hardStop(): void {
    this.transport?.hush();
    this.transport?.send({ type: "twombly.hard_stop" });
  }

  hangUp(): void {
    this.running?.abort();
    this.running = null;
    clearInterval(this.watchTimer);
    this.transport?.close();
    this.transport = null;
    if (this.ends) {
      const { microphone, audio, speaker } = this.ends;
      if (microphone) {
        microphone.onended = null;
        microphone.stop();
      }
      speaker.remove();
      void audio.close().catch(() => {});
    }
    this.ends = null;
    this.meters = null;
    this.microphoneSource = null;
    this.waiting = [];
    this.light.off();
    showOnLockScreen(null);
    this.happen({ kind: "phase", phase: "idle" });
    this.happen({ kind: "microphone", microphone: "off" });
    this.happen({ kind: "notice", notice: null });
  }

  dismissNotice(): void {
    this.happen({ kind: "notice", notice: null });
  }

  dismissTrouble(): void {
    this.fail(null);
  }

  private happen(happening: Happening): void {
    const next = reduce(this.talk, happening);
    if (next === this.talk) return;
    this.talk = next;
    this.tell();
  }

  private fail(trouble: Trouble): void {
    this.trouble = trouble;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private send(event: ClientEvent): void {
    this.transport?.send(event);
  }

  private sendText(text: string): void {
    const id = newItemID();
    this.happen({ kind: "typed", itemID: id, text });
    this.transport?.hush();
    this.send({
      type: "conversation.item.create",
      item: { id, type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
    this.send({ type: "response.create" });
  }

  /** Ends a wait for the line before its time; set only while one is waited for. */
  private wake: (() => void) | null = null;
  private wakeMicrophone: (() => void) | null = null;

  /** Opens the line and opens it again whenever it is lost, until the call ends or it takes too long. */
  private async keepLine(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    let since = performance.now();
    while (!signal.aborted) {
      let onLost = () => {};
      const lost = new Promise<void>((resolve) => {
        onLost = resolve;
      });
      try {
        await this.openLine(signal, onLost);
        attempt = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof LineError && (error.status === 401 || error.status === 403)) {
          this.hangUp();
          this.fail("signed-out");
          return;
        }
        onLost();
      }
      signal.addEventListener("abort", onLost, { once: true });
      if (attempt === 0 && this.transport) since = Number.POSITIVE_INFINITY;
      await lost;
      if (signal.aborted) return;
      this.transport = null;
      if (since === Number.POSITIVE_INFINITY) since = performance.now();
      this.happen({ kind: "phase", phase: "away" });
      attempt++;
      if (performance.now() - since > GIVE_UP_AFTER_MS) {
        this.hangUp();
        this.fail("unreachable");
        return;
      }
      await this.pause(backoffMs(attempt, Math.random()), signal, "wake");
    }
  }

  private pause(ms: number, signal: AbortSignal, waker: "wake" | "wakeMicrophone"): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this[waker] = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this[waker] = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }

  private async openLine(signal: AbortSignal, onLost: () => void): Promise<void> {
    const events: TransportEvents = {
      onEvent: (event) => this.hear(event),
      onPlayed: (itemID, playedMs) => {
        this.send({ type: "twombly.playback", item_id: itemID, content_index: 0, played_ms: playedMs });
        this.happen({ kind: "played", itemID, playedMs });
      },
      onLost,
    };
    this.transport = await this.openAny(events, signal);
    if (signal.aborted) {
      this.transport.close();
      this.transport = null;
      return;
    }
    this.happen({ kind: "phase", phase: "live" });
    this.introduce();
    for (const text of this.waiting.splice(0)) this.sendText(text);
  }

  private async openAny(events: TransportEvents, signal: AbortSignal): Promise<Transport> {
    if (!this.ends) return openWebSocket(null, events, signal);
    try {
      return await openWebRTC(this.ends, events, signal);
    } catch (error) {
      if (signal.aborted || (error instanceof LineError && error.status === 401)) throw error;
      return openWebSocket(this.ends, events, signal);
    }
  }

  /** Tells the server who is on the line: the device, the time zone, and what the microphone really granted. */
  private introduce(): void {
    const track = this.ends?.microphone;
    if (!this.ends) this.send({ type: "session.update", session: { type: "realtime", output_modalities: ["text"] } });
    this.send({
      type: "twombly.client",
      device: deviceKind(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(track ? granted(track) : { echo_cancellation: false, noise_suppression: false, auto_gain: false }),
      transport: this.transport?.kind,
      output_latency_ms: this.transport?.latencyMs() ?? 0,
    });
  }

  private hear(event: ServerEvent): void {
    this.happen({ kind: "server", event });
  }

  /** Takes a microphone into the call, and looks after it. */
  private adopt(track: MediaStreamTrack): void {
    if (!this.ends || !this.meters) return;
    this.ends.microphone = track;
    track.enabled = !this.talk.muted;
    this.microphoneSource?.disconnect();
    this.microphoneSource = this.ends.audio.createMediaStreamSource(new MediaStream([track]));
    this.microphoneSource.connect(this.meters.microphone.node);
    this.watch = new SilenceWatch();
    track.onended = () => void this.recoverMicrophone();
    track.onmute = () => this.happen({ kind: "microphone", microphone: "paused" });
    track.onunmute = () => this.happen({ kind: "microphone", microphone: "live" });
    this.happen({ kind: "microphone", microphone: "live" });
  }

  /** The microphone vanished in the call: say so, and take the next one there is. */
  private async recoverMicrophone(): Promise<void> {
    const signal = this.running?.signal;
    if (!signal) return;
    this.happen({ kind: "microphone", microphone: "lost" });
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const track = await openMicrophone();
        if (signal.aborted) return track.stop();
        this.adopt(track);
        await this.transport?.setMicrophone(track);
        this.introduce();
        return;
      } catch (error) {
        const trouble = error instanceof MicrophoneError ? error.trouble : "unknown";
        this.happen({ kind: "notice", notice: { code: `microphone.${trouble}`, message: words.microphoneGone } });
        await this.pause(backoffMs(attempt, Math.random()), signal, "wakeMicrophone");
      }
    }
  }

  private look(): void {
    if (!this.meters || !this.ends) return;
    const { microphone } = this.talk;
    if (microphone !== "live" && microphone !== "silent") return;
    const listening = !this.talk.muted && this.ends.audio.state === "running";
    const silent = this.watch.see(this.meters.microphone.peak(), performance.now(), listening);
    if (silent !== (microphone === "silent")) {
      this.happen({ kind: "microphone", microphone: silent ? "silent" : "live" });
    }
  }
}
