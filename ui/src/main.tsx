import { render } from "preact";
import { App } from "./app";
import { applyTheme, rememberedTheme } from "./theme";
import "@fontsource-variable/figtree/index.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/stage.css";
import "./styles/controls.css";
import "./styles/panel.css";

applyTheme(rememberedTheme());
const root = document.getElementById("page");
if (root) render(<App />, root);
