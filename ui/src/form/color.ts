// Colours of the style sheet as numbers, and the colour of the threads at a place.

import type { Ink } from "./paint";

const known = new Map<string, number[]>();
let probe: CanvasRenderingContext2D | null = null;

/** A colour of the style sheet as numbers, premultiplied. */
export function rgba(color: string): number[] {
  let found = known.get(color);
  if (!found) {
    probe ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
      willReadFrequently: true,
    });
    if (!probe) return [0, 0, 0, 0];
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = probe.getImageData(0, 0, 1, 1).data;
    const alpha = a / 255;
    found = [(r / 255) * alpha, (g / 255) * alpha, (b / 255) * alpha, alpha];
    known.set(color, found);
  }
  return found;
}

/**
 * The colour of the threads at a place, as a style: it goes from one side of the form to the other. The middle of the form is
 * 0, 0 and the room there is reaches to 1; the shaders do the same.
 */
export function inkAt(ink: Ink, x: number, y: number): string {
  const t = Math.max(0, Math.min(1, (x + y + 1.4) / 2.8));
  const [from, to, share] = t < 0.5 ? [ink.from, ink.middle, 2 * t] : [ink.middle, ink.to, 2 * t - 1];
  const start = rgba(from);
  const [r = 0, g = 0, b = 0, a = 0] = rgba(to).map((end, i) => (start[i] ?? 0) + (end - (start[i] ?? 0)) * share);
  if (a === 0) return "transparent";
  const byte = (value: number) => Math.round((255 * value) / a);
  return `rgb(${byte(r)} ${byte(g)} ${byte(b)} / ${a})`;
}
