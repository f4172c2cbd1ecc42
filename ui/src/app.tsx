import { useEffect, useState } from "preact/hooks";
import { APIError, api, type Session } from "./api";
import { House } from "./pages/House";
import { Owner } from "./pages/Owner";
import { Plain } from "./pages/Plain";

type Door = { at: "asking" } | { at: "owner"; secret: string } | { at: "closed" } | { at: "broken"; why: string };

/** The session to begin with, asked for while the page's letters come; null when there is an owner link to use, or none yet. */
export function firstSession(): Promise<Session | null> {
  return ownerSecret(window.location.hash) ? Promise.resolve(null) : api.session().catch(() => null);
}

/** The way in: an owner link, a session that is still good, or neither. */
export function App({ first }: { first: Session | null }) {
  const [door, setDoor] = useState<Door>(() => {
    const secret = ownerSecret(window.location.hash);
    return secret ? { at: "owner", secret } : { at: "asking" };
  });
  const [session, setSession] = useState<Session | null>(first);

  const ask = async () => {
    try {
      setSession(await api.session());
    } catch (error) {
      const signedOut = error instanceof APIError && error.status === 401;
      setDoor(signedOut ? { at: "closed" } : { at: "broken", why: (error as Error).message });
    }
  };
  useEffect(() => {
    if (door.at === "asking" && !session) void ask();
  }, [door.at]);
  useEffect(() => {
    const changed = () => {
      const secret = ownerSecret(window.location.hash);
      if (secret) setDoor({ at: "owner", secret });
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);

  if (door.at === "owner") {
    return <Owner secret={door.secret} onIn={() => setDoor({ at: "asking" })} />;
  }
  if (door.at === "closed") {
    return (
      <Plain title="You are not signed in">
        <p>On the machine that runs Twombly, ask for a link and open it here:</p>
        <p>
          <code>twombly owner-link</code>
        </p>
        <p>It is good for ten minutes, and once.</p>
      </Plain>
    );
  }
  if (door.at === "broken") {
    return (
      <Plain title="Nobody answers">
        <p>{door.why}</p>
        <button type="button" class="pill" onClick={() => setDoor({ at: "asking" })}>
          Try again
        </button>
      </Plain>
    );
  }
  if (!session)
    return (
      <p class="hidden" role="status">
        Loading
      </p>
    );
  return (
    <House
      session={session}
      onChanged={() => void ask()}
      onSignedOut={() => {
        setSession(null);
        setDoor({ at: "closed" });
      }}
    />
  );
}

function ownerSecret(hash: string): string | null {
  return /^#owner=([A-Za-z0-9_-]{20,100})$/.exec(hash)?.[1] ?? null;
}
