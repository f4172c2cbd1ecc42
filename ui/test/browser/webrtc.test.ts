// The WebRTC line, against a second page of the same Chromium that answers the call as the program does: it takes the
// offer over HTTP, sends a hum, and speaks the protocol on the data channel.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, startCall, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

interface Answerer {
  answer(offer: string): Promise<string>;
  send(event: unknown): void;
  /** Sends no more frames, as the program does not through silence. */
  silence(): Promise<void>;
  received: Record<string, unknown>[];
  /** RTP timestamp of the frame sent last. */
  rtp: number;
  hangUp(): void;
}
const answererOf = (page: Page) => page.evaluateHandle(() => (window as unknown as { answerer: Answerer }).answerer);

/** Makes of a page the other end of calls. */
function becomeAnswerer(): void {
  let peer: RTCPeerConnection;
  let channel: RTCDataChannel;
  let sender: RTCRtpSender;
  const answerer: Answerer = {
    received: [],
    rtp: 0,
    async answer(offer) {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      const out = audio.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      peer = new RTCPeerConnection({ encodedInsertableStreams: true } as RTCConfiguration);
      peer.ondatachannel = (event) => {
        channel = event.channel;
        channel.onmessage = (message) => answerer.received.push(JSON.parse(message.data));
        channel.onopen = () => answerer.send({ type: "session.created", session: {} });
      };
      await peer.setRemoteDescription({ type: "offer", sdp: offer });
      sender = peer.addTrack(out.stream.getAudioTracks()[0] as MediaStreamTrack, out.stream);
      for (const receiver of peer.getReceivers()) passThrough(receiver, () => {});
      passThrough(sender, (frame) => {
        answerer.rtp = frame.getMetadata().rtpTimestamp ?? frame.timestamp;
      });
      await peer.setLocalDescription(await peer.createAnswer());
      if (peer.iceGatheringState !== "complete") {
        await new Promise<void>((resolve) => {
          peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
        });
      }
      return peer.localDescription?.sdp ?? "";
    },
    send: (event) => channel.send(JSON.stringify(event)),
    silence: () => sender.replaceTrack(null),
    hangUp: () => peer.close(),
  };
  interface Frame {
    timestamp: number;
    getMetadata(): { rtpTimestamp?: number };
  }
  function passThrough(end: RTCRtpSender | RTCRtpReceiver, see: (frame: Frame) => void): void {
    const { readable, writable } = (
      end as unknown as { createEncodedStreams(): { readable: ReadableStream; writable: WritableStream } }
    ).createEncodedStreams();
    const look = new TransformStream<Frame>({
      transform(frame, controller) {
        see(frame);
        controller.enqueue(frame);
      },
    });
    void readable.pipeThrough(look).pipeTo(writable);
  }
  Object.assign(window, { answerer });
}

/** A page of ours, and the other end of its calls; not yet called. */
async function visitAnswered() {
  const { page, context, mock, leave } = await visit(browser);
  const other = await context.newPage();
  await other.goto(`${mock.url}/icon.svg`); // any page of the origin will do
  await other.evaluate(becomeAnswerer);
  const answerer = await answererOf(other);
  const calls = { count: 0 };
  await page.route("**/v1/realtime/calls", async (route) => {
    calls.count++;
    const offer = route.request().postData() ?? "";
    expect(route.request().headers()["content-type"]).toBe("application/sdp");
    const body = await answerer.evaluate((a, sdp) => a.answer(sdp), offer);
    await route.fulfill({ status: 201, headers: { Location: `/v1/realtime/calls/rtc_${calls.count}` }, body });
  });
  await page.route("**/v1/realtime/calls/*/hangup", (route) => route.fulfill({ status: 200, body: "" }));
  const heard = (type: string) => answerer.evaluate((a, t) => a.received.filter((e) => e.type === t), type);
  return { page, answerer, calls, heard, leave };
}

