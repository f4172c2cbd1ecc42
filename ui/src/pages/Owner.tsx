import { useState } from "preact/hooks";
import { APIError, api } from "../api";
import { Plain } from "./Plain";

/**
 * The owner link. The secret stays in the address's fragment, which no server sees, until the person presses the button:
 * a program that only looks at links cannot use it up.
 */
export function Owner({ secret, onIn }: { secret: string; onIn(): void }) {
  const [state, setState] = useState<"ready" | "busy" | "spent" | "wrong" | string>("ready");

  const comeIn = async () => {
    setState("busy");
    try {
      await api.ownerLink(secret);
      forget();
      onIn();
    } catch (error) {
      const status = error instanceof APIError ? error.status : 0;
      if (status === 410 || status === 403) forget();
      setState(status === 410 ? "spent" : status === 403 ? "wrong" : (error as Error).message);
    }
  };

  if (state === "spent" || state === "wrong") {
    return (
      <Plain title={state === "spent" ? "This link has been used, or is too old" : "This link is not from here"}>
        <p>A link is good for ten minutes, and once. Ask for a new one on the machine that runs Twombly:</p>
        <p>
          <code>twombly owner-link</code>
        </p>
      </Plain>
    );
  }
  const busy = state === "busy";
  return (
    <Plain title="She is waiting for you" mood={busy ? "connecting" : "asleep"}>
      <button type="button" class="pill talk" disabled={busy} onClick={() => void comeIn()}>
        Come in
      </button>
      {state !== "ready" && !busy && (
        <p class="trouble-line" role="alert">
          {state}
        </p>
      )}
    </Plain>
  );
}

function forget(): void {
  window.history.replaceState(null, "", window.location.pathname);
}
