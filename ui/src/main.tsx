import { render } from "preact";
import { App } from "./app";
import { applyTheme, rememberedTheme } from "./theme";
import "@fontsource-variable/figtree/index.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/stage.css";
import "./styles/controls.css";
import "./styles/panel.css";

/** The letters come with the page; words shown in others first would move when they are there. */
const LETTERS_WITHIN_MS = 400;
const letters = document.fonts.load('1em "Figtree Variable"').catch(() => []);
const late = new Promise((go) => setTimeout(go, LETTERS_WITHIN_MS));

applyTheme(rememberedTheme());
const root = document.getElementById("page");
if (root) void Promise.race([letters, late]).then(() => render(<App />, root));
