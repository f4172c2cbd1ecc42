// The choice of microphone and loudspeaker, with Chromium's fake devices: three of each.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { received, startBrowser, startCall, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const microphone = (page: Page) => page.getByLabel("She hears you with");
const speaker = (page: Page) => page.getByLabel("You hear her through");
const sink = (page: Page) => page.locator("audio").evaluate((e: HTMLAudioElement) => e.sinkId);
const idOf = (page: Page, label: string) =>
  page.evaluate(
    async (l) => (await navigator.mediaDevices.enumerateDevices()).find((d) => d.label === l)?.deviceId,
    label,
  );

/** Notes every track that the page is given, the current one last. */
async function keepTracks(page: Page): Promise<() => Promise<{ label: string; state: string }[]>> {
  await page.evaluate(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    Object.assign(window, { tracks });
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await real(constraints);
      tracks.push(...stream.getAudioTracks());
      return stream;
    };
  });
  return () =>
    page.evaluate(() =>
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((t) => ({
        label: t.label,
        state: t.readyState,
      })),
    );
}

/** Makes a device vanish from what the browser tells, and says that something changed. */
async function unplug(page: Page, label: string): Promise<void> {
  await page.evaluate((gone) => {
    const devices = navigator.mediaDevices;
    const real = MediaDevices.prototype.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (await real()).filter((d) => d.label !== gone);
    devices.dispatchEvent(new Event("devicechange"));
  }, label);
}

