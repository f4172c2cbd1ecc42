import { useCallback, useState } from "preact/hooks";
import type { Session } from "../api";
import type { Call } from "../call/call";
import { Form } from "../form/Form";
import { Announced, Captions } from "../parts/Captions";
import { Composer } from "../parts/Composer";
import { CallControls } from "../parts/Controls";
import { Past, Sliders } from "../parts/icons";
import { TroubleNote } from "../parts/TroubleNote";
import { useCall } from "../parts/useCall";
import { mood } from "../protocol/reduce";
import { moods, words } from "../words";
import { Choices, MeetingWords, useMeeting } from "./Meeting";

interface Props {
  session: Session;
  call: Call;
  captions: boolean;
  onOpen(view: "history" | "settings"): void;
  onMet(): void;
}

/** The one place where they talk: the form, a quiet word, what is said, and what can be done about it. */
export function Stage({ session, call, captions, onOpen, onMet }: Props) {
  useCall(call);
  const { talk, trouble } = call;
  const meeting = useMeeting(session.met, talk, onMet);
  const levels = useCallback(() => call.levels(), [call]);
  const [writing, setWriting] = useState(false);
  const feeling = mood(talk);
  const name = session.companion.name;
  const her = name || "her";
  const inCall = call.spoken;
  const meetingNow = !session.met && meeting.now !== null && !meeting.now.done;
  // What she says first decides where everything stands: nothing is shown that would have to move.
  const unready = !session.met && !meeting.now && !meeting.problem;
  const crowded = meetingNow && (meeting.now?.voices?.length ?? 0) > 0;
  const showWords = captions || !inCall;

  const say = (text: string) => {
    setWriting(true);
    if (meetingNow && talk.phase === "idle") void meeting.answer(text);
    else void call.type(text);
  };
  return (
    <main
      class={`stage${unready ? " unready" : ""}${meetingNow ? " meeting" : ""}${crowded ? " crowded" : ""}${trouble ? " troubled" : ""}`}
      data-phase={talk.phase}
      data-mood={feeling}
    >
      <header class="top">
        <h1 class={name ? "name" : "name unnamed"}>{name || "Twombly"}</h1>
        <nav aria-label="Pages">
          <button type="button" class="round quiet" aria-label="History" onClick={() => onOpen("history")}>
            <Past />
          </button>
          <button type="button" class="round quiet" aria-label="Settings" onClick={() => onOpen("settings")}>
            <Sliders />
          </button>
        </nav>
      </header>
      <div class="middle">
        <div class="presence">
          <Form mood={meeting.busy && feeling === "asleep" ? "thinking" : feeling} levels={levels} />
          <p class="mood" role="status">
            {meeting.skipping ? words.pickingName : moods[feeling]}
          </p>
        </div>
        <div class="said">
          {trouble ? (
            <TroubleNote trouble={trouble} call={call} />
          ) : meetingNow && !inCall ? (
            <MeetingWords meeting={meeting} />
          ) : showWords ? (
            <Captions talk={talk} />
          ) : null}
          {feeling === "silent" && <p class="hint">{words.silentHint}</p>}
          {feeling === "paused" && <p class="hint">{words.pausedHint}</p>}
          {talk.notice && (
            <div class="notice" role="alert">
              <p class="hint">{talk.notice.message}</p>
              {talk.notice.code === "sound.earpiece" && (
                <button type="button" class="chip" onClick={() => void call.useLoudspeaker()}>
                  Use the loudspeaker
                </button>
              )}
              <button type="button" class="link" onClick={() => call.dismissNotice()}>
                All right
              </button>
            </div>
          )}
          <Announced talk={talk} name={name || "She"} />
        </div>
      </div>
      <footer class="bottom">
        {meetingNow && meeting.now && !meeting.busy && <Choices meeting={meeting.now} onSay={say} />}
        {inCall ? (
          <CallControls call={call} />
        ) : (
          <button type="button" class="pill talk" disabled={meeting.skipping} onClick={() => void call.start()}>
            {talk.lines.length > 0 || session.met ? `Talk with ${her}` : "Talk with her"}
          </button>
        )}
        <Composer label={inCall ? "Write to her" : writing ? "Write to her" : "Or write"} onSend={say} />
        {meetingNow && !inCall && (
          <button type="button" class="link" disabled={meeting.skipping} onClick={() => void meeting.skip()}>
            Skip the introductions
          </button>
        )}
      </footer>
    </main>
  );
}
