// A real Chromium, a page in it, and the mock behind it. The page is watched: an error on the console, a broken policy or
// a request to anywhere else fails the test that made it.

import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
// @ts-expect-error the mock is plain JavaScript
import { startMock } from "../../mock/server.mjs";

export interface Mock {
  url: string;
  world: Record<string, unknown> & { requests: { call: string; body: string }[]; lineDown: boolean; refused: number };
  realtime: {
    received: Record<string, unknown>[];
    appended?: number;
    sounds: number[];
    lines: Set<unknown>;
    deafTo: unknown[];
    push(event: unknown): void;
    speak(clauses: string[], itemID: string): Promise<void>;
    drop(): void;
  };
  close(): Promise<void>;
}

export interface Visit {
  page: Page;
  context: BrowserContext;
  mock: Mock;
  /** Console errors and foreign requests so far. */
  faults: string[];
  /** Checks that nothing went wrong, and closes. */
  leave(): Promise<void>;
}

/** Starts Chromium; microphone says which device it has: a beeping one, none, or one that the person refuses. */
export function startBrowser(microphone: "fake" | "none" | "refused" = "fake"): Promise<Browser> {
  const devices = {
    fake: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
    none: ["--use-fake-ui-for-media-stream"], // the machine of the tests has no sound card
    refused: ["--use-fake-ui-for-media-stream=deny", "--use-fake-device-for-media-stream"],
  }[microphone];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--autoplay-policy=user-gesture-required",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      ...devices,
    ],
  });
}

export async function visit(
  browser: Browser,
  world: Record<string, unknown> = {},
  path = "/",
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const mock: Mock = await startMock(world);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // A refused answer that the page handles is reported by the browser too.
    if (/Failed to load resource|WebSocket connection to/.test(message.text())) return;
    faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(mock.url)) faults.push(`foreign request: ${request.url()}`);
  });
  await page.goto(mock.url + path);
  return {
    page,
    context,
    mock,
    faults,
    leave: async () => {
      await context.close();
      await mock.close();
      expect(faults).toEqual([]);
    },
  };
}

/** Presses the big button and waits until they are connected. */
export async function startCall(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Talk/ }).click();
  await page.locator('[data-phase="live"]').waitFor();
}

/** Waits until the mock has received an event that fits. */
export async function received(mock: Mock, fits: (event: Record<string, unknown>) => boolean) {
  return expect
    .poll(() => mock.realtime.received.find(fits), { timeout: 15_000, interval: 50 })
    .toBeTruthy()
    .then(() => mock.realtime.received.find(fits) as Record<string, unknown>);
}
