// Every sentence of the page in one place: plain words, and what to do next.

import type { Trouble } from "./call/call";
import type { Mood } from "./protocol/reduce";

export const moods: Record<Mood, string> = {
  asleep: "",
  connecting: "Connecting",
  away: "We lost each other. Trying again",
  lost: "Your microphone is gone. Looking for it",
  paused: "Your microphone is held by something else",
  muted: "You are muted",
  silent: "I can’t hear anything",
  listening: "Listening",
  hearing: "Hearing you",
  thinking: "Thinking",
  speaking: "Speaking",
};

export const words = {
  microphoneGone:
    "Your microphone went away, and I am looking for it. Plug it in again, or choose another in your system’s settings.",
  microphoneMissed: (wished: string, used: string) =>
    `The microphone you chose, ${wished}, cannot be had just now. I listen with ${used || "another one"} until it is.`,
  microphoneNotChanged:
    "That microphone does not start, so I go on with the one before. Another program may be holding it.",
  speakerMissed: (wished: string) =>
    `The loudspeaker you chose, ${wished}, cannot be had just now. I speak through the usual one until it is.`,
  notConnected: "This one is not connected. Until it is, the usual one is used.",
  namesHidden: "Your browser tells their names once this page may listen.",
  pausedHint:
    "Your system or another program, perhaps a telephone call, has taken the microphone for now. I hear you again as soon as it is given back; until then you can write.",
  pickingName: "One moment: she is picking her name",
  atTheEar: "My voice comes from the earpiece. Hold me to your ear, or take the loudspeaker.",
  soundStopped: "The sound has been stopped. Touch the page or press a key, and we go on.",
  silentHint:
    "Your microphone is on, but not the least sound comes from it. It may be switched off on the device itself.",
};

export interface Advice {
  title: string;
  text: string;
  /** Trying again may help. */
  again: boolean;
  /** Writing needs no microphone. */
  write: boolean;
}

export function advice(trouble: Exclude<Trouble, null>): Advice {
  switch (trouble) {
    case "refused":
      return {
        title: "I am not allowed to listen",
        text: "The browser keeps the microphone from this page. Press the lock or the camera sign beside the address, allow the microphone, and try again.",
        again: true,
        write: true,
      };
    case "missing":
      return {
        title: "I find no microphone",
        text: "This device has no microphone that the browser can see. Connect one, and try again.",
        again: true,
        write: true,
      };
    case "busy":
      return {
        title: "Your microphone is busy",
        text: "Another program is holding it. Close that program or its call, and try again.",
        again: true,
        write: true,
      };
    case "insecure":
      return {
        title: "This page cannot listen here",
        text: `Browsers give the microphone only to pages that are secure. Open this page as http://localhost on the machine that runs Twombly, or over https with its name. Now it is open as ${window.location.origin}.`,
        again: false,
        write: true,
      };
    case "unreachable":
      return {
        title: "I can’t reach Twombly",
        text: "The program does not answer. Look whether it still runs on its machine; what you said is kept.",
        again: true,
        write: false,
      };
    case "signed-out":
      return {
        title: "You are signed out",
        text: "Ask for a new link on the machine that runs Twombly: twombly owner-link",
        again: false,
        write: false,
      };
    case "unknown":
      return {
        title: "The microphone does not start",
        text: "The browser gave no reason. Trying again often helps; starting the browser anew helps more often.",
        again: true,
        write: true,
      };
  }
}
