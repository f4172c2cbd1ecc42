import { useEffect, useState } from "preact/hooks";
import { api, type Session, type Settings as Kept, type Voice } from "../api";
import type { Call } from "../call/call";
import { Panel } from "../parts/Panel";
import { VoiceCards } from "../parts/VoiceCards";
import { MindSettings } from "./Mind";
import { Sound } from "./Sound";
import { Where } from "./Where";

interface Props {
  session: Session;
  call: Call;
  kept: Kept;
  onKeep(settings: Kept): void;
  onClose(): void;
  onSignedOut(): void;
}

export function Settings({ session, call, kept, onKeep, onClose, onSignedOut }: Props) {
  // The voices come first and are many: the rest would move down when they come.
  const [ready, setReady] = useState(false);
  const signOut = async () => {
    await api.signOut().catch(() => {}); // signed out or unreachable: either way this page is left
    onSignedOut();
  };
  return (
    <Panel title="Settings" onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section class={ready ? "scroll" : "scroll unready"} tabIndex={0} aria-label="Settings">
        <VoiceSettings onReady={() => setReady(true)} />
        <Sound call={call} />
        <section>
          <h3>This page</h3>
          <label class="switch">
            <span>Captions</span>
            <input
              type="checkbox"
              class="toggle"
              checked={kept.captions}
              onChange={(event) => onKeep({ ...kept, captions: event.currentTarget.checked })}
            />
          </label>
          <label class="switch">
            <span>Small sounds, as “Mm”, while she listens or thinks</span>
            <input
              type="checkbox"
              class="toggle"
              checked={!kept.quiet}
              onChange={(event) => onKeep({ ...kept, quiet: !event.currentTarget.checked })}
            />
          </label>
          <label class="switch">
            <span>Only my voice: others who talk for longer are not answered</span>
            <input
              type="checkbox"
              class="toggle"
              checked={kept.onlyMyVoice ?? false}
              onChange={(event) => onKeep({ ...kept, onlyMyVoice: event.currentTarget.checked })}
            />
          </label>
          <ForgetVoice />
          <fieldset class="segments">
            <legend>Look</legend>
            {(["auto", "light", "dark"] as const).map((theme) => (
              <label key={theme}>
                <input
                  type="radio"
                  name="theme"
                  value={theme}
                  checked={kept.theme === theme}
                  onChange={() => onKeep({ ...kept, theme })}
                />
                <span>{theme === "auto" ? "As the system" : theme === "light" ? "Light" : "Dark"}</span>
              </label>
            ))}
          </fieldset>
        </section>
        <Where />
        <MindSettings />
        <section>
          <h3>About</h3>
          <dl class="facts">
            <dt>Program</dt>
            <dd>Twombly {session.version}</dd>
            <dt>Signed in as</dt>
            <dd>{session.person.name || "the owner"}</dd>
            <dt>Connection</dt>
            <dd>{session.secure || window.isSecureContext ? "secure" : "not secure"}</dd>
          </dl>
          <button type="button" class="chip" onClick={() => void signOut()}>
            Sign out on this device
          </button>
        </section>
      </section>
    </Panel>
  );
}

/** Forgets how the person's own voice sounds; she learns it anew from the turns after that. */
function ForgetVoice() {
  const [said, setSaid] = useState<string | null>(null);
  const forget = () =>
    api
      .forgetMyVoice()
      .then(() => setSaid("Your voice is forgotten."))
      .catch((error: Error) => setSaid(error.message));
  return (
    <>
      <button type="button" class="chip" onClick={() => void forget()}>
        Forget how my voice sounds
      </button>
      {said && (
        <p class="hint" role="status">
          {said}
        </p>
      )}
    </>
  );
}

function VoiceSettings({ onReady }: { onReady(): void }) {
  const [voices, setVoices] = useState<Voice[]>([]);
  const [current, setCurrent] = useState("");
  const [speed, setSpeed] = useState(1);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    api
      .voices()
      .then((answer) => {
        setVoices(answer.voices ?? []);
        setCurrent(answer.current);
        setSpeed(answer.speed ?? answer.voices?.find((voice) => voice.id === answer.current)?.speed ?? 1);
      })
      .catch((error: Error) => setProblem(error.message))
      .finally(onReady);
  }, []);
  const choose = (id: string, pace?: number) => {
    setCurrent(id);
    setProblem(null);
    api.chooseVoice(id, pace).catch((error: Error) => setProblem(error.message));
  };
  return (
    <section>
      <h3>Her voice</h3>
      <VoiceCards
        voices={voices}
        current={current}
        onChoose={(voice) => {
          setSpeed(voice.speed ?? 1);
          choose(voice.id);
        }}
      />
      <label class="slider">
        <span>Pace</span>
        <input
          type="range"
          min="70"
          max="130"
          step="1"
          value={Math.round(speed * 100)}
          aria-valuetext={`${Math.round(speed * 100)} percent`}
          onInput={(event) => setSpeed(Number(event.currentTarget.value) / 100)}
          onChange={(event) => choose(current, Number(event.currentTarget.value) / 100)}
        />
        <output>{Math.round(speed * 100)} %</output>
      </label>
      {problem && (
        <p class="hint" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
