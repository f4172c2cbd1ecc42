// PCM16 little-endian in base64, as the protocol carries sound over a WebSocket.

/** Encodes samples as they are (already 16-bit). */
export function encodePCM(samples: Int16Array): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Decodes to samples between -1 and 1; an odd last byte is dropped, rubbish gives no samples. */
export function decodePCM(base64: string): Float32Array<ArrayBuffer> {
  let text: string;
  try {
    text = atob(base64);
  } catch {
    return new Float32Array(0);
  }
  const samples = new Float32Array(text.length >> 1);
  for (let i = 0; i < samples.length; i++) {
    const value = text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 8);
    samples[i] = (value >= 0x8000 ? value - 0x10000 : value) / 0x8000;
  }
  return samples;
}