async function plug(page: Page): Promise<void> {
  await page.evaluate(() => {
    Reflect.deleteProperty(navigator.mediaDevices, "enumerateDevices");
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
}

describe("the choice of devices", () => {
  it("asks to listen before it can name them", async () => {
    const { page, leave } = await visit(browser);
    await page.evaluate(() => {
      // Before it allows the microphone a browser tells that there are devices, and not which.
      const devices = navigator.mediaDevices;
      let allowed = false;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = (constraints) => {
        allowed = true;
        return ask(constraints);
      };
      const tell = devices.enumerateDevices.bind(devices);
      devices.enumerateDevices = async () =>
        allowed
          ? tell()
          : [{ kind: "audioinput", deviceId: "", groupId: "", label: "", toJSON: () => ({}) } as MediaDeviceInfo];
    });
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("once this page may listen").waitFor();
    expect(await microphone(page).count()).toBe(0);
    await page.getByRole("button", { name: "Let it listen" }).click();
    await microphone(page).waitFor();
    expect(await microphone(page).locator("option").allTextContents()).toEqual([
      "As the system",
      "Fake Audio Input 1",
      "Fake Audio Input 2",
    ]);
    await leave();
  });

  it("changes both in a running call, and remembers them", async () => {
    const { page, mock, leave } = await visit(browser);
    const tracks = await keepTracks(page);
    await startCall(page);
    await page.getByRole("button", { name: "Settings" }).click();
    await microphone(page).selectOption({ label: "Fake Audio Input 2" });
    await expect.poll(tracks).toEqual([
      { label: "Fake Default Audio Input", state: "ended" },
      { label: "Fake Audio Input 2", state: "live" },
    ]);
    const before = mock.realtime.appended ?? 0;
    await expect.poll(() => mock.realtime.appended ?? 0).toBeGreaterThan(before + 20);
    await expect.poll(() => mock.realtime.received.filter((e) => e.type === "twombly.client").length).toBe(2);
    await speaker(page).selectOption({ label: "Fake Audio Output 1" });
    await expect.poll(() => sink(page)).toBe(await idOf(page, "Fake Audio Output 1"));
    await page.reload();
    const again = await keepTracks(page);
    await page.getByRole("button", { name: "Back to the talk" }).click();
    await startCall(page);
    await expect.poll(again).toEqual([{ label: "Fake Audio Input 2", state: "live" }]);
    await expect.poll(() => sink(page)).toBe(await idOf(page, "Fake Audio Output 1"));
    await received(mock, (event) => event.type === "twombly.client");
    await leave();
  });

  it("offers the loudspeaker when her voice comes out at the ear, as on a phone", async () => {
    const { page, leave } = await visit(browser);
    await page.evaluate(() => {
      const names: Record<string, string> = {
        "Fake Default Audio Input": "Headset earpiece",
        "Fake Audio Input 1": "Headset earpiece",
        "Fake Audio Input 2": "Speakerphone",
      };
      const rename = <T extends { label: string }>(thing: T) => {
        const label = names[thing.label] ?? thing.label;
        return Object.defineProperty(thing, "label", { value: label });
      };
      const { mediaDevices } = navigator;
      const ask = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (constraints) => {
        const stream = await ask(constraints);
        for (const track of stream.getAudioTracks()) rename(track);
        return stream;
      };
      const list = mediaDevices.enumerateDevices.bind(mediaDevices);
      mediaDevices.enumerateDevices = async () => (await list()).map(rename);
    });
    const tracks = await keepTracks(page);
    await startCall(page);
    await page.getByText("My voice comes from the earpiece").waitFor();
    await page.getByRole("button", { name: "Use the loudspeaker" }).click();
    await expect.poll(tracks).toEqual([
      { label: "Headset earpiece", state: "ended" },
      { label: "Speakerphone", state: "live" },
    ]);
    await expect.poll(() => page.getByText("My voice comes from the earpiece").count()).toBe(0);
    await leave();
  });

  it("says when what was chosen is not connected, and takes it up when it comes", async () => {
    const { page, leave } = await visit(browser);
    await page.evaluate(() => {
      localStorage.setItem("twombly.microphone", JSON.stringify({ id: "0".repeat(64), label: "Fake Audio Input 1" }));
      localStorage.setItem("twombly.speaker", JSON.stringify({ id: "1".repeat(64), label: "Fake Audio Output 2" }));
    });
    const tracks = await keepTracks(page);
    await unplug(page, "Fake Audio Input 1");
    await startCall(page);
    await page.getByText("The microphone you chose, Fake Audio Input 1, cannot be had just now.").waitFor();
    await expect.poll(tracks).toEqual([{ label: "Fake Default Audio Input", state: "live" }]);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("This one is not connected.").waitFor();
    await plug(page);
    await expect.poll(async () => (await tracks()).at(-1)).toEqual({ label: "Fake Audio Input 1", state: "live" });
    await page.getByText("The microphone you chose").waitFor({ state: "detached" });
    // The loudspeaker's id had changed, as some browsers change it; its name had not.
    await expect.poll(() => sink(page)).toBe(await idOf(page, "Fake Audio Output 2"));
    await unplug(page, "Fake Audio Output 2");
    await page
      .getByText("The loudspeaker you chose, Fake Audio Output 2, cannot be had just now.")
      .waitFor({ state: "attached" });
    await expect.poll(() => sink(page)).toBe("");
    await plug(page);
    await page.getByText("The loudspeaker you chose").waitFor({ state: "detached" });
    await leave();
  });

  it("keeps the old microphone when the new one does not start", async () => {
    const { page, leave } = await visit(browser);
    const tracks = await keepTracks(page);
    await startCall(page);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotReadableError"));
    });
    await page.getByRole("button", { name: "Settings" }).click();
    await microphone(page).selectOption({ label: "Fake Audio Input 2" });
    await page.getByText("That microphone does not start").waitFor({ state: "attached" });
    expect(await tracks()).toEqual([{ label: "Fake Default Audio Input", state: "live" }]);
    await leave();
  });

  it("offers no loudspeakers where a page cannot choose them", async () => {
    const { page, leave } = await visit(browser);
    await page.evaluate(() => Reflect.deleteProperty(HTMLMediaElement.prototype, "setSinkId"));
    await startCall(page);
    await page.getByRole("button", { name: "Settings" }).click();
    await microphone(page).waitFor();
    expect(await speaker(page).count()).toBe(0);
    await leave();
  });
});
