import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { received, startBrowser, startCall, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const mood = (page: Page, name: string) => page.locator(`main[data-mood="${name}"]`).waitFor({ timeout: 20_000 });

/** The greatest loudness of what is played within 400 ms. */
const loudnessOf = (page: Page) =>
  page.locator("audio").evaluate(async (audio: HTMLAudioElement) => {
    const context = new AudioContext();
    const meter = context.createAnalyser();
    context.createMediaStreamSource(audio.srcObject as MediaStream).connect(meter);
    const samples = new Float32Array(meter.fftSize);
    let most = 0;
    for (const end = performance.now() + 400; performance.now() < end; ) {
      await new Promise((next) => setTimeout(next, 10));
      meter.getFloatTimeDomainData(samples);
      most = Math.max(most, Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length));
    }
    await context.close();
    return most;
  });

describe("a call over the WebSocket", () => {
  it("sends the microphone, tells what was granted, plays her voice and reports what was heard", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    const client = await received(mock, (event) => event.type === "twombly.client");
    expect(client).toMatchObject({ transport: "websocket", device: "computer", echo_cancellation: true });
    expect(typeof client.zone).toBe("string");
    await expect.poll(() => mock.realtime.appended ?? 0).toBeGreaterThan(20);
    await mock.realtime.speak(["Along the river,", "in this wind?"], "item_her");
    const total = "Along the river,".length * 62 + 120 + "in this wind?".length * 62 + 120;
    const reports = mock.realtime.received.filter((event) => event.type === "twombly.playback");
    const played = reports.map((event) => event.played_ms as number);
    expect(reports.length).toBeGreaterThan(10);
    expect(played).toEqual([...played].sort((a, b) => a - b));
    await received(mock, (event) => event.type === "twombly.playback" && (event.played_ms as number) > total - 250);
    expect(Math.max(...played)).toBeLessThanOrEqual(total + 1);
    await page.locator(".heard", { hasText: "wind?" }).waitFor();
    const audio = page.locator("audio");
    expect(await audio.getAttribute("playsinline")).toBe("");
    expect(await audio.evaluate((e: HTMLAudioElement) => !e.paused && e.srcObject instanceof MediaStream)).toBe(true);
    await leave();
  });

  it("lowers her voice while somebody speaks over her, and brings it back", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    const speaking = mock.realtime.speak(Array(5).fill("I could go on about this for a long time,"), "item_her");
    await received(mock, (event) => event.type === "twombly.playback" && (event.played_ms as number) > 200);
    const loudness = () => loudnessOf(page);
    const before = await loudness();
    mock.realtime.push({ type: "twombly.duck", item_id: "item_her", down: true });
    await expect.poll(async () => (await loudness()) / before).toBeLessThan(0.5);
    mock.realtime.push({ type: "twombly.duck", item_id: "item_her", down: false });
    await expect.poll(async () => (await loudness()) / before).toBeGreaterThan(0.7);
    await speaking;
    await leave();
  });

  it("holds her at the end of a word, and goes on from there", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    const speaking = mock.realtime.speak(Array(5).fill("I could go on about this for a long time,"), "item_her");
    const played = () =>
      mock.realtime.received.filter((e) => e.type === "twombly.playback").map((e) => e.played_ms as number);
    await expect.poll(() => played().at(-1) ?? 0).toBeGreaterThan(200);
    const before = await loudnessOf(page);
    const place = (played().at(-1) ?? 0) + 600;
    mock.realtime.push({ type: "twombly.hold", item_id: "another", offsets_ms: [0] });
    mock.realtime.push({ type: "twombly.hold", item_id: "item_her", offsets_ms: [100, place, place + 300] });
    await expect.poll(() => loudnessOf(page)).toBeLessThan(before / 50);
    const heldAt = played().at(-1) ?? 0;
    expect(heldAt).toBeLessThanOrEqual(place);
    expect(heldAt).toBeGreaterThan(place - 300); // less what the device still holds
    mock.realtime.push({ type: "twombly.release", item_id: "item_her" });
    await expect.poll(() => played().at(-1) ?? 0).toBeGreaterThan(place + 400);
    expect(await loudnessOf(page)).toBeGreaterThan(before / 3);
    await speaking;
    await leave();
  });

  it("goes through its states, each with its word", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    for (const [state, word] of [
      ["hearing", "Hearing you"],
      ["thinking", "Thinking"],
      ["speaking", "Speaking"],
      ["listening", "Listening"],
    ]) {
      mock.realtime.push({ type: "twombly.state", state });
      await page
        .getByRole("status")
        .filter({ hasText: word as string })
        .waitFor();
      await mood(page, state as string);
    }
    await page.getByRole("button", { name: "Mute" }).click();
    await mood(page, "muted");
    await page.getByRole("button", { name: "Unmute" }).click();
    await mood(page, "listening");
    await page.getByRole("button", { name: "Hang up" }).click();
    await page.getByRole("button", { name: "Talk with Orla" }).waitFor();
    await leave();
  });

  it("stops at once on Escape, and keeps what was heard", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    const speaking = mock.realtime.speak(["I could go on about this for a very long time, and I will."], "item_long");
    await page.locator(".heard", { hasText: "could" }).waitFor();
    await page.keyboard.press("Escape");
    await received(mock, (event) => event.type === "twombly.hard_stop");
    await speaking;
    await expect.poll(() => page.locator(".words.companion").textContent()).toMatch(/^I could.* —$/);
    await leave();
  });

  it("comes back by itself when the line is lost", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    mock.world.lineDown = true;
    mock.realtime.drop();
    await mood(page, "away");
    mock.world.lineDown = false;
    await mood(page, "listening");
    await leave();
  });

  it("says when the microphone vanishes, and takes it up again", async () => {
    const { page, leave } = await visit(browser);
    // The test keeps hold of the track, to end it as an unplugged device would.
    await page.evaluate(() => {
      const devices = navigator.mediaDevices;
      const real = devices.getUserMedia.bind(devices);
      let asked = 0;
      devices.getUserMedia = async (constraints) => {
        if (++asked === 2) throw new DOMException("gone", "NotFoundError");
        const stream = await real(constraints);
        (window as unknown as { track: MediaStreamTrack | undefined }).track = stream.getAudioTracks()[0];
        return stream;
      };
    });
    await startCall(page);
    await page.evaluate(() => {
      const { track } = window as unknown as { track: MediaStreamTrack };
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    await mood(page, "lost");
    await page.getByText("Your microphone went away").waitFor();
    await mood(page, "listening");
    await page.getByText("Your microphone went away").waitFor({ state: "detached" });
    await leave();
  });

  it("notices a microphone from which nothing comes", async () => {
    const { page, leave } = await visit(browser);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream;
    });
    await startCall(page);
    await mood(page, "silent");
    await page.getByRole("status").filter({ hasText: "I can’t hear anything" }).waitFor();
    await leave();
  });

  it("takes writing beside the voice", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    await page.getByRole("textbox", { name: "Write to her" }).fill("hello there");
    await page.keyboard.press("Enter");
    const item = await received(mock, (event) => event.type === "conversation.item.create");
    expect(item.item).toMatchObject({ role: "user", content: [{ type: "input_text", text: "hello there" }] });
    await received(mock, (event) => event.type === "response.create");
    await page.locator(".words.person", { hasText: "hello there" }).waitFor();
    await leave();
  });
});

describe("writing without a call", () => {
  it("needs no microphone, and asks for text only", async () => {
    const { page, mock, leave } = await visit(browser);
    await page.getByRole("textbox").fill("are you there?");
    await page.getByRole("button", { name: "Send" }).click();
    const update = await received(mock, (event) => event.type === "session.update");
    expect(update.session).toMatchObject({ output_modalities: ["text"] });
    await received(mock, (event) => event.type === "response.create");
    mock.realtime.push({ type: "response.output_text.done", item_id: "t", text: "I am." });
    await page.locator(".words.companion", { hasText: "I am." }).waitFor();
    expect(await page.locator("audio").count()).toBe(0);
    await leave();
  });
});
