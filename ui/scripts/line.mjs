// The other end of a WebRTC call, in a browser of its own, so that what it costs is not counted as the page's.

import { chromium } from "playwright-core";

export const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

export const launch = (...more) =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...FLAGS, ...more] });

/** Starts it. `url` is any page of the origin that calls come from. */
export async function startAnswerer(url) {
  const browser = await launch("--autoplay-policy=no-user-gesture-required");
  const page = await browser.newPage();
  await page.goto(url);
  await page.evaluate(() => {
    window.answer = async (offer) => {
      const audio = new AudioContext();
      const out = audio.createMediaStreamDestination();
      const tone = audio.createOscillator();
      const loudness = audio.createGain();
      loudness.gain.value = 0;
      tone.connect(loudness).connect(out);
      window.received = [];
      window.sound = (on) => {
        if (on && !window.toned) tone.start(); // what is only to be silent costs nothing
        window.toned ||= on;
        loudness.gain.value = on ? 0.2 : 0;
      };
      const silence = out.stream;
      const peer = new RTCPeerConnection();
      peer.ondatachannel = ({ channel }) => {
        window.channel = channel;
        channel.onmessage = ({ data }) => window.received.push(JSON.parse(data));
        channel.onopen = () => channel.send(JSON.stringify({ type: "session.created", session: {} }));
      };
      // As the program does, nothing is sent while there is nothing to hear.
      const sdp = offer.replaceAll("useinbandfec=1", "useinbandfec=1;usedtx=1");
      await peer.setRemoteDescription({ type: "offer", sdp });
      peer.addTrack(silence.getAudioTracks()[0], silence);
      await peer.setLocalDescription(await peer.createAnswer());
      while (peer.iceGatheringState !== "complete") {
        await new Promise((next) => peer.addEventListener("icegatheringstatechange", next, { once: true }));
      }
      return peer.localDescription.sdp;
    };
  });
  return {
    answer: (offer) => page.evaluate((sdp) => window.answer(sdp), offer),
    send: (event) => page.evaluate((text) => window.channel.send(text), JSON.stringify(event)),
    /** Whether a tone is heard. */
    sound: (on) => page.evaluate((yes) => window.sound(yes), on),
    received: () => page.evaluate(() => window.received),
    close: () => browser.close(),
  };
}
