// Draws the living form with WebGL 2: a few numbers a picture go to the graphics processor, which does the rest.

import { rgba } from "./color";
import type { Ink, Painter } from "./paint";
import { backVertex, glowFragment, threadFragment, threadVertex, waveVertex } from "./shaders";
import { arcs, heard, type Moment, POINTS, type Shape, THREADS, waves } from "./shape";

/** What a program is told: numbers, lists of three, and colours (red, green, blue, alpha; premultiplied). */
type Values = Record<string, number | number[]>;

/** A wave is a circle of so many pieces. */
const WAVE_PIECES = 96;
/** After so long every slow movement of the form is where it began; large numbers would make it tremble. */
const PERIOD_SECONDS = 20 * Math.PI;

const wanted: WebGLContextAttributes = {
  antialias: false,
  depth: false,
  powerPreference: "low-power",
  failIfMajorPerformanceCaveat: true,
};
let verdict: boolean | null = null;

/** Whether a graphics processor draws WebGL. Tried on another canvas, for one that had WebGL has no other way to draw. */
function accelerated(): boolean {
  if (verdict === null) {
    const gl = document.createElement("canvas").getContext("webgl2", wanted);
    const naming = gl?.getExtension("WEBGL_debug_renderer_info");
    const renderer = String(gl?.getParameter(naming ? naming.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    // Some browsers do not count a processor that draws in the place of a graphics processor as a caveat.
    verdict = gl !== null && !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return verdict;
}

/** Null where there is no WebGL 2, or where the processor itself would have to draw it: a plain canvas costs it less. */
export function webglPainter(canvas: HTMLCanvasElement): Painter | null {
  if (!accelerated()) return null;
  const gl = canvas.getContext("webgl2", wanted);
  if (!gl) return null;
  let programs = build(gl);
  if (!programs) return null;
  // The system may take the graphics processor away for a while, and gives it back empty.
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    programs = null;
  });
  canvas.addEventListener("webglcontextrestored", () => {
    programs = build(gl);
  });
  return {
    costly: false,
    paint: (size, shape, now, ink, threads) => {
      if (!programs) return;
      gl.viewport(0, 0, size, size);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      const half = size / 2;
      const scale = half * 0.96;
      paintGlow(programs.glow, half, shape, now, ink);
      if (ink.mix === "lighter") gl.blendFunc(gl.ONE, gl.ONE);
      const inks = { inkFrom: rgba(ink.from), inkMiddle: rgba(ink.middle), inkTo: rgba(ink.to) };
      paintWaves(programs.waves, half, scale, shape, now, ink, inks);
      paintThreads(programs.threads, half, scale, shape, now, ink, inks, threads);
    },
  };
}

interface Programs {
  glow: Program;
  waves: Program;
  threads: Program;
}

function build(gl: WebGL2RenderingContext): Programs | null {
  const glow = Program.of(gl, backVertex, glowFragment);
  const waves = Program.of(gl, waveVertex, threadFragment);
  const threads = Program.of(gl, threadVertex, threadFragment);
  return glow && waves && threads && { glow, waves, threads };
}

function paintGlow(program: Program, half: number, shape: Shape, now: Moment, ink: Ink): void {
  program.use({
    half_: half,
    reach: half * Math.min(1, shape.ring + 0.34 + 0.1 * now.voice),
    alpha: 0.55 + 0.45 * Math.max(now.voice, now.microphone * 0.5),
    glow: rgba(ink.glow),
    glowRim: rgba(ink.glowRim),
    glowEnd: rgba(ink.glowEnd),
  });
  program.draw(4, 1);
}

function paintWaves(
  program: Program,
  half: number,
  scale: number,
  shape: Shape,
  now: Moment,
  ink: Ink,
  inks: Values,
): void {
  const circles = waves(shape, now);
  if (circles.length === 0) return;
  program.use({
    ...inks,
    half_: half,
    scale,
    radius: circles.map(({ radius }) => radius * scale),
    strengths: circles.map(({ strength }) => Math.min(0.75, strength * ink.strength)),
    thickness: (scale / 180) * (1 + 1.6 * heard(shape, now)),
    dashed: 0,
    pieces: WAVE_PIECES,
  });
  program.draw(2 * (WAVE_PIECES + 1), 3);
}

function paintThreads(
  program: Program,
  half: number,
  scale: number,
  shape: Shape,
  now: Moment,
  ink: Ink,
  inks: Values,
  full: number,
): void {
  const dashed = shape.dashes > 0.5;
  const threads = dashed ? 3 : full;
  const loud = shape.voice * now.voice;
  const open = shape.gap > 0.004;
  program.use({
    ...inks,
    ring: shape.ring,
    most: shape.ring * 0.86,
    tube: shape.tube * (1 + 0.9 * loud),
    twist: Math.round(shape.twist),
    petals: Math.round(shape.petals),
    petalDepth: shape.depth * (0.6 + 0.7 * loud),
    height: shape.height,
    breath: 1 + shape.breath * Math.sin(2 * Math.PI * now.breath) + 0.07 * loud,
    tremble: shape.ear * now.microphone * 0.06,
    turn: now.turn % 1,
    flow: now.flow % 1,
    seconds: now.seconds % PERIOD_SECONDS,
    closing: open ? Math.min(1, shape.gap * 6) : 0,
    threads,
    dashed: dashed ? 1 : 0,
    strength: ink.strength * Math.sqrt(THREADS / full), // fewer threads are stronger, so that the form keeps its weight
    scale,
    half_: half,
  });
  for (const arc of arcs(shape)) {
    const pieces = Math.max(1, Math.round(POINTS * (arc.to - arc.from)));
    program.use({ from: arc.from, to: arc.to, drift: arc.drift, pieces });
    program.draw(2 * (pieces + 1), threads);
  }
}

/** A program with the places of what it is told. */
class Program {
  private readonly places = new Map<string, WebGLUniformLocation | null>();

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly program: WebGLProgram,
  ) {}

  /** Null when it cannot be built here. */
  static of(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program | null {
    const program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(kind);
      if (!shader) return null;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    return gl.getProgramParameter(program, gl.LINK_STATUS) ? new Program(gl, program) : null;
  }

  use(values: Values): void {
    this.gl.useProgram(this.program);
    for (const [name, value] of Object.entries(values)) {
      if (!this.places.has(name)) this.places.set(name, this.gl.getUniformLocation(this.program, name));
      const place = this.places.get(name) ?? null;
      if (typeof value === "number") this.gl.uniform1f(place, value);
      else if (value.length === 3) this.gl.uniform3fv(place, value);
      else this.gl.uniform4fv(place, value);
    }
  }

  draw(corners: number, instances: number): void {
    this.gl.drawArraysInstanced(this.gl.TRIANGLE_STRIP, 0, corners, instances);
  }
}
