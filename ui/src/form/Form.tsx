// The living form in the middle of the page. It says nothing that the quiet word below does not say too, so it is hidden
// from screen readers.

import { useEffect, useRef } from "preact/hooks";
import type { Mood } from "../protocol/reduce";
import { DetailWatch } from "./detail";
import { type Ink, openPainter } from "./paint";
import { approach, type Moment, type Shape, shapes } from "./shape";

interface Props {
  mood: Mood;
  levels(): { microphone: number; voice: number };
}

export function Form({ mood, levels }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const target = useRef<Mood>(mood);
  target.current = mood;
  useEffect(() => (canvas.current ? animate(canvas.current, () => target.current, levels) : undefined), [levels]);
  return (
    <div class="form" aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}

const FRAME_MS = 1000 / 60;
/** Between two pictures in moods that move slowly: half a pixel each; where the processor draws them, a little more, since a listening page should cost next to nothing. */
const CALM_MS = 50;
const CALM_COSTLY_MS = 125;
/** Between two looks whether an unseen form is seen again. */
const UNSEEN_MS = 250;
/** Moods in which it moves fast. */
const lively = new Set<Mood>(["connecting", "hearing", "thinking", "speaking"]);
/** The colours of the page are read so seldom. */
const INK_MS = 500;

/** Runs the form until the returned function is called. With reduced motion it only changes its outline. */
function animate(canvas: HTMLCanvasElement, mood: () => Mood, levels: Props["levels"]): () => void {
  const painter = openPainter(canvas);
  if (!painter) return () => {};
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const now: Moment = { turn: 0, flow: 0, breath: 0, seconds: 0, voice: 0, microphone: 0 };
  let shape: Shape = shapes[mood()];
  let ink = readInk(canvas);
  let inkRead = 0;
  let last = 0;
  let painted = "";
  let frame = 0;
  let timer = 0;
  const watch = new DetailWatch(painter.costly);
  const calmMs = painter.costly ? CALM_COSTLY_MS : CALM_MS;
  /** The page sleeps between pictures: a frame that only looks whether it is time costs as much as a small picture. */
  const next = (afterMs: number) => {
    const ask = () => {
      frame = requestAnimationFrame(step);
    };
    if (afterMs <= FRAME_MS) ask();
    else timer = window.setTimeout(ask, afterMs - FRAME_MS);
  };
  const step = (time: number) => {
    if (!seen(canvas)) return next(UNSEEN_MS);
    const calm = !lively.has(mood()) || still.matches;
    const wantedMs = calm ? calmMs : FRAME_MS;
    next(wantedMs);
    if (time - last < 12) return; // a screen of 120 Hz
    if (!still.matches) watch.see(time - last, wantedMs);
    const passed = Math.min(0.1, (time - last) / 1000);
    last = time;
    if (time - inkRead > INK_MS) {
      ink = readInk(canvas);
      inkRead = time;
    }
    shape = approach(shape, shapes[mood()], still.matches ? 1 : 1 - Math.exp(-passed * 5.5));
    move(now, shape, passed, levels(), still.matches);
    const { ratio, threads } = watch.detail;
    const pixels = matchPixels(canvas, ratio);
    const picture = still.matches ? `${mood()} ${pixels} ${ink.from}` : "";
    if (picture !== "" && picture === painted) return;
    painted = picture;
    painter.paint(pixels, shape, now, ink, threads);
  };
  const stop = () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
  const run = () => {
    stop();
    if (document.visibilityState === "visible") next(0);
  };
  document.addEventListener("visibilitychange", run);
  run();
  return () => {
    document.removeEventListener("visibilitychange", run);
    stop();
  };
}

/** Whether a person can see the canvas: on a phone a panel covers it while the call goes on. */
function seen(canvas: HTMLCanvasElement): boolean {
  return canvas.checkVisibility?.({ visibilityProperty: true }) ?? true;
}

function move(
  now: Moment,
  shape: Shape,
  seconds: number,
  level: { microphone: number; voice: number },
  still: boolean,
): void {
  if (still) {
    Object.assign(now, { turn: 0.02, flow: 0.1, breath: 0, seconds: 3.1, voice: 0.5, microphone: 0.5 });
    return;
  }
  now.turn += shape.spin * seconds;
  // A form that does not turn comes to rest upright.
  if (Math.abs(shape.spin) < 0.002) now.turn += (Math.round(now.turn) - now.turn) * Math.min(1, 3 * seconds);
  now.flow += shape.flow * seconds;
  now.breath += (shape.breathsPerMinute / 60) * seconds;
  now.seconds += seconds;
  now.voice = level.voice;
  now.microphone = level.microphone;
}

/** Matches the canvas's pixels to its size on the screen and returns its side. */
function matchPixels(canvas: HTMLCanvasElement, ratio: number): number {
  const pixels = Math.round(canvas.clientWidth * Math.min(ratio, window.devicePixelRatio || 1));
  if (canvas.width !== pixels || canvas.height !== pixels) {
    canvas.width = pixels;
    canvas.height = pixels;
  }
  return pixels;
}

function readInk(canvas: HTMLCanvasElement): Ink {
  const style = getComputedStyle(canvas);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    from: read("--thread-from"),
    middle: read("--thread-middle"),
    to: read("--thread-to"),
    glow: read("--glow"),
    glowRim: read("--glow-rim"),
    glowEnd: read("--glow-end"),
    mix: read("--thread-mix") === "lighter" ? "lighter" : "source-over",
    strength: Number(read("--thread-strength")) || 1,
  };
}
