import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Voice } from "../api";
import { useChosenSpeaker } from "../call/devices";
import { Check, Pause, Play } from "./icons";

interface Props {
  voices: Voice[];
  /** The voice she has now, if she has one. */
  current?: string;
  onChoose(voice: Voice): void;
}

/** Voices to hear and to choose: one plays at a time. */
export function VoiceCards({ voices, current, onChoose }: Props) {
  const player = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState<string | null>(null);
  const [problem, setProblem] = useState(false);
  useEffect(() => () => player.current?.pause(), []);

  const hear = (id: string) => {
    player.current?.pause();
    if (playing === id) {
      setPlaying(null);
      return;
    }
    const audio = new Audio(api.sampleURL(id));
    player.current = audio;
    const stop = () => setPlaying((now) => (now === id && player.current === audio ? null : now));
    audio.onended = stop;
    audio.onerror = () => {
      stop();
      setProblem(true);
    };
    setProblem(false);
    setPlaying(id);
    void useChosenSpeaker(audio);
    audio.play().catch(stop);
  };
  return (
    <div class="voices">
      <ul>
        {voices.map((voice) => (
          <li key={voice.id} class={voice.id === current ? "voice chosen" : "voice"}>
            <button
              type="button"
              class={playing === voice.id ? "round playing" : "round"}
              aria-label={playing === voice.id ? `Stop ${voice.name}` : `Hear ${voice.name}`}
              onClick={() => hear(voice.id)}
            >
              {playing === voice.id ? <Pause /> : <Play />}
            </button>
            <button
              type="button"
              class="voice-text"
              aria-label={voice.id === current ? `${voice.name}, her voice now` : `Choose ${voice.name}`}
              aria-pressed={voice.id === current}
              onClick={() => onChoose(voice)}
            >
              <span class="voice-name">{voice.name}</span>
              <span class="voice-description">{voice.description}</span>
            </button>
            {voice.id === current && <Check />}
          </li>
        ))}
      </ul>
      {problem && (
        <p class="hint" role="alert">
          This voice cannot be heard just now. Her voice may still be loading.
        </p>
      )}
    </div>
  );
}
