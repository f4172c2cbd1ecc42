// Draws the living form on a plain canvas, where the processor itself draws every pixel: the picture that webgl.ts makes, in
// the strokes that cost least. A line of one pixel in one colour takes a third of the time of one that is wider or changes
// its colour, so a thread is drawn in pieces, each with the colour of its place, and thin threads are fainter instead.

import { inkAt } from "./color";
import type { Ink, Painter } from "./paint";
import { arcs, heard, type Moment, radiusAt, type Section, type Shape, section, THREADS, waves } from "./shape";

/** Points of a whole thread, and how many of them have one colour. */
const POINTS = 64;
const POINTS_A_PIECE = 8;
/** How many threads are as wide and as strong as each other: the wave along them has so many crests. */
const ALIKE = 3;

/** Null when the canvas cannot be drawn on at all. */
export function canvasPainter(canvas: HTMLCanvasElement): Painter | null {
  const context = canvas.getContext("2d");
  if (!context) return null;
  const painter = new CanvasPainter(context);
  return {
    costly: true,
    paint: (size, shape, now, ink, threads) => painter.paint({ half: size / 2, shape, now, ink, threads }),
  };
}

/** What one picture is made of; half is half the canvas's side, in pixels. */
interface Picture {
  half: number;
  shape: Shape;
  now: Moment;
  ink: Ink;
  threads: number;
}

/** How much of the canvas's half the form takes. */
const FILLED = 0.96;

class CanvasPainter {
  /** The light behind, drawn once for as long as it stays as wide. */
  private readonly glow = document.createElement("canvas");
  private glowIs = "";

  constructor(private readonly canvas: CanvasRenderingContext2D) {}

  paint(picture: Picture): void {
    const { canvas } = this;
    const { half, ink } = picture;
    canvas.clearRect(0, 0, 2 * half, 2 * half);
    this.paintGlow(picture);
    canvas.save();
    canvas.translate(half, half);
    canvas.globalCompositeOperation = ink.mix;
    this.paintWaves(picture);
    this.paintThreads(picture);
    canvas.restore();
  }

  private paintGlow({ half, shape, now, ink }: Picture): void {
    const reach = Math.round((half * Math.min(1, shape.ring + 0.34)) / 2) * 2;
    const is = [half, reach, ink.glow, ink.glowRim].join();
    const light = is === this.glowIs ? null : this.glow.getContext("2d");
    if (light) {
      this.glowIs = is;
      this.glow.width = 2 * half;
      this.glow.height = 2 * half;
      const glow = light.createRadialGradient(half, half, 0, half, half, reach);
      glow.addColorStop(0, ink.glow);
      glow.addColorStop(0.55, ink.glowRim);
      glow.addColorStop(1, ink.glowEnd);
      light.fillStyle = glow;
      light.fillRect(0, 0, 2 * half, 2 * half);
    }
    this.canvas.globalAlpha = 0.55 + 0.45 * Math.max(now.voice, now.microphone * 0.5);
    this.canvas.drawImage(this.glow, 0, 0);
  }

  private paintWaves({ half, shape, now, ink }: Picture): void {
    const scale = half * FILLED;
    this.canvas.strokeStyle = ink.middle;
    this.canvas.lineWidth = (scale / 180) * (1 + 1.6 * heard(shape, now));
    for (const { radius, strength } of waves(shape, now)) {
      this.canvas.globalAlpha = Math.min(0.75, strength * ink.strength);
      this.canvas.beginPath();
      this.canvas.ellipse(0, 0, radius * scale, radius * scale, 0, 0, 2 * Math.PI);
      this.canvas.stroke();
    }
  }

  private paintThreads(picture: Picture): void {
    const { canvas } = this;
    const { half, shape, now, ink } = picture;
    const scale = half * FILLED;
    const unit = scale / 180;
    const dashed = shape.dashes > 0.5;
    // Threads a third of the way around from one another are alike, and are drawn in one stroke.
    const groups = dashed ? 1 : Math.round(picture.threads / ALIKE);
    // Fewer threads are stronger, so that the form keeps its weight.
    const strength = ink.strength * Math.sqrt(THREADS / picture.threads);
    const pieces = arcs(shape).flatMap((arc) => piecesOf(picture, scale, arc));
    if (dashed) canvas.setLineDash([2 * unit, 13 * unit]);
    for (let i = 0; i < groups; i++) {
      const phase = (2 * Math.PI * i) / (groups * ALIKE);
      const wave = 0.5 + 0.5 * Math.cos(3 * phase + 2 * Math.PI * now.flow);
      const width = (0.55 + 0.65 * wave) * unit;
      canvas.lineWidth = dashed ? 4.4 * unit : Math.min(1, width);
      canvas.globalAlpha = Math.min(1, (dashed ? 0.8 : (0.14 + 0.36 * wave) * Math.max(1, width)) * strength);
      const turns = Array.from({ length: ALIKE }, (_, k) => phase + (2 * Math.PI * k) / ALIKE);
      const ways = turns.map((turn) => ({ cos: Math.cos(turn), sin: Math.sin(turn) }));
      for (const piece of pieces) stroke(canvas, piece, ways);
    }
    canvas.setLineDash([]);
    canvas.globalAlpha = 1;
  }
}

/** A stretch of the ring in one colour: where the threads pass it, in pixels. */
interface Piece {
  sections: Section[];
  drift: number;
  color: string;
}

function piecesOf(
  { shape, now, ink }: Picture,
  scale: number,
  arc: { from: number; to: number; drift: number },
): Piece[] {
  const open = shape.gap > 0.004;
  const closing = Math.min(1, shape.gap * 6);
  const count = Math.max(1, Math.round((POINTS / POINTS_A_PIECE) * (arc.to - arc.from)));
  const points = count * POINTS_A_PIECE;
  const sections = Array.from({ length: points + 1 }, (_, k) => {
    const share = k / points;
    // The threads of an open arc come together at its ends; as the gap closes they part again.
    const taper = open ? 1 - closing * (1 - Math.sin(Math.PI * share) ** 0.6) : 1;
    return section(shape, now, arc.from + (arc.to - arc.from) * share, taper);
  });
  const pieces = Array.from({ length: count }, (_, i) => {
    const own = sections.slice(i * POINTS_A_PIECE, (i + 1) * POINTS_A_PIECE + 1);
    const at = own[own.length >> 1] as Section;
    return {
      sections: own,
      drift: arc.drift * scale,
      color: inkAt(ink, at.middle * at.x, at.middle * at.y + arc.drift),
    };
  });
  for (const cut of sections) {
    cut.middle *= scale;
    cut.tube *= scale;
  }
  return pieces;
}

function stroke(canvas: CanvasRenderingContext2D, piece: Piece, ways: { cos: number; sin: number }[]): void {
  const { sections, drift, color } = piece;
  canvas.strokeStyle = color;
  canvas.beginPath();
  for (const { cos, sin } of ways) {
    for (const [k, cut] of sections.entries()) {
      const radius = radiusAt(cut, cos, sin);
      if (k === 0) canvas.moveTo(radius * cut.x, radius * cut.y + drift);
      else canvas.lineTo(radius * cut.x, radius * cut.y + drift);
    }
  }
  canvas.stroke();
}
