// The person's microphone: asked for with the browser's own echo canceller, and kept an eye on while the call runs.

export type MicrophoneTrouble = "refused" | "missing" | "busy" | "insecure" | "unknown";

export class MicrophoneError extends Error {
  constructor(
    readonly trouble: MicrophoneTrouble,
    cause?: unknown,
  ) {
    super(`microphone: ${trouble}`, { cause });
  }
}

/** Asks for the microphone. Rejects with a MicrophoneError that says what a person can do something about. */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new MicrophoneError("insecure");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
    const track = stream.getAudioTracks()[0];
    if (!track) throw new MicrophoneError("missing");
    return track;
  } catch (error) {
    throw error instanceof MicrophoneError ? error : new MicrophoneError(troubleOf(error), error);
  }
}

/** What a failure of getUserMedia means for the person. */
export function troubleOf(error: unknown): MicrophoneTrouble {
  switch ((error as { name?: string } | null)?.name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      return "refused";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
    case "TrackStartError":
      return "busy";
    case "SecurityError":
    case "TypeError":
      return "insecure";
    default:
      return "unknown";
  }
}

/** What the browser really granted. */
export function granted(track: MediaStreamTrack): Record<string, boolean> {
  const settings = track.getSettings();
  return {
    echo_cancellation: Boolean(settings.echoCancellation),
    noise_suppression: settings.noiseSuppression === true,
    auto_gain: settings.autoGainControl === true,
  };
}

export function deviceKind(): "phone" | "tablet" | "computer" {
  const coarse = window.matchMedia("(pointer: coarse)").matches;
  const short = Math.min(window.screen.width, window.screen.height);
  if (!coarse) return "computer";
  return short < 600 ? "phone" : "tablet";
}
