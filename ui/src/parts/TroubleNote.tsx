import type { Call, Trouble } from "../call/call";
import { advice } from "../words";

/** Why there is no call, and what to do about it. */
export function TroubleNote({ trouble, call }: { trouble: Exclude<Trouble, null>; call: Call }) {
  const { title, text, again, write } = advice(trouble);
  return (
    <section class="note" role="alert">
      <h2>{title}</h2>
      <p>{text}</p>
      {write && <p>You can write to her below meanwhile.</p>}
      <p class="note-actions">
        {again && (
          <button type="button" class="chip" onClick={() => void call.start()}>
            Try again
          </button>
        )}
        <button type="button" class="chip" onClick={() => call.dismissTrouble()}>
          Not now
        </button>
      </p>
    </section>
  );
}
