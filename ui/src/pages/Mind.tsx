import { useEffect, useId, useState } from "preact/hooks";
import { api, type Kind, type MindPlaces } from "../api";

const asked: { kind: Kind; label: string }[] = [
  { kind: "talk", label: "What you say to each other" },
  { kind: "memories", label: "What she remembers" },
  { kind: "mail", label: "Mail" },
  { kind: "pictures", label: "Pictures" },
];

const servers: Record<string, string> = {
  ollama: "Ollama",
  lmstudio: "LM Studio",
  "llama-server": "llama-server",
  vllm: "vLLM",
  other: "A server of the OpenAI protocol",
};

/** Which mind she thinks with: the one inside, one found nearby, or any server that speaks the OpenAI protocol. */
export function MindSettings() {
  const [places, setPlaces] = useState<MindPlaces | null>(null);
  const [choice, setChoice] = useState("keep");
  const [address, setAddress] = useState("");
  const [model, setModel] = useState("");
  const [key, setKey] = useState("");
  const [consents, setConsents] = useState<Kind[]>(["talk"]);
  const [word, setWord] = useState<{ good: boolean; text: string } | null>(null);
  const [busy, setBusy] = useState(false);

  const load = () =>
    api
      .mind()
      .then(setPlaces)
      .catch((error: Error) => setWord({ good: false, text: error.message }));
  useEffect(() => void load(), []);

  const pick = (next: string) => {
    setChoice(next);
    setWord(null);
    const found = places?.found?.[Number(next)];
    if (found) {
      setAddress(found.address);
      setModel(found.models?.[0] ?? "");
    }
  };
  const save = async () => {
    setBusy(true);
    setWord(null);
    try {
      if (choice === "embedded") await api.chooseMind({ kind: "embedded" });
      else await api.chooseMind({ kind: "openai", address, model, ...(key ? { key } : {}), consents });
      setWord({ good: true, text: "Done. She thinks with it from the next thing you say." });
      setChoice("keep");
      void load();
    } catch (error) {
      setWord({ good: false, text: (error as Error).message });
    }
    setBusy(false);
  };
  const found = places?.found ?? [];
  const models = found[Number(choice)]?.models ?? [];
  return (
    <section>
      <h3>Her mind</h3>
      <label class="field">
        <span>She thinks with</span>
        <select value={choice} onChange={(event) => pick(event.currentTarget.value)}>
          <option value="keep">{nowOf(places)}</option>
          <option value="embedded">The model inside Twombly</option>
          {found.map((server, i) => (
            <option key={server.address} value={String(i)}>
              {servers[server.kind] ?? server.kind} at {server.address}
            </option>
          ))}
          <option value="other">Another server…</option>
        </select>
      </label>
      {choice !== "keep" && (
        <form
          class="mind-form"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          {choice !== "embedded" && (
            <>
              <Field
                label="Address"
                type="url"
                value={address}
                placeholder="http://127.0.0.1:8080/v1"
                set={setAddress}
              />
              <Field label="Model" value={model} set={setModel} options={models} />
              <Field label="Key, if it wants one" type="password" value={key} set={setKey} optional />
              <fieldset class="checks">
                <legend>What may be sent there</legend>
                {asked.map(({ kind, label }) => (
                  <label key={kind}>
                    <input
                      type="checkbox"
                      checked={consents.includes(kind)}
                      disabled={kind === "talk"}
                      onChange={() =>
                        setConsents((now) => (now.includes(kind) ? now.filter((k) => k !== kind) : [...now, kind]))
                      }
                    />
                    <span>{label}</span>
                  </label>
                ))}
              </fieldset>
            </>
          )}
          <button type="submit" class="pill" disabled={busy}>
            {busy ? "Asking it" : "Think with this"}
          </button>
        </form>
      )}
      {word && (
        <p class="hint" role={word.good ? "status" : "alert"}>
          {word.text}
        </p>
      )}
    </section>
  );
}

function nowOf(places: MindPlaces | null): string {
  const model = places?.current.model ?? places?.current.Model;
  return typeof model === "string" && model !== "" ? `As now: ${model}` : "As now";
}

interface FieldProps {
  label: string;
  value: string;
  set(value: string): void;
  type?: "text" | "url" | "password";
  placeholder?: string;
  options?: string[];
  optional?: boolean;
}

function Field({ label, value, set, type = "text", placeholder = "", options = [], optional = false }: FieldProps) {
  const field = useId();
  const id = `${field}-options`;
  const common = {
    id: field,
    value,
    placeholder,
    required: !optional,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: false,
    onInput: (event: { currentTarget: HTMLInputElement }) => set(event.currentTarget.value),
  } as const;
  return (
    <div class="field">
      <label for={field}>{label}</label>
      {type === "password" ? (
        <input type="password" {...common} />
      ) : type === "url" ? (
        <input type="url" {...common} />
      ) : options.length > 0 ? (
        <input type="text" list={id} {...common} />
      ) : (
        <input type="text" {...common} />
      )}
      {options.length > 0 && (
        <datalist id={id}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </div>
  );
}
