// What happens to a call that something happens to: the system takes the microphone or the sound, the page is laid aside,
// the machine sleeps, the network goes. The call goes on, or the page says what to do; nothing that was written is lost.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mock, received, startBrowser, startCall, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const mood = (page: Page, name: string) => page.locator(`main[data-mood="${name}"]`).waitFor({ timeout: 20_000 });
/** Waits until sound of the microphone reaches the mock again. */
async function hears(mock: Mock): Promise<void> {
  const before = mock.realtime.appended ?? 0;
  await expect.poll(() => mock.realtime.appended ?? 0, { timeout: 10_000 }).toBeGreaterThan(before + 15);
}
/** Cuts the line, and lets none be opened until mock.world.lineDown is false. */
async function lose(page: Page, mock: Mock): Promise<void> {
  mock.world.lineDown = true;
  mock.realtime.drop();
  await mood(page, "away");
}
const written = (mock: Mock) =>
  mock.realtime.received
    .filter((event) => event.type === "conversation.item.create")
    .map((event) => (event.item as { content: { text: string }[] }).content[0]?.text);
async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /rite/ }).fill(text);
  await page.keyboard.press("Enter");
}

interface Kept {
  track: MediaStreamTrack;
  audio: AudioContext;
  visible: boolean;
  asked: number;
}
/** Keeps hold of what the page is made of, to do to it what a system does. */
async function keepHold(page: Page): Promise<void> {
  await page.evaluate(() => {
    const kept = { visible: true, asked: 0 } as Kept;
    Object.assign(window, { kept });
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      kept.asked++;
      const stream = await ask(constraints);
      kept.track = stream.getAudioTracks()[0] as MediaStreamTrack;
      return stream;
    };
    window.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        kept.audio ??= this; // that of the call; what is kept for want of a line has one of its own
      }
    };
    Object.defineProperty(document, "visibilityState", { get: () => (kept.visible ? "visible" : "hidden") });
  });
}
const kept = <T>(page: Page, use: (kept: Kept) => T) =>
  page.evaluate(`(${use.toString()})(window.kept)`) as Promise<Awaited<T>>;
const show = (page: Page, visible: boolean) =>
  page.evaluate((v) => {
    (window as unknown as { kept: Kept }).kept.visible = v;
    document.dispatchEvent(new Event("visibilitychange"));
  }, visible);

describe("the microphone", () => {
  it("says when the system has taken it, and goes on when it is given back", async () => {
    const { page, mock, leave } = await visit(browser);
    await keepHold(page);
    await startCall(page);
    await kept(page, (k) => k.track.dispatchEvent(new Event("mute")));
    await mood(page, "paused");
    await page.getByText("perhaps a telephone call").waitFor();
    await kept(page, (k) => k.track.dispatchEvent(new Event("unmute")));
    await mood(page, "listening");
    await hears(mock);
    await leave();
  });

  it("is asked for anew when it did not come back while the page was hidden", async () => {
    const { page, mock, leave } = await visit(browser);
    await keepHold(page);
    await startCall(page);
    await show(page, false);
    await kept(page, (k) => {
      Object.defineProperty(k.track, "muted", { value: true });
      k.track.dispatchEvent(new Event("mute"));
    });
    await mood(page, "paused");
    await show(page, true);
    await mood(page, "listening");
    expect(await kept(page, (k) => k.asked)).toBe(2);
    await hears(mock);
    await leave();
  });

  it("ends, and the next one that is plugged in is taken at once", async () => {
    const { page, mock, leave } = await visit(browser);
    await keepHold(page);
    await startCall(page);
    await page.evaluate(() => {
      const { kept } = window as unknown as { kept: Kept };
      const ask = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
      navigator.mediaDevices.addEventListener("devicechange", () => {
        navigator.mediaDevices.getUserMedia = ask;
      });
      kept.track.stop();
      kept.track.dispatchEvent(new Event("ended"));
    });
    await mood(page, "lost");
    await page.getByText("Plug it in again").waitFor();
    // The last listener to hear of it makes the microphone work, so the page finds it at its next try.
    await page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event("devicechange")));
    await mood(page, "listening");
    await page.getByText("Plug it in again").waitFor({ state: "detached" });
    await hears(mock);
    await leave();
  });

  it("stays muted when it is changed while muted", async () => {
    const { page, leave } = await visit(browser);
    await keepHold(page);
    await startCall(page);
    await page.getByRole("button", { name: "Mute" }).click();
    await kept(page, (k) => {
      k.track.stop();
      k.track.dispatchEvent(new Event("ended"));
    });
    await expect.poll(() => kept(page, (k) => k.asked)).toBe(2);
    await mood(page, "muted");
    await expect.poll(() => kept(page, (k) => [k.track.readyState, k.track.enabled])).toEqual(["live", false]);
    await leave();
  });
});

