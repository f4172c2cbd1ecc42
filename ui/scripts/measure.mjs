// Measures the built page in a call, against the mock, and prints one JSON object: npm run measure
//   form_fps       pictures of the form a second while she speaks, on a processor slowed four times
//   script_percent time in which the page's own thread works while it listens, in percent of a core
//   page_percent   processor time of the page's whole process meanwhile: with sound, echo cancellation and compositing
//   paint_ms       the first contentful paint on a processor slowed four times

import { chromium } from "playwright-core";
import { startMock } from "../mock/server.mjs";

const MEASURED_MS = 10_000;
const SETTLED_MS = 3_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
  ],
});
const mock = await startMock({});
const context = await browser.newContext({
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
});
const page = await context.newPage();
const chrome = await context.newCDPSession(page);
await chrome.send("Performance.enable");
const slow = (rate) => chrome.send("Emulation.setCPUThrottlingRate", { rate });
const wait = (ms) => page.waitForTimeout(ms);

await slow(4);
await page.goto(mock.url);
await page.getByRole("button", { name: /^Talk/ }).waitFor();
const paint = await page.evaluate(
  () =>
    new Promise((resolve) => {
      const painted = (list) => {
        const entry = list.getEntriesByName("first-contentful-paint")[0];
        if (entry) resolve(entry.startTime);
      };
      new PerformanceObserver(painted).observe({ type: "paint", buffered: true });
    }),
);
await slow(1);
await page.evaluate(() => {
  window.paints = 0;
  for (const [context, method] of [
    [WebGL2RenderingContext, "clear"],
    [CanvasRenderingContext2D, "clearRect"],
  ]) {
    const real = context.prototype[method];
    context.prototype[method] = function (...what) {
      window.paints++;
      real.apply(this, what);
    };
  }
});
await page.getByRole("button", { name: /^Talk/ }).click();
await page.locator('[data-phase="live"]').waitFor();

await wait(SETTLED_MS);
const system = await browser.newBrowserCDPSession();
/** Processor time in seconds: of the page's process (there is one page), and of all of the browser. */
const spent = async () => {
  const { metrics } = await chrome.send("Performance.getMetrics");
  const { processInfo } = await system.send("SystemInfo.getProcessInfo");
  const busy = (kind) => processInfo.filter((one) => one.type === kind).reduce((sum, one) => sum + one.cpuTime, 0);
  return {
    at: performance.now(),
    script: metrics.find((one) => one.name === "TaskDuration").value,
    page: busy("renderer"),
    graphics: busy("GPU"),
    all: processInfo.reduce((sum, one) => sum + one.cpuTime, 0),
  };
};
const paintsBefore = await page.evaluate(() => window.paints);
const before = await spent();
await wait(MEASURED_MS);
const after = await spent();
const listeningPaints = (await page.evaluate(() => window.paints)) - paintsBefore;
const seconds = (after.at - before.at) / 1000;
const percent = (name) => Math.round(((after[name] - before[name]) / seconds) * 1000) / 10;

await slow(4);
void mock.realtime.speak(Array(6).fill("and I went on along the river, in the wind,"), "item_her");
await page.locator('[data-mood="speaking"]').waitFor();
await wait(1_000);
const fps = await page.evaluate(async (ms) => {
  const from = window.paints;
  const begun = performance.now();
  while (performance.now() - begun < ms) await new Promise((next) => requestAnimationFrame(next));
  return ((window.paints - from) * 1000) / (performance.now() - begun);
}, MEASURED_MS / 2);

console.log(
  JSON.stringify({
    metrics: {
      form_fps: Math.round(fps * 10) / 10,
      form_fps_missing_of_55: Math.max(0, Math.round((55 - fps) * 10) / 10),
      listening_fps: Math.round((listeningPaints / seconds) * 10) / 10,
      script_percent: percent("script"),
      page_percent: percent("page"),
      graphics_percent: percent("graphics"),
      browser_percent: percent("all"),
      paint_ms: Math.round(paint),
    },
  }),
);
await context.close();
await mock.close();
await browser.close();
