// A hum in the rhythm of speech: enough to move the living form and to count samples by.

const RATE = 24_000;

/** Mono samples of the given length, as PCM16. */
export function hum(milliseconds, pitch = 190) {
  const samples = new Int16Array(Math.round((milliseconds / 1000) * RATE));
  for (let i = 0; i < samples.length; i++) {
    const t = i / RATE;
    const syllable =
      Math.max(0, Math.sin(2 * Math.PI * 3.7 * t)) ** 0.7 * (0.7 + 0.3 * Math.sin(2 * Math.PI * 0.6 * t));
    const glide = pitch * (1 + 0.06 * Math.sin(2 * Math.PI * 0.9 * t));
    let value = 0;
    for (let k = 1; k <= 6; k++) value += Math.sin(2 * Math.PI * glide * k * t) / k ** 1.3;
    samples[i] = Math.round(5200 * syllable * value);
  }
  return samples;
}

export function base64(samples) {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString("base64");
}

/** A short WAV file, at a pitch of the voice's own. */
export function sampleWAV(id) {
  const samples = hum(2_400, 150 + (id.charCodeAt(0) % 8) * 14);
  const data = Buffer.from(samples.buffer);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
