import { useEffect, useState } from "preact/hooks";
import { api, type Part, type Status } from "../api";
import { Away, Home } from "../parts/icons";

const AGAIN_MS = 5_000;

const states: Record<Part["state"], string> = {
  ready: "ready",
  loading: "loading",
  missing: "missing",
  restarting: "starting again",
  stopped: "stopped",
};

const kinds: Record<string, string> = {
  talk: "what you say to each other",
  memories: "what she remembers",
  mail: "mail",
  pictures: "pictures",
};

/** Where she runs: each part with its model and place, and what leaves the machine. */
export function Where() {
  const [status, setStatus] = useState<Status | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const ask = () =>
      api
        .status()
        .then((answer) => {
          setStatus(answer);
          setProblem(null);
        })
        .catch((error: Error) => setProblem(error.message));
    void ask();
    const timer = setInterval(() => document.visibilityState === "visible" && void ask(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <section>
      <h3>Where she runs</h3>
      {problem && (
        <p class="hint" role="alert">
          {problem}
        </p>
      )}
      {status && <Leaving leaves={status.leaves ?? []} />}
      <ul class="parts">
        {(status?.parts ?? []).map((part) => (
          <li key={part.id} class={`part ${part.state}`}>
            {part.local ? <Home /> : <Away />}
            <div>
              <p class="part-name">
                {part.name}
                {part.state !== "ready" && <strong> · {states[part.state]}</strong>}
              </p>
              <p class="part-model">
                {part.model} · {part.place}
              </p>
              {part.detail && <p class="part-model">{part.detail}</p>}
              {part.id === "mind" && status && <Speed mind={status.mind} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Leaving({ leaves }: { leaves: string[] }) {
  if (leaves.length === 0) return <p class="leaves">Nothing leaves this machine.</p>;
  const named = leaves.map((kind) => kinds[kind] ?? kind);
  return <p class="leaves">This leaves the machine, because you chose it: {named.join(", ")}.</p>;
}

function Speed({ mind }: { mind: Status["mind"] }) {
  const { promptTokensPerSecond: reads, generateTokensPerSecond: writes } = mind;
  if (!writes) return null;
  return (
    <p class="part-model">
      {reads ? `reads ${Math.round(reads)} and ` : ""}writes {writes < 10 ? writes.toFixed(1) : Math.round(writes)}{" "}
      tokens a second
    </p>
  );
}
