// The first meeting: a conversation like any other, with a few choices beside it.

import { useCallback, useEffect, useState } from "preact/hooks";
import { api, type Meeting } from "../api";
import { VoiceCards } from "../parts/VoiceCards";
import type { Talk } from "../protocol/reduce";

export interface MeetingState {
  now: Meeting | null;
  busy: boolean;
  problem: string | null;
  answer(text: string): Promise<void>;
  /** The introductions are being skipped: she picks her name, which takes a moment. */
  skipping: boolean;
  skip(): Promise<void>;
}

/** The first meeting as it stands; by voice it moves on too, and is asked for again. */
export function useMeeting(met: boolean, talk: Talk, onMet: () => void): MeetingState {
  const [now, setNow] = useState<Meeting | null>(null);
  const [busy, setBusy] = useState(false);
  const [skipping, setSkipping] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const take = useCallback(
    (meeting: Meeting) => {
      setNow(meeting);
      if (meeting.done) onMet();
    },
    [onMet],
  );
  const run = useCallback(
    async (work: () => Promise<Meeting>) => {
      setBusy(true);
      setProblem(null);
      try {
        take(await work());
      } catch (error) {
        setProblem((error as Error).message);
      }
      setBusy(false);
    },
    [take],
  );
  useEffect(() => {
    if (!met) void run(api.meeting);
  }, [met, talk.meeting]);

  return {
    now,
    busy,
    problem,
    answer: (text) => run(() => api.answerMeeting(text)),
    skipping,
    skip: async () => {
      setSkipping(true);
      await run(api.skipMeeting);
      setSkipping(false);
    },
  };
}

/** What she says at this step. */
export function MeetingWords({ meeting }: { meeting: MeetingState }) {
  const { now, problem } = meeting;
  if (!now) return problem ? <p role="alert">{problem}</p> : null;
  const said = now.said && !now.said.includes(now.prompt) ? now.said : null;
  return (
    <div class="meeting-words" aria-live="polite">
      {said && <p class="words companion said-before">{said}</p>}
      <p class="words companion">{now.said?.includes(now.prompt) ? now.said : now.prompt}</p>
      {problem && (
        <p class="hint" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Answers to press instead of saying or writing them. */
export function Choices({ meeting, onSay }: { meeting: Meeting; onSay(text: string): void }) {
  const voices = meeting.voices ?? [];
  const choices = meeting.choices ?? [];
  if (meeting.step === "voice" && voices.length > 0)
    return <VoiceCards voices={voices} onChoose={(v) => onSay(v.id)} />;
  if (choices.length === 0) return null;
  return (
    <fieldset class="chips">
      <legend class="hidden">Answers</legend>
      {choices.map((choice) => (
        <button key={choice.value} type="button" class="chip" onClick={() => onSay(choice.value)}>
          {choice.label}
        </button>
      ))}
    </fieldset>
  );
}
