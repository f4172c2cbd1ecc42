// Measures the built page in a call over WebRTC and prints one JSON object: npm run measure
//   form_fps       pictures of the form a second while she speaks, on a processor slowed four times
//   page_percent   processor time of the page's whole process while it listens, in percent of a core
//   bare_percent   the same of an empty page with the same call: the browser's own sound and network
//   added_percent  what the page costs beyond that
//   script_percent time in which the page's own thread works meanwhile
//   paint_ms       the first contentful paint on a processor slowed four times, median of PAINTS

import { startMock } from "../mock/server.mjs";
import { launch, startAnswerer } from "./line.mjs";

const MEASURED_MS = 10_000;
const SETTLED_MS = 3_000;
const PAINTS = 7;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const browser = await launch("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream");
const system = await browser.newBrowserCDPSession();
const mock = await startMock({});
const answerer = await startAnswerer(`${mock.url}/icon.svg`);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Processor time in seconds: of the pages' processes, of the one that draws, and of all of the browser. */
async function spent() {
  const { processInfo } = await system.send("SystemInfo.getProcessInfo");
  const busy = (kind) => processInfo.filter((one) => one.type === kind).reduce((sum, one) => sum + one.cpuTime, 0);
  return {
    at: performance.now() / 1000,
    page: busy("renderer"),
    graphics: busy("GPU"),
    all: processInfo.reduce((sum, one) => sum + one.cpuTime, 0),
  };
}

/** Percent of a core that each of the figures grows by in a second. */
async function rates(read) {
  await wait(SETTLED_MS);
  const before = await read();
  await wait(MEASURED_MS);
  const after = await read();
  const seconds = after.at - before.at;
  return (name) => Math.round(((after[name] - before[name]) / seconds) * 1000) / 10;
}

async function visit(path) {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  const chrome = await context.newCDPSession(page);
  const slow = (rate) => chrome.send("Emulation.setCPUThrottlingRate", { rate });
  await slow(4);
  await page.goto(mock.url + path);
  return { context, page, chrome, slow };
}

async function firstPaint() {
  const { context, page } = await visit("/");
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
  await context.close();
  return paint;
}

/** What any page costs that holds such a call. */
async function bareCall() {
  const { context, page, slow } = await visit("/icon.svg");
  await slow(1);
  await page.exposeFunction("answered", answerer.answer);
  await page.evaluate(async () => {
    const processing = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: processing });
    const peer = new RTCPeerConnection();
    const open = new Promise((opened) => {
      peer.createDataChannel("oai-events").onopen = opened;
    });
    peer.addTransceiver(microphone.getAudioTracks()[0], { direction: "sendrecv" });
    peer.ontrack = ({ track }) => {
      window.speaker = new Audio();
      window.speaker.srcObject = new MediaStream([track]);
      void window.speaker.play();
    };
    await peer.setLocalDescription(await peer.createOffer());
    await peer.setRemoteDescription({ type: "answer", sdp: await window.answered(peer.localDescription.sdp) });
    await open;
    window.peer = peer;
  });
  const rate = await rates(spent);
  await context.close();
  return rate("page");
}

/** Counts the pictures of the form. */
function countPaints() {
  window.paints = 0;
  for (const [context, method] of [
    [WebGL2RenderingContext, "clear"],
    [CanvasRenderingContext2D, "clearRect"],
  ]) {
    const real = context.prototype[method];
    context.prototype[method] = function (...what) {
      if (this.canvas.isConnected) window.paints++;
      real.apply(this, what);
    };
  }
}

async function call() {
  const { context, page, chrome, slow } = await visit("/");
  await slow(1);
  await page.route("**/v1/realtime/calls", async (route) => {
    const body = await answerer.answer(route.request().postData() ?? "");
    await route.fulfill({ status: 201, headers: { Location: "/v1/realtime/calls/rtc_measured" }, body });
  });
  await page.evaluate(countPaints);
  await chrome.send("Performance.enable");
  await page.getByRole("button", { name: /^Talk/ }).click();
  await page.locator('[data-phase="live"]').waitFor();
  const listening = await rates(async () => {
    const { metrics } = await chrome.send("Performance.getMetrics");
    const script = metrics.find((one) => one.name === "TaskDuration").value;
    return { ...(await spent()), script, paints: (await page.evaluate(() => window.paints)) / 100 };
  });

  await slow(4);
  await answerer.send({ type: "twombly.state", state: "speaking" });
  await page.locator('[data-mood="speaking"]').waitFor();
  const speaking = await rates(async () => ({
    at: performance.now() / 1000,
    paints: (await page.evaluate(() => window.paints)) / 100,
  }));
  await context.close();
  return { listening, speaking };
}

const paints = [];
for (let i = 0; i < PAINTS; i++) paints.push(await firstPaint());
paints.sort((a, b) => a - b);
const bare = await bareCall();
const { listening, speaking } = await call();
const fps = speaking("paints");
console.log(
  JSON.stringify({
    metrics: {
      form_fps: fps,
      form_fps_missing_of_55: Math.max(0, Math.round((55 - fps) * 10) / 10),
      listening_fps: listening("paints"),
      script_percent: listening("script"),
      page_percent: listening("page"),
      bare_percent: bare,
      added_percent: Math.round((listening("page") - bare) * 10) / 10,
      graphics_percent: listening("graphics"),
      browser_percent: listening("all"),
      paint_ms: Math.round(paints[PAINTS >> 1]),
    },
  }),
);
await answerer.close();
await mock.close();
await browser.close();
