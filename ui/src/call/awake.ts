// Sound stops without being asked: a telephone call interrupts it, headphones are pulled, a page is laid aside, a laptop
// sleeps. What can be started again is started again; what needs a touch says so.

/** Sound that starts again by itself within this time is not worth a word. */
const SAID_AFTER_MS = 700;

/** Keeps the sound of a call running. */
export class SoundKeeper {
  private timer = 0;
  private said = false;

  constructor(
    private readonly audio: AudioContext,
    private readonly speaker: HTMLAudioElement,
    /** Is told true when the sound stands still and only the person can start it, and false when it runs again. */
    private readonly onStopped: (stopped: boolean) => void,
  ) {
    audio.addEventListener("statechange", this.look);
    speaker.addEventListener("pause", this.look);
    speaker.addEventListener("playing", this.look);
  }

  /** Starts what stands still; browsers allow it in the press of a button, and often otherwise. */
  readonly again = (): void => {
    if (this.audio.state === "closed") return;
    if (this.audio.state !== "running") this.audio.resume().catch(() => {});
    if (this.speaker.srcObject && this.speaker.paused) this.speaker.play().catch(() => {});
  };

  close(): void {
    this.audio.removeEventListener("statechange", this.look);
    this.speaker.removeEventListener("pause", this.look);
    this.speaker.removeEventListener("playing", this.look);
    this.settle();
  }

  private get stopped(): boolean {
    const still = this.audio.state !== "running" && this.audio.state !== "closed";
    return still || (this.speaker.srcObject !== null && this.speaker.paused);
  }

  private readonly look = (): void => {
    if (!this.stopped) {
      this.settle();
      if (this.said) this.onStopped(false);
      this.said = false;
      return;
    }
    if (this.timer !== 0) return;
    this.again();
    document.addEventListener("pointerdown", this.again);
    document.addEventListener("keydown", this.again);
    this.timer = window.setTimeout(() => {
      this.said = this.stopped;
      if (this.said) this.onStopped(true);
    }, SAID_AFTER_MS);
  };

  private settle(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    document.removeEventListener("pointerdown", this.again);
    document.removeEventListener("keydown", this.again);
  }
}

/**
 * A timer that comes this much too late means that the machine slept. The program gives up a line that does not answer for
 * 35 seconds, so that a longer sleep leaves nothing of it.
 */
const SLEPT_MS = 35_000;

/** Tells from the clock on the wall, which goes on in sleep where others stand still, whether the machine slept. */
export class SleepWatch {
  private last = Date.now();

  /** Whether more time passed since the last look than the given wait explains. */
  slept(waitedMs: number): boolean {
    const now = Date.now();
    const passed = now - this.last;
    this.last = now;
    return passed > waitedMs + SLEPT_MS;
  }
}
