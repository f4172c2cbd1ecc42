// Which microphone and which loudspeaker: what there is, what this browser was told to use, and what to do when that is
// not connected. The choice is kept in the browser and not by the server, because another device has other ones.

export type Side = "microphone" | "speaker";

/** A device of the person's; an empty id stands for the one that the system prefers. */
export interface Device {
  id: string;
  label: string;
}

export const system: Device = { id: "", label: "" };

const keys: Record<Side, string> = { microphone: "twombly.microphone", speaker: "twombly.speaker" };
const kinds: Record<Side, MediaDeviceKind> = { microphone: "audioinput", speaker: "audiooutput" };
/** Names that Chromium gives to the system's own choice, which is offered as such. */
const aliases = new Set(["", "default", "communications"]);

/** Whether this browser lets a page choose where sound comes out. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** What was chosen on this browser. */
export function chosen(side: Side): Device {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keys[side]) ?? "null");
    const { id, label } = (kept ?? {}) as Partial<Device>;
    return typeof id === "string" && typeof label === "string" ? { id, label } : system;
  } catch {
    return system; // nothing can be kept here, or what was kept cannot be read
  }
}

export function choose(side: Side, device: Device): void {
  try {
    if (device.id === "") localStorage.removeItem(keys[side]);
    else localStorage.setItem(keys[side], JSON.stringify({ id: device.id, label: device.label }));
  } catch {
    // a browser that keeps nothing: the system's devices are used
  }
}

/** The devices of a side that can be told apart, without the system's aliases. Pure. */
export function named(all: readonly MediaDeviceInfo[], side: Side): Device[] {
  return all
    .filter((device) => device.kind === kinds[side] && device.label !== "" && !aliases.has(device.deviceId))
    .map((device) => ({ id: device.deviceId, label: device.label }));
}

/**
 * The chosen device among those there are, or null when it is not connected. Some browsers change the ids from visit to
 * visit, so the name counts too. Pure.
 */
export function find(choice: Device, among: readonly Device[]): Device | null {
  return among.find((device) => device.id === choice.id) ?? among.find((d) => d.label === choice.label) ?? null;
}

/**
 * The loudspeaker, where sound comes out at the ear: on Android the names of microphones are the ways that the sound takes.
 * Null when it does not, or there is no louder way. Pure.
 */
export function louder(microphone: string, among: readonly Device[]): Device | null {
  if (!/\bearpiece\b/i.test(microphone)) return null;
  return among.find((device) => /\bspeakerphone\b/i.test(device.label)) ?? null;
}

/** All devices that the browser tells of: none before it gave the microphone to this page. */
export async function devices(): Promise<Record<Side, Device[]>> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  return { microphone: named(all, "microphone"), speaker: named(all, "speaker") };
}

/**
 * Sends an audio element's sound to the chosen loudspeaker, or to the system's when that one is not connected. Returns the
 * device that is missed, or null.
 */
export async function useChosenSpeaker(audio: HTMLAudioElement): Promise<Device | null> {
  if (!canChooseSpeaker()) return null;
  const choice = chosen("speaker");
  const device = choice.id === "" ? system : find(choice, (await devices()).speaker);
  const id = device?.id ?? "";
  try {
    if (audio.sinkId !== id) await audio.setSinkId(id);
    return device ? null : choice;
  } catch {
    if (audio.sinkId !== "") await audio.setSinkId("").catch(() => {}); // it went away in this very moment
    return choice.id === "" ? null : choice;
  }
}

/** The microphone that was chosen and that a track is not, or null. */
export function missedMicrophone(track: MediaStreamTrack): Device | null {
  const choice = chosen("microphone");
  if (choice.id === "") return null;
  const { deviceId } = track.getSettings();
  // A track made by something else than a device has no id, and nothing can be said of it.
  return deviceId === undefined || deviceId === choice.id || track.label === choice.label ? null : choice;
}
