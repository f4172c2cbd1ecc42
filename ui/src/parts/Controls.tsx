import type { Call } from "../call/call";
import { HangUp, Hush, Microphone, MicrophoneOff } from "./icons";

/** What can be done in a call. Each button says what it does, below it. */
export function CallControls({ call }: { call: Call }) {
  const { muted, phase } = call.talk;
  const live = phase === "live";
  return (
    <div class="controls" role="toolbar" aria-label="Call">
      <button type="button" class="control" aria-pressed={muted} onClick={() => call.mute(!muted)}>
        <span class="round">{muted ? <MicrophoneOff /> : <Microphone />}</span>
        <span>{muted ? "Unmute" : "Mute"}</span>
      </button>
      <button type="button" class="control hang-up" onClick={() => call.hangUp()}>
        <span class="round">
          <HangUp />
        </span>
        <span>Hang up</span>
      </button>
      <button
        type="button"
        class="control"
        title="Escape"
        aria-keyshortcuts="Escape"
        aria-disabled={!live}
        onClick={() => live && call.hardStop()}
      >
        <span class="round">
          <Hush />
        </span>
        <span>Hush</span>
      </button>
    </div>
  );
}
