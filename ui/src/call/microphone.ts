// The person's microphone: asked for with the browser's own echo canceller, and kept an eye on while the call runs.

import { chosen, devices, find } from "./devices";

export type MicrophoneTrouble = "refused" | "missing" | "busy" | "insecure" | "unknown";

export class MicrophoneError extends Error {
  constructor(
    readonly trouble: MicrophoneTrouble,
    cause?: unknown,
  ) {
    super(`microphone: ${trouble}`, { cause });
  }
}

/** Asks for the chosen microphone, or for the next best when that is not connected. Rejects with a MicrophoneError that says what a person can do something about. */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new MicrophoneError("insecure");
  try {
    const stream = await chosenStream();
    const track = stream.getAudioTracks()[0];
    if (!track) throw new MicrophoneError("missing");
    return track;
  } catch (error) {
    throw error instanceof MicrophoneError ? error : new MicrophoneError(troubleOf(error), error);
  }
}

/** A microphone that was left at home or is held by another must not keep the call from going on: then any will do. */
async function chosenStream(): Promise<MediaStream> {
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  const ask = (more: MediaTrackConstraints) => navigator.mediaDevices.getUserMedia({ audio: { ...wanted, ...more } });
  const choice = chosen("microphone");
  if (choice.id === "") return ask({});
  const here = find(choice, (await devices()).microphone);
  // Before the browser tells names, the choice can only be wished for.
  if (!here) return ask({ deviceId: { ideal: choice.id } });
  try {
    return await ask({ deviceId: { exact: here.id } });
  } catch (error) {
    if (troubleOf(error) === "refused") throw error;
    return ask({});
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
