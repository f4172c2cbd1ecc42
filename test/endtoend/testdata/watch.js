// Runs in the page before anything else: notes every line that the page gives to screen readers, and listens to what its
// <audio> element plays. Nothing of the page is changed.
(() => {
  const lines = []; // {node, text}, in the order of their coming
  const known = new Map();
  const look = () => {
    for (const node of document.querySelectorAll("[role=log] p")) {
      let line = known.get(node);
      if (!line) {
        line = { text: "" };
        known.set(node, line);
        lines.push(line);
      }
      line.text = node.textContent;
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });

  let pieces = []; // Int16Array each
  let rate = 0;
  let tapped = null;
  const listen = async (track) => {
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 1000 }).readable.getReader();
    for (;;) {
      const { value: sound, done } = await reader.read();
      if (done) return;
      rate = sound.sampleRate;
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      sound.close();
      pieces.push(Int16Array.from(samples, (s) => Math.max(-32768, Math.min(32767, Math.round(s * 32767)))));
    }
  };
  window.watch = {
    /** The lines so far. */
    lines: () => lines.map((line) => line.text),
    /** Begins to listen; false while there is nothing to listen to. */
    tap: () => {
      const track = document.querySelector("audio")?.srcObject?.getAudioTracks()[0];
      if (!track) return false;
      if (track !== tapped) {
        tapped = track;
        void listen(track);
      }
      return true;
    },
    /** What was heard since the last time: the rate, and 16-bit samples in base64. */
    take: () => {
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const all = new Int16Array(length);
      let at = 0;
      for (const piece of pieces) {
        all.set(piece, at);
        at += piece.length;
      }
      pieces = [];
      const bytes = new Uint8Array(all.buffer);
      let text = "";
      for (let from = 0; from < bytes.length; from += 0x8000) {
        text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
      }
      return { rate, samples: btoa(text) };
    },
  };
})();
