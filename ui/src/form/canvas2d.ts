// Draws the living form on a plain canvas, where there is no WebGL: the same picture, for more of the processor.

import type { Ink, Painter } from "./paint";
import { arcs, type Moment, POINTS, point, type Shape, THREADS } from "./shape";

/** Null when the canvas cannot be drawn on at all. */
export function canvasPainter(canvas: HTMLCanvasElement): Painter | null {
  const context = canvas.getContext("2d");
  return context && { costly: true, paint: (...picture) => paint(context, ...picture) };
}

function paint(
  canvas: CanvasRenderingContext2D,
  size: number,
  shape: Shape,
  now: Moment,
  ink: Ink,
  threads: number,
): void {
  canvas.clearRect(0, 0, size, size);
  const half = size / 2;
  paintGlow(canvas, half, shape, now, ink);
  canvas.save();
  canvas.translate(half, half);
  const scale = half * 0.96;
  const gradient = canvas.createLinearGradient(-scale * 0.7, -scale * 0.7, scale * 0.7, scale * 0.7);
  gradient.addColorStop(0, ink.from);
  gradient.addColorStop(0.5, ink.middle);
  gradient.addColorStop(1, ink.to);
  canvas.strokeStyle = gradient;
  canvas.lineJoin = "round";
  canvas.lineCap = "round";
  canvas.globalCompositeOperation = ink.mix;
  paintWaves(canvas, scale, shape, now, ink);
  paintThreads(canvas, scale, shape, now, ink, threads);
  canvas.restore();
}

function paintGlow(canvas: CanvasRenderingContext2D, half: number, shape: Shape, now: Moment, ink: Ink): void {
  const reach = half * Math.min(1, shape.ring + 0.34 + 0.1 * now.voice);
  const glow = canvas.createRadialGradient(half, half, 0, half, half, reach);
  glow.addColorStop(0, ink.glow);
  glow.addColorStop(0.55, ink.glowRim);
  glow.addColorStop(1, ink.glowEnd);
  canvas.globalAlpha = 0.55 + 0.45 * Math.max(now.voice, now.microphone * 0.5);
  canvas.fillStyle = glow;
  canvas.fillRect(0, 0, 2 * half, 2 * half);
  canvas.globalAlpha = 1;
}

function paintThreads(
  canvas: CanvasRenderingContext2D,
  scale: number,
  shape: Shape,
  now: Moment,
  ink: Ink,
  full: number,
): void {
  const dashed = shape.dashes > 0.5;
  const threads = dashed ? 3 : full;
  const strength = ink.strength * Math.sqrt(THREADS / full); // fewer threads are stronger, so that the form keeps its weight
  const unit = scale / 180;
  canvas.setLineDash(dashed ? [2 * unit, 13 * unit] : []);
  for (let i = 0; i < threads; i++) {
    const phase = i / threads;
    const wave = 0.5 + 0.5 * Math.cos(2 * Math.PI * (phase * 3 + now.flow));
    canvas.lineWidth = (dashed ? 4.4 : 0.55 + 0.65 * wave) * unit;
    canvas.globalAlpha = Math.min(1, (dashed ? 0.8 : 0.14 + 0.36 * wave) * strength);
    canvas.beginPath();
    for (const arc of arcs(shape)) trace(canvas, scale, shape, now, phase, arc);
    canvas.stroke();
  }
  canvas.setLineDash([]);
  canvas.globalAlpha = 1;
}

function trace(
  canvas: CanvasRenderingContext2D,
  scale: number,
  shape: Shape,
  now: Moment,
  phase: number,
  arc: { from: number; to: number; drift: number },
): void {
  const open = shape.gap > 0.004;
  const closing = Math.min(1, shape.gap * 6);
  const points = Math.round(POINTS * (arc.to - arc.from));
  for (let k = 0; k <= points; k++) {
    const share = k / points;
    // The threads of an open arc come together at its ends; as the gap closes they part again.
    const taper = open ? 1 - closing * (1 - Math.sin(Math.PI * share) ** 0.6) : 1;
    const { x, y } = point(shape, now, arc.from + (arc.to - arc.from) * share, phase, taper);
    const px = x * scale;
    const py = (y + arc.drift) * scale;
    if (k === 0) canvas.moveTo(px, py);
    else canvas.lineTo(px, py);
  }
  if (!open) canvas.closePath();
}

function paintWaves(canvas: CanvasRenderingContext2D, scale: number, shape: Shape, now: Moment, ink: Ink): void {
  const strength = Math.abs(shape.waves);
  if (strength < 0.05) return;
  const loud = shape.waves < 0 ? now.microphone : now.voice;
  for (let i = 0; i < 3; i++) {
    const on = (now.seconds * 0.42 + i / 3) % 1;
    const out = shape.waves > 0 ? on : 1 - on;
    // Coming in, the waves end inside the ring; going out, they begin at its rim.
    const radius = shape.waves < 0 ? shape.ring * (0.16 + 0.76 * out) : shape.ring + shape.tube + 0.3 * out;
    const fade = Math.sin(Math.PI * on);
    canvas.globalAlpha = Math.min(0.75, strength * fade * (0.2 + 0.6 * loud) * ink.strength);
    canvas.lineWidth = (scale / 180) * (1 + 1.6 * loud);
    canvas.beginPath();
    canvas.ellipse(0, 0, Math.min(0.98, radius) * scale, Math.min(0.98, radius) * scale, 0, 0, 2 * Math.PI);
    canvas.stroke();
  }
  canvas.globalAlpha = 1;
}
