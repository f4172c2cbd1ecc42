import { defineConfig } from "vitest/config";
import browser from "./vitest.browser.config";

// What of the page is a matter of lint: its weight, its quality, its structure.
export default defineConfig({ test: { ...browser.test, include: ["test/page/*.test.ts"] } });
