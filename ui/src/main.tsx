import { render } from "preact";
import { App, firstSession } from "./app";
import { applyTheme, rememberedTheme } from "./theme";
import "@fontsource-variable/figtree/index.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/stage.css";
import "./styles/controls.css";
import "./styles/panel.css";

/** The page is shown once, when its letters and who is there are known, but not later than this. */
const SHOWN_WITHIN_MS = 400;
const late = new Promise<null>((go) => setTimeout(() => go(null), SHOWN_WITHIN_MS));
// Words shown in other letters first would move.
const letters = document.fonts.load('1em "Figtree Variable"').catch(() => null);
const session = firstSession();

applyTheme(rememberedTheme());
const root = document.getElementById("page");
if (root) {
  void Promise.all([Promise.race([session, late]), Promise.race([letters, late])]).then(([first]) =>
    render(<App first={first} />, root),
  );
}