describe("the sound", () => {
  it("starts again by itself when the system interrupted it", async () => {
    const { page, mock, leave } = await visit(browser);
    await keepHold(page);
    await startCall(page);
    await kept(page, (k) => k.audio.suspend());
    await expect.poll(() => kept(page, (k) => k.audio.state)).toBe("running");
    await hears(mock);
    await leave();
  });

  it("asks for a touch when it may not start by itself", async () => {
    const { page, mock, leave } = await visit(browser);
    await keepHold(page);
    await startCall(page);
    await kept(page, (k) => {
      const resume = k.audio.resume.bind(k.audio);
      // As Safari does until the telephone call is over, and then until the page is touched.
      k.audio.resume = () => Promise.reject(new DOMException("", "InvalidStateError"));
      document.addEventListener("keydown", () => void resume(), { once: true });
      return k.audio.suspend();
    });
    await page.getByText("Touch the page or press a key").waitFor();
    await page.keyboard.press("Shift");
    await page.getByText("Touch the page or press a key").waitFor({ state: "detached" });
    await hears(mock);
    await leave();
  });

  it("goes on when pulled headphones have paused her voice", async () => {
    const { page, leave } = await visit(browser);
    await startCall(page);
    const audio = page.locator("audio");
    await audio.evaluate((e: HTMLAudioElement) => e.pause());
    await expect.poll(() => audio.evaluate((e: HTMLAudioElement) => e.paused)).toBe(false);
    expect(await page.getByText("Touch the page or press a key").count()).toBe(0);
    await leave();
  });
});