describe("a call over WebRTC", () => {
  it("plays from the peer connection, reports what was heard to the millisecond, and comes back when lost", async () => {
    const { page, answerer, calls, heard, leave } = await visitAnswered();
    // Her voice must never go to an AudioContext's destination: the browser would not cancel it.
    await page.evaluate(() => {
      const connect = AudioNode.prototype.connect;
      Object.assign(window, { toDestination: 0 });
      AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
        if (to[0] instanceof AudioDestinationNode) (window as unknown as { toDestination: number }).toDestination++;
        return (connect as (...a: unknown[]) => AudioNode).apply(this, to);
      } as typeof connect;
    });
    await startCall(page);
    await expect.poll(() => heard("twombly.client").then((events) => events[0])).toMatchObject({ transport: "webrtc" });

    await answerer.evaluate(async (a) => {
      while (a.rtp === 0) await new Promise((next) => setTimeout(next, 10));
      const start = (a.rtp + 4800) >>> 0;
      a.send({ type: "twombly.state", state: "speaking" });
      a.send({ type: "twombly.caption", item_id: "h", text: "I hum a little,", duration_ms: 900 });
      a.send({ type: "output_audio_buffer.started", item_id: "h", rtp_timestamp: start });
      a.send({ type: "twombly.caption", item_id: "h", text: "and then stop.", duration_ms: 700 });
    });
    await page.locator(".heard", { hasText: "stop." }).waitFor();
    await expect
      .poll(() => heard("twombly.playback").then((events) => events.at(-1)))
      .toMatchObject({ item_id: "h", content_index: 0, played_ms: 1600 });
    const played = (await heard("twombly.playback")).map((event) => event.played_ms as number);
    expect(played.length).toBeGreaterThan(8);
    expect(played).toEqual([...played].sort((a, b) => a - b));
    const audio = page.locator("audio");
    expect(await audio.getAttribute("playsinline")).toBe("");
    expect(await audio.evaluate((e: HTMLAudioElement) => !e.paused && !e.muted && e.autoplay)).toBe(true);
    expect(await page.evaluate(() => (window as unknown as { toDestination: number }).toDestination)).toBe(0);

    await page.keyboard.press("Escape");
    await expect.poll(() => heard("twombly.hard_stop").then((events) => events.length)).toBe(1);
    expect(await audio.evaluate((e: HTMLAudioElement) => e.muted)).toBe(true);
    await answerer.evaluate((a) => a.send({ type: "output_audio_buffer.started", item_id: "next", rtp_timestamp: 1 }));
    await expect.poll(() => audio.evaluate((e: HTMLAudioElement) => e.muted)).toBe(false);

    await answerer.evaluate((a) => a.hangUp());
    await page.locator('main[data-phase="away"]').waitFor();
    await page.locator('main[data-phase="live"]').waitFor();
    expect(calls.count).toBe(2);
    await leave();
  });

  it("is silent within 150 ms of a tap, Escape or a headset's button, in every state", async () => {
    const { page, answerer, heard, leave } = await visitAnswered();
    await page.evaluate(() => {
      const handlers: Record<string, (() => void) | null> = {};
      Object.assign(window, { handlers, silentAt: 0 });
      navigator.mediaSession.setActionHandler = (action, handler) => {
        handlers[action] = handler as (() => void) | null;
      };
    });
    await startCall(page);
    await expect.poll(() => heard("twombly.client").then((events) => events.length)).toBe(1);
    const rounds = process.env.TWOMBLY_LONG ? 100 : 12;
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const state = round % 4 < 3 ? "speaking" : "thinking";
      await answerer.evaluate(
        async (a, { item, state }) => {
          while (a.rtp === 0) await new Promise((next) => setTimeout(next, 10));
          a.send({ type: "twombly.caption", item_id: item, text: "I hum a little.", duration_ms: 60_000 });
          a.send({ type: "output_audio_buffer.started", item_id: item, rtp_timestamp: a.rtp >>> 0 });
          a.send({ type: "twombly.state", state });
        },
        { item: `h${round}`, state },
      );
      await page.locator(`main[data-mood="${state}"]`).waitFor();
      await page.waitForFunction(() => !document.querySelector("audio")?.muted);
      took.push(
        await page.evaluate((way) => {
          const audio = document.querySelector("audio") as HTMLAudioElement;
          const began = performance.now();
          if (way === 0) document.querySelector<HTMLButtonElement>("button[aria-keyshortcuts=Escape]")?.click();
          else if (way === 1) window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
          else (window as unknown as { handlers: Record<string, () => void> }).handlers.pause?.();
          return new Promise<number>((done) => {
            const look = () => (audio.muted ? done(performance.now() - began) : setTimeout(look, 1));
            look();
          });
        }, round % 3),
      );
      await expect.poll(() => heard("twombly.hard_stop").then((events) => events.length)).toBe(round + 1);
    }
    console.log(`silent after ${Math.max(...took).toFixed(1)} ms at most, ${rounds} times`);
    expect(Math.max(...took)).toBeLessThanOrEqual(150);
    await leave();
  });

  it("counts no silence as heard: where she is held, and goes on, is told", async () => {
    const { page, answerer, heard, leave } = await visitAnswered();
    await startCall(page);
    await expect.poll(() => heard("twombly.client").then((events) => events.length)).toBe(1);
    await answerer.evaluate(async (a) => {
      const until = async (rtp: number) => {
        while (((a.rtp - rtp) | 0) < 0) await new Promise((next) => setTimeout(next, 10));
      };
      while (a.rtp === 0) await new Promise((next) => setTimeout(next, 10));
      const start = (a.rtp + 4800) >>> 0;
      a.send({ type: "twombly.state", state: "speaking" });
      a.send({ type: "twombly.caption", item_id: "h", text: "I hum,", duration_ms: 1500 });
      a.send({ type: "output_audio_buffer.started", item_id: "h", rtp_timestamp: start });
      await until(start + 48 * 400);
      a.send({ type: "twombly.paused", item_id: "h", offset_ms: 600 });
      await until(start + 48 * 1400);
      a.send({ type: "twombly.resumed", item_id: "h", offset_ms: 600, rtp_timestamp: start + 48 * 1600 });
      await until(start + 48 * 2600);
    });
    const played = async () => (await heard("twombly.playback")).map((event) => event.played_ms as number);
    await expect.poll(async () => (await played()).at(-1)).toBe(1500);
    const all = await played();
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all).toContain(600);
    await leave();
  });

  it("knows the end of her words in a page that nobody sees, whose timers run once a second", async () => {
    const { page, answerer, heard, leave } = await visitAnswered();
    await page.evaluate(() => {
      const every = window.setInterval.bind(window);
      window.setInterval = ((work: () => void, ms: number) => every(work, Math.max(1000, ms))) as typeof setInterval;
    });
    await startCall(page);
    await expect.poll(() => heard("twombly.client").then((events) => events.length)).toBe(1);
    await answerer.evaluate(async (a) => {
      while (a.rtp === 0) await new Promise((next) => setTimeout(next, 10));
      a.send({ type: "twombly.state", state: "speaking" });
      // So short that each look finds a frame at the end of some clause, where silence would begin.
      for (let i = 0; i < 20; i++) {
        a.send({ type: "twombly.caption", item_id: "h", text: i < 19 ? "hum " : "done.", duration_ms: 100 });
      }
      const start = (a.rtp + 4800) >>> 0;
      a.send({ type: "output_audio_buffer.started", item_id: "h", rtp_timestamp: start });
      a.send({ type: "response.output_audio_transcript.done", item_id: "h", transcript: "" });
      while (((a.rtp - start) | 0) < 48 * 2000) await new Promise((next) => setTimeout(next, 10));
      await a.silence();
      a.send({ type: "output_audio_buffer.stopped", item_id: "h" });
    });
    await page.locator("[role=log]", { hasText: "hum done." }).waitFor();
    await expect
      .poll(() => heard("twombly.playback").then((events) => events.at(-1)))
      .toMatchObject({ item_id: "h", played_ms: 2000 });
    await leave();
  });
});
