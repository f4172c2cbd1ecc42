import { defineConfig } from "vitest/config";

// Real Chromium against the mock: one at a time, because each takes a core.
export default defineConfig({
  test: {
    include: ["test/browser/*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
