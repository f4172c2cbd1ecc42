import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, type Session, type Settings as Kept } from "../api";
import { Call } from "../call/call";
import { applyTheme, rememberedTheme } from "../theme";
import { History } from "./History";
import { Settings } from "./Settings";
import { Stage } from "./Stage";

type View = "talk" | "history" | "settings";

interface Props {
  session: Session;
  onChanged(): void;
  onSignedOut(): void;
}

/** Everything behind the door: the stage, and beside or before it one panel. A call goes on whatever is looked at. */
export function House({ session, onChanged, onSignedOut }: Props) {
  const name = useRef(session.companion.name);
  name.current = session.companion.name;
  const call = useMemo(() => new Call(() => name.current), []);
  const [view, setView] = useView();
  const [kept, setKept] = useState<Kept>({ captions: true, theme: rememberedTheme() });
  const opener = useRef<HTMLElement | null>(null);

  useEffect(() => {
    api
      .settings()
      .then((settings) => {
        setKept(settings);
        applyTheme(settings.theme);
      })
      .catch(() => {}); // the page works with what it remembers
    return () => call.hangUp();
  }, [call]);
  useEffect(() => {
    document.title = session.companion.name || "Twombly";
  }, [session.companion.name]);

  const open = useCallback(
    (next: View) => {
      opener.current = document.activeElement as HTMLElement | null;
      setView(next);
    },
    [setView],
  );
  const close = useCallback(() => {
    setView("talk");
    requestAnimationFrame(() => opener.current?.focus());
  }, [setView]);
  useEffect(() => call.sayWordsOnly(kept.quiet), [call, kept.quiet]);
  useEffect(() => call.answerOnlyMe(kept.onlyMyVoice), [call, kept.onlyMyVoice]);
  useKeys(call, view !== "talk" ? close : null);

  const save = (settings: Kept) => {
    setKept(settings);
    applyTheme(settings.theme);
    api.saveSettings(settings).catch(() => {}); // it holds for this page, and is asked for again next time
  };
  return (
    <div class={view === "talk" ? "house" : "house with-panel"}>
      <Stage session={session} call={call} captions={kept.captions} onOpen={open} onMet={onChanged} />
      {view === "history" && <History name={session.companion.name} onClose={close} />}
      {view === "settings" && (
        <Settings session={session} call={call} kept={kept} onKeep={save} onClose={close} onSignedOut={onSignedOut} />
      )}
    </div>
  );
}

/** The view is in the address's fragment, so that a phone's back gesture leaves a panel and not the call. */
function useView(): [View, (view: View) => void] {
  const [view, setView] = useState<View>(viewOf(window.location.hash));
  useEffect(() => {
    const changed = () => setView(viewOf(window.location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  const go = useCallback((next: View) => {
    if (next === "talk") window.history.replaceState(null, "", window.location.pathname);
    else window.location.hash = next;
    setView(next);
  }, []);
  return [view, go];
}

function viewOf(hash: string): View {
  return hash === "#history" ? "history" : hash === "#settings" ? "settings" : "talk";
}

/** Escape: silence first, whenever she speaks or is about to; else it closes what is open, and where nothing is it is for silence too. */
function useKeys(call: Call, close: (() => void) | null): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      const { phase, attention } = call.talk;
      const hers = attention === "speaking" || attention === "thinking";
      if (phase === "live" && (hers || !close)) call.hardStop();
      else close?.();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [call, close]);
}
