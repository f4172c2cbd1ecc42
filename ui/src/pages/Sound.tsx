import { useEffect, useState } from "preact/hooks";
import type { Call } from "../call/call";
import { canChooseSpeaker, choose, chosen, type Device, devices, find, type Side, system } from "../call/devices";
import { MicrophoneError, openMicrophone } from "../call/microphone";
import { advice, words } from "../words";

/** Which microphone she hears with and which loudspeaker she speaks through, on this browser. */
export function Sound({ call }: { call: Call }) {
  const [all, setAll] = useState<Record<Side, Device[]>>({ microphone: [], speaker: [] });
  const [problem, setProblem] = useState<string | null>(null);
  const secure = window.isSecureContext && navigator.mediaDevices !== undefined;

  useEffect(() => {
    let gone = false;
    const look = () => void devices().then((found) => gone || setAll(found));
    look();
    // A call that begins beside this panel brings the names too.
    let microphone = call.talk.microphone;
    const unsubscribe = call.subscribe(() => {
      if (microphone === call.talk.microphone) return;
      microphone = call.talk.microphone;
      look();
    });
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => {
      gone = true;
      unsubscribe();
      navigator.mediaDevices?.removeEventListener("devicechange", look);
    };
  }, [call]);

  const ask = async () => {
    setProblem(null);
    try {
      const track = await openMicrophone();
      setAll(await devices());
      track.stop();
    } catch (error) {
      setProblem(advice(error instanceof MicrophoneError ? error.trouble : "unknown").text);
    }
  };
  const known = all.microphone.length > 0;
  return (
    <section>
      <h3>Microphone and loudspeaker</h3>
      {!secure && <p class="hint">{advice("insecure").text}</p>}
      {secure && !known && (
        <>
          <p class="hint">{words.namesHidden}</p>
          <p>
            <button type="button" class="chip" onClick={() => void ask()}>
              Let it listen
            </button>
          </p>
        </>
      )}
      {known && (
        <Choice
          label="She hears you with"
          side="microphone"
          all={all.microphone}
          onChange={() => call.useMicrophone()}
        />
      )}
      {known && canChooseSpeaker() && all.speaker.length > 0 && (
        <Choice label="You hear her through" side="speaker" all={all.speaker} onChange={() => void call.useSpeaker()} />
      )}
      {problem && (
        <p class="hint" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  side: Side;
  all: Device[];
  onChange(): void;
}

function Choice({ label, side, all, onChange }: ChoiceProps) {
  const [choice, setChoice] = useState(chosen(side));
  const here = choice.id === "" ? system : find(choice, all);
  const pick = (id: string) => {
    const device = all.find((d) => d.id === id) ?? system;
    choose(side, device);
    setChoice(device);
    onChange();
  };
  return (
    <>
      <label class="field">
        <span>{label}</span>
        <select value={here?.id ?? choice.id} onChange={(event) => pick(event.currentTarget.value)}>
          <option value="">As the system</option>
          {all.map((device) => (
            <option key={device.id} value={device.id}>
              {device.label}
            </option>
          ))}
          {!here && <option value={choice.id}>{choice.label}</option>}
        </select>
      </label>
      {!here && (
        <p class="hint" role="status">
          {words.notConnected}
        </p>
      )}
    </>
  );
}
