// One call, from the press of the button to the hang-up: microphone, line, state. The pages read `talk` and are told of
// each change; everything that happens goes through the pure reducer.

import { backoffMs } from "../protocol/backoff";
import { type ClientEvent, newItemID, type ServerEvent } from "../protocol/events";
import { type Happening, quiet, reduce, type Talk } from "../protocol/reduce";
import { words } from "../words";
import { SleepWatch, SoundKeeper } from "./awake";
import { choose, devices, louder, useChosenSpeaker } from "./devices";
import { Ear } from "./ear";
import { KeptSound } from "./kept";
import { Meter } from "./levels";
import { deviceKind, granted, MicrophoneError, type MicrophoneTrouble } from "./microphone";
import { encodePCM } from "./pcm";
import { askForCallSound, ScreenLight, showOnLockScreen } from "./phone";
import { type Ends, LineError, type Transport, type TransportEvents } from "./transport";
import { openWebRTC } from "./webrtc";
import { openWebSocket } from "./websocket";

/** A line that cannot be had for this long is given up; the button brings it back. */
const GIVE_UP_AFTER_MS = 3 * 60_000;
const WATCH_EVERY_MS = 250;
/** The server echoes what is written as soon as it has it. */
const CONFIRM_WITHIN_MS = 10_000;

/** Why there is no call, for the page to say what to do. */
export type Trouble = MicrophoneTrouble | "unreachable" | "signed-out" | null;

export class Call {
  talk: Talk = quiet;
  trouble: Trouble = null;
  private readonly listeners = new Set<() => void>();
  private readonly light = new ScreenLight();
  private ends: Ends | null = null;
  private transport: Transport | null = null;
  private ear: Ear | null = null;
  /** What is said while there is no line. */
  private kept: KeptSound | null = null;
  private voice: Meter | null = null;
  private sound: SoundKeeper | null = null;
  private wordsOnly: boolean | undefined;
  private onlyMyVoice: boolean | undefined;
  private watchTimer = 0;
  private running: AbortController | null = null;
  /** What was written and the server has not yet confirmed, by item: it outlives a line that is lost, and a call. */
  private readonly undelivered = new Map<string, string>();

  constructor(private readonly companionName: () => string) {
    window.addEventListener("online", () => this.returned());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => {
      void this.ear?.follow();
      void this.useSpeaker();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.returned());
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
    if (!this.ear || !this.voice) return { microphone: 0, voice: 0 };
    const microphone = this.talk.muted ? 0 : this.ear.meter.level();
    return { microphone, voice: this.voice.level() };
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
    askForCallSound(true);
    const speaker = document.createElement("audio");
    speaker.autoplay = true;
    speaker.setAttribute("playsinline", "");
    document.body.append(speaker);
    const audio = new AudioContext({ latencyHint: "interactive" });
    void audio.resume().catch(() => {});
    const voice = audio.createAnalyser();
    const ends: Ends = { audio, speaker, voice, microphone: null };
    this.ends = ends;
    this.voice = new Meter(voice);
    this.kept = new KeptSound();
    this.sound = new SoundKeeper(audio, speaker, (stopped) =>
      this.note("sound.stopped", stopped ? words.soundStopped : null),
    );
    const ear = new Ear(audio, {
      onState: (microphone) => this.happen({ kind: "microphone", microphone }),
      onTrack: (track) => this.useTrack(ends, track),
      onNote: (code, message) => this.note(code, message),
    });
    this.ear = ear;
    try {
      await ear.open();
      if (running.signal.aborted) return;
    } catch (error) {
      if (running.signal.aborted) return;
      this.hangUp();
      this.fail(error instanceof MicrophoneError ? error.trouble : "unknown");
      return;
    }
    void this.useSpeaker();
    this.light.on();
    showOnLockScreen({
      name: this.companionName() || "Twombly",
      onHangUp: () => this.hangUp(),
      onToggleMicrophone: () => this.mute(!this.talk.muted),
      onSilence: () => this.hardStop(),
    });
    const sleep = new SleepWatch();
    this.watchTimer = window.setInterval(() => {
      if (sleep.slept(WATCH_EVERY_MS)) this.woke();
      ear.look();
    }, WATCH_EVERY_MS);
    await this.keepLine(running.signal);
  }

  /** Says something in writing; without a call a written conversation is opened for it. */
  async type(text: string): Promise<void> {
    const trimmed = text.trim();
    if (trimmed === "") return;
    const id = newItemID();
    this.undelivered.set(id, trimmed);
    this.happen({ kind: "typed", itemID: id, text: trimmed });
    if (this.transport) this.deliver([id]);
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    this.fail(null);
    this.happen({ kind: "phase", phase: "connecting" });
    await this.keepLine(running.signal);
  }

  mute(muted: boolean): void {
    this.ear?.mute(muted);
    this.happen({ kind: "mute", muted });
  }

  /** Another microphone was chosen. */
  useMicrophone(): void {
    void this.ear?.change();
  }

  /** Her voice comes from the earpiece, and is to fill the room. */
  async useLoudspeaker(): Promise<void> {
    const device = louder(this.ends?.microphone?.label ?? "", (await devices()).microphone);
    if (!device) return;
    choose("microphone", device);
    await this.ear?.change();
  }

  /** Takes up the loudspeaker that was chosen, or that is there again. */
  async useSpeaker(): Promise<void> {
    if (!this.ends) return;
    const missed = await useChosenSpeaker(this.ends.speaker);
    if (this.ends) this.note("device.speaker", missed && words.speakerMissed(missed.label));
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
      this.ear?.close();
      this.kept?.stop();
      this.sound?.close();
      this.ends.speaker.remove();
      void this.ends.audio.close().catch(() => {});
      askForCallSound(false);
    }
    this.ends = null;
    this.ear = null;
    this.kept = null;
    this.voice = null;
    this.sound = null;
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

