import { isOver, type Line, shownText, type Talk } from "../protocol/reduce";

/** What is shown of the talk: the person's last words, and hers since. */
export function currentLines(lines: readonly Line[]): Line[] {
  const spoken = lines.filter((line) => line.text !== "");
  const lastPerson = spoken.findLastIndex((line) => line.speaker === "person");
  return (lastPerson < 0 ? spoken.slice(-1) : spoken.slice(lastPerson)).slice(-3);
}

/** The words as they are said. They change too often to be read out; Announced does that once they stand. */
export function Captions({ talk }: { talk: Talk }) {
  return (
    <div class="captions" aria-hidden="true">
      <div>
        {currentLines(talk.lines).map((line) =>
          line.speaker === "person" ? (
            <PersonWords key={line.id} line={line} />
          ) : (
            <HerWords key={line.id} line={line} />
          ),
        )}
      </div>
    </div>
  );
}

function PersonWords({ line }: { line: Line }) {
  return (
    <p class="words person">
      {line.text.slice(0, line.stable)}
      {!line.final && <span class="unsure">{line.text.slice(line.stable)}</span>}
    </p>
  );
}

/**
 * Her words take their places as a clause comes and become visible as they sound, so that no line moves while it is read.
 */
function HerWords({ line }: { line: Line }) {
  const heard = shownText(line);
  if (line.cut) return <p class="words companion">{`${heard.replace(/[\s,;:.!?…—]+$/, "")} —`}</p>;
  let end = 0;
  const words = (line.text.match(/\s*\S+/g) ?? []).map((word) => {
    end += word.length;
    return { word, heard: end <= heard.length };
  });
  return (
    <p class="words companion">
      {words.map(({ word, heard }, i) => (
        <span key={i} class={heard ? "heard" : "unheard"}>
          {word}
        </span>
      ))}
    </p>
  );
}

/** For screen readers: each line once, when it stands. */
export function Announced({ talk, name }: { talk: Talk; name: string }) {
  const lines = talk.lines.filter((line) => line.text !== "" && isOver(line)).slice(-6);
  return (
    <div class="hidden" role="log" aria-live="polite" aria-label="What is said">
      {lines.map((line) => (
        <p key={line.id}>
          {line.speaker === "person" ? "You" : name}: {shownText(line)}
        </p>
      ))}
    </div>
  );
}
