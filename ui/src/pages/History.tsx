import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Moment } from "../api";
import { Panel } from "../parts/Panel";

/** Waits for a pause in typing before it searches. */
const SEARCH_AFTER_MS = 250;

/** All that was said, newest last, a page at a time; search narrows it. */
export function History({ name, onClose }: { name: string; onClose(): void }) {
  const [items, setItems] = useState<Moment[] | null>(null);
  const [more, setMore] = useState(false);
  const [search, setSearch] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const asked = useRef(0);
  const end = useRef<HTMLDivElement>(null);

  const load = async (before: number | null, q: string) => {
    const mine = ++asked.current;
    try {
      const page = await api.history(before, q);
      if (mine !== asked.current) return;
      setProblem(null);
      setItems((old) => (before === null ? (page.items ?? []) : [...(page.items ?? []), ...(old ?? [])]));
      setMore(page.more);
      if (before === null) requestAnimationFrame(() => end.current?.scrollIntoView({ block: "end" }));
    } catch (error) {
      if (mine === asked.current) setProblem((error as Error).message);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void load(null, search.trim()), search === "" ? 0 : SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [search]);

  return (
    <Panel title="History" onClose={onClose}>
      <div class="search">
        <input
          type="search"
          value={search}
          placeholder="Search"
          aria-label="Search what was said"
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label="What was said">
        {problem && (
          <p class="hint" role="alert">
            {problem}
          </p>
        )}
        {more && (
          <button
            type="button"
            class="chip earlier"
            onClick={() => void load(items?.[0]?.sequence ?? null, search.trim())}
          >
            Earlier
          </button>
        )}
        {items && items.length === 0 && (
          <p class="hint">{search ? "Nothing was said like that." : "Nothing has been said yet."}</p>
        )}
        {byDay(items ?? []).map(([day, moments]) => (
          <section key={day} aria-label={day}>
            <h3>{day}</h3>
            <ol>
              {moments.map((moment) => (
                <Said key={moment.id} moment={moment} name={name || "She"} />
              ))}
            </ol>
          </section>
        ))}
        <div ref={end} />
      </section>
    </Panel>
  );
}

function Said({ moment, name }: { moment: Moment; name: string }) {
  const who = moment.speaker === "person" ? "You" : moment.speaker === "companion" ? name : "";
  return (
    <li class={`moment ${moment.speaker}`}>
      <p class="who">
        {who} <time dateTime={moment.at}>{clock.format(new Date(moment.at))}</time>
        {moment.channel === "text" && <span> · written</span>}
      </p>
      <p class="what">
        {moment.cut && moment.words === "" ? "…" : moment.words}
        {moment.cut && moment.words !== "" && " —"}
      </p>
      {moment.cut && moment.planned && (
        <details>
          <summary>You interrupted her</summary>
          <p>She had meant to say: {moment.planned}</p>
        </details>
      )}
    </li>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Groups moments by the day they were said on, here. */
export function byDay(moments: readonly Moment[]): [string, Moment[]][] {
  const days = new Map<string, Moment[]>();
  for (const moment of moments) {
    const day = date.format(new Date(moment.at));
    days.set(day, [...(days.get(day) ?? []), moment]);
  }
  return [...days];
}
