// Takes the pictures of the documentation from the built page against the mock: npm run screenshots
// With a folder, and names after it if wished, it takes the others there too: one of each state, and each with large text.

import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startMock } from "../mock/server.mjs";

const documented = [
  "door",
  "first-meeting",
  "first-meeting-voices",
  "home",
  "call",
  "trouble",
  "history",
  "settings",
  "sound",
  "call-large",
  "settings-large",
];
const folder = process.argv[2] ?? fileURLToPath(new URL("../../docs/images/", import.meta.url));
const screens = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
};
const wanted = process.argv[2] ? process.argv[3]?.split(",") : documented;

const you = "item_you";
const her = "item_her";
const partial = { type: "twombly.partial", item_id: you, text: "I walked home along the river tonight.", stable: 38 };
const reply = "Along the river, in this wind? Tell me what it looked like.";

/** Twice the size of the page's usual text. */
const large = 34;

/** Each picture: how the world is, what is done, what is pushed. */
const pictures = {
  door: { world: { signedIn: false }, path: "/#owner=0123456789012345678901234567890123456789abc" },
  "first-meeting": { world: { met: false, step: 0 } },
  "first-meeting-voices": { world: { met: false, step: 2 } },
  home: { world: {} },
  listening: { call: true, events: [] },
  hearing: {
    call: true,
    events: [
      { type: "twombly.state", state: "hearing" },
      { ...partial, text: "I walked home along the liver", stable: 24 },
    ],
  },
  thinking: { call: true, events: [partial, { type: "twombly.state", state: "thinking" }] },
  call: { call: true, speak: true },
  muted: { call: true, press: "Mute" },
  away: { call: true, drop: true },
  trouble: { refuse: true },
  history: { path: "/#history" },
  settings: { path: "/#settings" },
  sound: { call: true, press: "Settings", scrollTo: "Microphone and loudspeaker" },
  "door-large": {
    world: { signedIn: false },
    path: "/#owner=0123456789012345678901234567890123456789abc",
    text: large,
  },
  "first-meeting-voices-large": { world: { met: false, step: 2 }, text: large },
  "home-large": { text: large },
  "call-large": { call: true, speak: true, text: large },
  "trouble-large": { refuse: true, text: large },
  "history-large": { path: "/#history", text: large },
  "settings-large": { path: "/#settings", text: large },
  "sound-large": { call: true, press: "Settings", scrollTo: "Microphone and loudspeaker", text: large },
};

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--hide-scrollbars",
    "--font-render-hinting=none",
  ],
});
const missing = [];
try {
  for (const [name, picture] of Object.entries(pictures)) {
    if (wanted && !wanted.includes(name)) continue;
    for (const [screen, options] of Object.entries(screens)) {
      for (const colorScheme of ["light", "dark"]) await takeSurely(name, picture, screen, options, colorScheme);
    }
  }
} finally {
  await browser.close();
}
if (missing.length > 0) {
  console.error(`not taken: ${missing.join(", ")}`);
  process.exitCode = 1;
}

/** Takes a picture, and once more when that failed: on a busy machine a browser that paints with the processor may take longer than it is waited for. */
async function takeSurely(name, picture, screen, options, colorScheme) {
  for (const again of [true, false]) {
    try {
      return await take(name, picture, screen, options, colorScheme);
    } catch (error) {
      console.error(`${name}-${screen}-${colorScheme}: ${error.message.split("\n")[0]}`);
      if (!again) missing.push(`${name}-${screen}-${colorScheme}`);
    }
  }
}

/** Reduces a picture to a dithered palette, where the sharp package is there (npm install --no-save sharp). */
async function shrink(path) {
  const sharp = await import("sharp").catch(() => null);
  if (!sharp) return;
  const data = await sharp.default(path).png({ palette: true, quality: 90, dither: 1, effort: 10 }).toBuffer();
  await writeFile(path, data);
}

async function take(name, picture, screen, options, colorScheme) {
  const mock = await startMock({ ...picture.world });
  const context = await browser.newContext({ ...options, colorScheme, locale: "en-GB", timezoneId: "Europe/Berlin" });
  context.setDefaultTimeout(120_000);
  try {
    const page = await context.newPage();
    await page.goto(mock.url + (picture.path ?? "/"), { waitUntil: "networkidle" });
    await pose(page, mock, picture);
    const path = join(folder, `${name}-${screen}-${colorScheme}.png`);
    await page.screenshot({ path, timeout: 120_000 });
    await shrink(path);
    const { size } = await stat(path);
    console.log(path, Math.round(size / 1024), "kB");
  } finally {
    await context.close();
    await mock.close();
  }
}

/** Brings the page into the state that the picture is of. */
async function pose(page, mock, picture) {
  if (picture.text)
    await page.evaluate(
      (pixels) => document.documentElement.style.setProperty("font-size", `${pixels}px`),
      picture.text,
    );
  if (picture.refuse) {
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
    });
    await page.getByRole("button", { name: /^Talk/ }).click();
  }
  if (picture.call) {
    await page.getByRole("button", { name: /^Talk/ }).click();
    await page.locator('[data-phase="live"]').waitFor();
  }
  for (const event of picture.events ?? []) mock.realtime.push(event);
  if (picture.press) await page.getByRole("button", { name: picture.press, exact: true }).click();
  if (picture.scrollTo) {
    const heading = page.getByRole("heading", { name: picture.scrollTo });
    await heading.evaluate((element) => element.scrollIntoView({ block: "start" }));
  }
  if (picture.speak) {
    mock.realtime.push({
      ...partial,
      type: "conversation.item.input_audio_transcription.completed",
      transcript: partial.text,
    });
    void mock.realtime.speak([reply, "I only know rivers from what people say about them."], her);
    await page.locator(".heard", { hasText: "rivers" }).waitFor();
  }
  if (picture.drop) {
    mock.world.lineDown = true;
    mock.realtime.drop();
  }
  await page.evaluate(() => document.fonts.ready);
  // The form and what is faded in come to rest in this time; while she speaks the picture is of the moment.
  await page.waitForTimeout(picture.speak ? 120 : 1_800);
}
