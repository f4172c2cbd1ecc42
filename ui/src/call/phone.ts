// What a phone needs around a call: the screen stays on, and the lock screen knows what is playing.

/** Keeps the screen on while held. A browser without wake locks, or one that refuses, is no reason to end a call. */
export class ScreenLight {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (this.wanted && document.visibilityState === "visible") void this.ask();
    });
  }

  on(): void {
    this.wanted = true;
    void this.ask();
  }

  off(): void {
    this.wanted = false;
    this.lock?.release().catch(() => {});
    this.lock = null;
  }

  private async ask(): Promise<void> {
    try {
      this.lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      this.lock = null; // low battery, or the page is hidden: the call goes on without
    }
  }
}

export interface LockScreen {
  name: string;
  onHangUp(): void;
  onToggleMicrophone(): void;
  /** The button of a headset, which systems take for the one that pauses music. */
  onSilence(): void;
}

/** Shows the call on the lock screen and in the system's media controls; null takes it away. */
export function showOnLockScreen(call: LockScreen | null): void {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  session.metadata = call ? new MediaMetadata({ title: call.name, artist: "Twombly" }) : null;
  session.playbackState = call ? "playing" : "none";
  const actions: Record<string, (() => void) | null> = {
    hangup: call ? () => call.onHangUp() : null,
    togglemicrophone: call ? () => call.onToggleMicrophone() : null,
    pause: call ? () => call.onSilence() : null,
    play: call ? () => call.onSilence() : null, // some systems send it in turn, whatever plays
    stop: call ? () => call.onSilence() : null,
  };
  for (const [action, handler] of Object.entries(actions)) {
    try {
      session.setActionHandler(action as MediaSessionAction, handler);
    } catch {
      // this browser does not know the action
    }
  }
}

/** Tells the system that this is a call, where it can be told: the microphone and her voice then share the sound. */
export function askForCallSound(call: boolean): void {
  const { audioSession } = navigator as { audioSession?: { type: string } };
  if (audioSession) audioSession.type = call ? "play-and-record" : "auto";
}
