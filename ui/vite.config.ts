import { defineConfig } from "vite";

// The page is embedded into the program, so it is built into the web package's assets. Nothing is inlined: the server's
// content security policy allows files of its own origin only.
export default defineConfig({
  base: "/",
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
