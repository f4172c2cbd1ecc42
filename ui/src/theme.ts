// Light, dark, or as the system has it. The server keeps the choice; this browser remembers it too, so that the page
// does not flash in the wrong light while it loads.

import type { Settings } from "./api";

const KEY = "twombly.theme";

export function applyTheme(theme: Settings["theme"]): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  colourFrame(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // a browser that keeps nothing: the server's choice comes with the settings
  }
}

export function rememberedTheme(): Settings["theme"] {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "auto";
  } catch {
    return "auto";
  }
}

/** The frame that a phone draws around the page takes the colour of the light that was chosen, not the system's. */
function colourFrame(theme: Settings["theme"]): void {
  for (const scheme of ["light", "dark"] as const) {
    const colour = document.querySelector<HTMLMetaElement>(`meta[name="theme-color"][data-scheme="${scheme}"]`);
    if (colour)
      colour.media = theme === "auto" ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? "all" : "not all";
  }
}
