// The person's end of a call: opens the microphone, looks after it while the call runs, and takes another when it must or
// is told to.

import { backoffMs } from "../protocol/backoff";
import type { Microphone } from "../protocol/reduce";
import { advice, words } from "../words";
import { devices, find, missedMicrophone } from "./devices";
import { Meter, SilenceWatch } from "./levels";
import { MicrophoneError, openMicrophone } from "./microphone";

export interface EarEvents {
  onState(microphone: Microphone): void;
  /** There is another microphone, which belongs on the line. */
  onTrack(track: MediaStreamTrack): Promise<void>;
  /** Something to say about the microphone, or nothing any more. */
  onNote(code: string, message: string | null): void;
}

export class Ear {
  readonly meter: Meter;
  private track: MediaStreamTrack | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private watch = new SilenceWatch();
  private state: Microphone = "off";
  private muted = false;
  private changes = 0;
  private looking = false;
  /** Ends a wait for a microphone before its time; set only while one is waited for. */
  private wake: (() => void) | null = null;
  private readonly closed = new AbortController();

  constructor(
    private readonly audio: AudioContext,
    private readonly events: EarEvents,
  ) {
    this.meter = new Meter(audio.createAnalyser());
  }

  /** Takes the first microphone. Rejects with a MicrophoneError. */
  async open(): Promise<void> {
    const track = await openMicrophone();
    if (this.closed.signal.aborted) return track.stop();
    await this.take(track);
  }

  mute(muted: boolean): void {
    this.muted = muted;
    if (this.track) this.track.enabled = !muted;
  }

  /** Another microphone was chosen: it is taken at once, and the old one is kept when that fails. */
  async change(): Promise<void> {
    const mine = ++this.changes;
    if (this.looking) return this.wake?.();
    try {
      const track = await openMicrophone();
      if (this.closed.signal.aborted || mine !== this.changes) return track.stop();
      await this.take(track);
    } catch {
      this.events.onNote("device.microphone", words.microphoneNotChanged);
    }
  }

  /** Devices came or went: the chosen one is taken when it is there again. */
  async follow(): Promise<void> {
    if (this.looking) return this.wake?.();
    if (!this.track) return;
    if (this.track.readyState === "ended") return this.recover();
    const missed = missedMicrophone(this.track);
    if (missed && find(missed, (await devices()).microphone)) await this.change();
  }

  /** The page is seen again, or the machine woke: a microphone that the system took meanwhile is asked for anew. */
  returned(): void {
    if (this.track && (this.track.readyState === "ended" || this.track.muted)) void this.recover();
    else this.wake?.();
  }

  /** Looks whether anything comes from the microphone; to be called a few times a second. */
  look(): void {
    if (this.state !== "live" && this.state !== "silent") return;
    const listening = !this.muted && this.audio.state === "running";
    this.become(this.watch.see(this.meter.peak(), performance.now(), listening) ? "silent" : "live");
  }

  close(): void {
    this.closed.abort();
    this.source?.disconnect();
    this.letGo();
  }

  private letGo(): void {
    if (!this.track) return;
    this.track.onended = null;
    this.track.onmute = null;
    this.track.onunmute = null;
    this.track.stop();
  }

  private async take(track: MediaStreamTrack): Promise<void> {
    this.letGo();
    this.track = track;
    track.enabled = !this.muted;
    this.source?.disconnect();
    this.source = this.audio.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.meter.node);
    this.watch = new SilenceWatch();
    track.onended = () => void this.recover();
    track.onmute = () => this.become("paused");
    track.onunmute = () => this.become("live");
    this.become(track.muted ? "paused" : "live");
    const missed = missedMicrophone(track);
    this.events.onNote("device.microphone", missed && words.microphoneMissed(missed.label, track.label));
    await this.events.onTrack(track);
  }

  /** The microphone vanished in the call: say so, and take the next one there is. */
  private async recover(): Promise<void> {
    const { signal } = this.closed;
    if (this.looking || signal.aborted) return;
    this.looking = true;
    this.become("lost");
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const track = await openMicrophone();
        if (signal.aborted) track.stop();
        else await this.take(track);
        break;
      } catch (error) {
        const trouble = error instanceof MicrophoneError ? error.trouble : "unknown";
        const text = trouble === "refused" ? advice(trouble).text : words.microphoneGone;
        this.events.onNote(`microphone.${trouble}`, text);
        await this.pause(backoffMs(attempt, Math.random()));
      }
    }
    this.looking = false;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake = done;
      this.closed.signal.addEventListener("abort", done, { once: true });
    });
  }

  private become(state: Microphone): void {
    if (state === this.state) return;
    this.state = state;
    this.events.onState(state);
  }
}
