// Who draws the living form: threads with a glow behind them, and waves that come in or go out.

import { canvasPainter } from "./canvas2d";
import type { Moment, Shape } from "./shape";
import { webglPainter } from "./webgl";

export interface Ink {
  /** Colours of the threads, from one side of the form to the other. */
  from: string;
  middle: string;
  to: string;
  /** The light behind: in the middle, half-way, and where it ends (the same colour, clear). */
  glow: string;
  glowRim: string;
  glowEnd: string;
  /** How threads that cross mix: darker on light ground, brighter on dark. */
  mix: "source-over" | "lighter";
  strength: number;
}

export interface Painter {
  /** The processor itself draws the pixels: each costs what the conversation needs. */
  readonly costly: boolean;
  /** Paints one picture of so many threads. size is the canvas's side in pixels; the form lives in the middle of it. */
  paint(size: number, shape: Shape, now: Moment, ink: Ink, threads: number): void;
}

/** WebGL, which leaves the processor to the conversation; else a plain canvas. Null when there is neither. */
export function openPainter(canvas: HTMLCanvasElement): Painter | null {
  return webglPainter(canvas) ?? canvasPainter(canvas);
}
