import { defineConfig, type Plugin } from "vite";

// The page is embedded into the program, so it is built into the web package's assets. Nothing is inlined: the server's
// content security policy allows files of its own origin only.
export default defineConfig({
  base: "/",
  plugins: [preloadLetters()],
  build: {
    outDir: "../internal/web/assets/dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:4380",
      "/v1": { target: "http://127.0.0.1:4380", ws: true },
    },
  },
});

/** The page is first shown in its own letters, so they are fetched beside the script and not after it. */
function preloadLetters(): Plugin {
  return {
    name: "preload-letters",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => /figtree-latin-wght-normal.*\.woff2$/.test(name));
        if (!file) return [];
        const attrs = { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href: `/${file}` };
        return [{ tag: "link", attrs, injectTo: "head" }];
      },
    },
  };
}