  /** Sends what was written; the server's echo of an item is what makes it delivered. */
  private deliver(ids: string[]): void {
    this.transport?.hush();
    for (const id of ids) {
      const content = [{ type: "input_text", text: this.undelivered.get(id) }];
      this.send({
        type: "conversation.item.create",
        event_id: id,
        item: { id, type: "message", role: "user", content },
      });
    }
    this.send({ type: "response.create" });
    const line = this.transport;
    setTimeout(() => {
      // A line that swallows what is written is dead, even if it looks open.
      if (line === this.transport && ids.some((id) => this.undelivered.has(id))) this.renew?.();
    }, CONFIRM_WITHIN_MS);
  }

  /** Puts a notice up, or takes away the one with that code. */
  private note(code: string, message: string | null): void {
    if (message !== null) this.happen({ kind: "notice", notice: { code, message } });
    else if (this.talk.notice?.code === code) this.happen({ kind: "notice", notice: null });
  }

  /** Ends a wait for the line before its time; set only while one is waited for. */
  private wake: (() => void) | null = null;
  /** A wait was to be ended while none was: the next one is left out. */
  private hurry = false;

  /** The page is seen again, or the network is back: sound, microphone and line may have stopped, and are taken up. */
  private returned(): void {
    this.sound?.again();
    this.kept?.again();
    this.ear?.returned();
    if (this.wake) this.wake();
    else this.hurry = true;
  }

  /**
   * The machine slept. WebRTC notices by itself that its line is gone; a WebSocket may look open for minutes, and every word
   * of these would be lost.
   */
  private woke(): void {
    this.returned();
    if (this.transport?.kind === "websocket") this.renew?.();
  }

  /** Gives the line up for a new one; set only while there is one. */
  private renew: (() => void) | null = null;

  /** Opens the line and opens it again whenever it is lost, until the call ends or it takes too long. */
  private async keepLine(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    let since = performance.now();
    const sleep = new SleepWatch();
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
      this.renew = () => {
        this.transport?.close();
        onLost();
      };
      await lost;
      this.renew = null;
      if (signal.aborted) return;
      this.transport = null;
      void this.kept?.listen(this.ends?.microphone ?? null);
      if (since === Number.POSITIVE_INFINITY) since = performance.now();
      this.happen({ kind: "phase", phase: "away" });
      attempt++;
      if (performance.now() - since > GIVE_UP_AFTER_MS) {
        this.hangUp();
        this.fail("unreachable");
        return;
      }
      const waitMs = backoffMs(attempt, Math.random());
      sleep.slept(0);
      await this.pause(waitMs, signal);
      // Time that was slept away is no reason to give up: the network comes back some seconds after the machine.
      if (sleep.slept(waitMs)) since = performance.now();
    }
  }

  private pause(ms: number, signal: AbortSignal): Promise<void> {
    if (this.hurry) {
      this.hurry = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake = done;
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
    this.hurry = false;
    this.happen({ kind: "phase", phase: "live" });
    await this.putOnLine();
    if (this.undelivered.size > 0) this.deliver([...this.undelivered.keys()]);
  }

  private async openAny(events: TransportEvents, signal: AbortSignal): Promise<Transport> {
    if (!this.ends) return openWebSocket(null, events, signal);
    // The microphone follows when the line is open, and what was said meanwhile has gone before it.
    const ends = { ...this.ends, microphone: null };
    try {
      return await openWebRTC(ends, events, signal);
    } catch (error) {
      if (signal.aborted || (error instanceof LineError && error.status === 401)) throw error;
      return openWebSocket(ends, events, signal);
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
      ...(this.wordsOnly === undefined ? {} : { quiet: this.wordsOnly }),
      ...(this.onlyMyVoice === undefined ? {} : { only_my_voice: this.onlyMyVoice }),
    });
  }

  /** Whether she keeps from sounds that are no words; undefined leaves it to the house. */
  sayWordsOnly(wordsOnly: boolean | undefined): void {
    if (wordsOnly === this.wordsOnly) return;
    this.wordsOnly = wordsOnly;
    if (wordsOnly !== undefined && this.transport) this.introduce();
  }

  /** Whether she answers this person's voice alone; undefined leaves it to the house. */
  answerOnlyMe(onlyMyVoice: boolean | undefined): void {
    if (onlyMyVoice === this.onlyMyVoice) return;
    this.onlyMyVoice = onlyMyVoice;
    if (onlyMyVoice !== undefined && this.transport) this.introduce();
  }

  /** Puts the microphone on the line, after what was said while there was none. */
  private async putOnLine(): Promise<void> {
    this.introduce();
    if (!this.ends) return;
    for (const piece of this.kept?.take() ?? [])
      this.send({ type: "input_audio_buffer.append", audio: encodePCM(piece) });
    await this.transport?.setMicrophone(this.ends.microphone);
    this.kept?.stop();
  }

  /** There is another microphone. */
  private async useTrack(ends: Ends, track: MediaStreamTrack): Promise<void> {
    ends.microphone = track;
    void devices().then(({ microphone }) => {
      const offered = ends === this.ends && ends.microphone === track && louder(track.label, microphone);
      this.note("sound.earpiece", offered ? words.atTheEar : null);
    });
    if (this.transport) await this.putOnLine();
    else void this.kept?.listen(track);
  }

  private hear(event: ServerEvent): void {
    if (event.type === "conversation.item.added") this.undelivered.delete(event.item.id);
    // What the server refuses it would refuse again; its reason is shown.
    if (event.type === "error" && event.error?.event_id) this.undelivered.delete(event.error.event_id);
    this.happen({ kind: "server", event });
  }
}