describe("the line", () => {
  it("keeps what was written while it was away, and says it once", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    await lose(page, mock);
    await write(page, "are you still there?");
    await page.locator(".words.person", { hasText: "are you still there?" }).waitFor();
    mock.world.lineDown = false;
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await mood(page, "listening");
    await expect.poll(() => written(mock)).toEqual(["are you still there?"]);
    await hears(mock);
    mock.realtime.drop(); // what was confirmed is not said again
    await mood(page, "away");
    await mood(page, "listening");
    await hears(mock);
    expect(written(mock)).toEqual(["are you still there?"]);
    await leave();
  });

  it("is told what was said while it was away, before what is said now", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    await hears(mock);
    await lose(page, mock);
    await expect.poll(() => mock.world.refused, { timeout: 20_000 }).toBeGreaterThan(1);
    const away = mock.realtime.sounds.length;
    mock.world.lineDown = false;
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await mood(page, "listening");
    await hears(mock);
    const since = mock.realtime.sounds.slice(away);
    const kept = since.indexOf(20);
    expect(kept).toBeGreaterThan(3);
    expect(since.slice(0, kept - 1).every((ms) => ms === 100)).toBe(true);
    expect(since.slice(kept).every((ms) => ms === 20)).toBe(true); // and once only
    await leave();
  });

  for (const event of ["the network is back", "the page is shown"]) {
    it(`is taken up at once when ${event}`, async () => {
      const { page, mock, leave } = await visit(browser);
      await keepHold(page);
      await page.evaluate(() => {
        Math.random = () => 0.999; // the longest waits
      });
      await startCall(page);
      await show(page, false);
      await lose(page, mock);
      // Some way into the doubling: the next try by itself would be five seconds away.
      await expect.poll(() => mock.world.refused, { timeout: 20_000 }).toBeGreaterThan(3);
      mock.world.lineDown = false;
      const asked = performance.now();
      if (event === "the network is back") await page.evaluate(() => window.dispatchEvent(new Event("online")));
      else await show(page, true);
      await mood(page, "listening");
      expect(performance.now() - asked).toBeLessThan(2_500);
      await leave();
    });
  }

  it("that swallows what is written is given up, and it is said again", async () => {
    const { page, mock, leave } = await visit(browser);
    await write(page, "good evening");
    await received(mock, (event) => event.type === "response.create");
    mock.realtime.deafTo = [...mock.realtime.lines];
    await write(page, "and good night");
    await page.locator(".words.person", { hasText: "and good night" }).waitFor();
    await expect.poll(() => written(mock), { timeout: 20_000 }).toEqual(["good evening", "and good night"]);
    await leave();
  });

  it("goes over the WebSocket when WebRTC is agreed on and never opens", async () => {
    const { page, context, mock, leave } = await visit(browser);
    const other = await context.newPage();
    await other.goto(`${mock.url}/icon.svg`);
    await page.route("**/v1/realtime/calls", async (route) => {
      const answer = await other.evaluate(async (sdp) => {
        const peer = new RTCPeerConnection();
        await peer.setRemoteDescription({ type: "offer", sdp });
        await peer.setLocalDescription(await peer.createAnswer());
        const agreed = peer.localDescription?.sdp ?? "";
        peer.close(); // agreed, and nobody there: a network that lets no UDP through
        return agreed;
      }, route.request().postData() ?? "");
      await route.fulfill({ status: 201, headers: { Location: "/v1/realtime/calls/rtc_1" }, body: answer });
    });
    await page.route("**/v1/realtime/calls/*/hangup", (route) => route.fulfill({ status: 200, body: "" }));
    await startCall(page);
    const client = await received(mock, (event) => event.type === "twombly.client");
    expect(client.transport).toBe("websocket");
    await hears(mock);
    await leave();
  });
});

describe("a laptop that sleeps", () => {
  it("in a call: wakes with a new line, and with the microphone", async () => {
    const { page, mock, leave } = await visit(browser);
    await page.clock.install();
    await startCall(page);
    await received(mock, (event) => event.type === "twombly.client");
    const before = mock.realtime.received.filter((event) => event.type === "twombly.client").length;
    mock.realtime.deafTo = [...mock.realtime.lines]; // the socket still looks open
    await page.clock.fastForward("01:00:00");
    await expect
      .poll(() => mock.realtime.received.filter((event) => event.type === "twombly.client").length)
      .toBe(before + 1);
    await mood(page, "listening");
    await hears(mock);
    await leave();
  });

  it("while the line is away: the time asleep does not count against it", async () => {
    const { page, mock, leave } = await visit(browser);
    await page.clock.install();
    await startCall(page);
    await lose(page, mock);
    await write(page, "I was asleep");
    const tries = mock.world.refused;
    await page.clock.fastForward("08:00:00");
    await expect.poll(() => mock.world.refused, { timeout: 20_000 }).toBeGreaterThan(tries + 1);
    await mood(page, "away");
    mock.world.lineDown = false;
    await mood(page, "listening");
    await expect.poll(() => written(mock)).toEqual(["I was asleep"]);
    await leave();
  });

  it("awake and without a line for three minutes: says what to do, and keeps what was written", async () => {
    const { page, mock, leave } = await visit(browser);
    await page.clock.install();
    await startCall(page);
    await lose(page, mock);
    await write(page, "do not forget this");
    const trouble = page.getByRole("heading", { name: "I can’t reach Twombly" });
    await expect
      .poll(
        async () => {
          await page.clock.fastForward(14_000);
          return trouble.count();
        },
        { timeout: 40_000, interval: 100 },
      )
      .toBe(1);
    mock.world.lineDown = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await mood(page, "listening");
    await expect.poll(() => written(mock)).toEqual(["do not forget this"]);
    await leave();
  });
});
