// The living form, as numbers. It is a ring of threads wound around a soft tube; each state has its own outline and its
// own way to move, so that states are told apart without colour. Pure: the painter gives time and loudness.

import type { Mood } from "../protocol/reduce";

/** How many threads there are, and of how many pieces each is made. */
export const THREADS = 60;
export const POINTS = 120;

export interface Shape {
  /** Radius of the ring, and of the tube its threads wind around; 1 is the room there is. */
  ring: number;
  tube: number;
  /** How often a thread winds around the tube on its way. */
  twist: number;
  /** How many petals the tube's thickness makes, and how deep they are (0 to 1). */
  petals: number;
  depth: number;
  /** Turns a second, of the whole and of the threads around the tube. */
  spin: number;
  flow: number;
  /** Height over width: an open ring is 1, a closed eye near 0. */
  height: number;
  /** The part of the ring that is missing (0 to 1), and how far its halves have drifted apart. */
  gap: number;
  apart: number;
  /** 1 draws dashes instead of threads. */
  dashes: number;
  /** How deep she breathes, and how often a minute. */
  breath: number;
  breathsPerMinute: number;
  /** How strongly her voice opens the petals, and the person's voice makes the rim tremble. */
  voice: number;
  ear: number;
  /** Waves beside the ring: −1 come in (hearing), 1 go out (speaking), 0 none. */
  waves: number;
}

const base: Shape = {
  ring: 0.62,
  tube: 0.2,
  twist: 2,
  petals: 5,
  depth: 0,
  spin: 0.01,
  flow: 0.05,
  height: 1,
  gap: 0,
  apart: 0,
  dashes: 0,
  breath: 0.03,
  breathsPerMinute: 8,
  voice: 0,
  ear: 0,
  waves: 0,
};

export const shapes: Record<Mood, Shape> = {
  asleep: { ...base, ring: 0.56, tube: 0.25, twist: 3, spin: 0.006, flow: 0.03, breath: 0.035, breathsPerMinute: 6 },
  connecting: { ...base, ring: 0.58, tube: 0.05, twist: 1, spin: 0.32, gap: 0.42, breath: 0 },
  listening: { ...base, breath: 0.025 },
  hearing: { ...base, ring: 0.74, tube: 0.07, twist: 1, ear: 1, waves: -1, breath: 0.01, flow: 0.1 },
  thinking: { ...base, ring: 0.38, tube: 0.28, twist: 3, petals: 3, depth: 0.75, spin: 0.14, flow: 0.16, breath: 0.02 },
  speaking: {
    ...base,
    ring: 0.48,
    tube: 0.26,
    twist: 2,
    petals: 6,
    depth: 0.35,
    spin: 0.03,
    flow: 0.1,
    voice: 1,
    waves: 1,
  },
  muted: { ...base, ring: 0.72, tube: 0.05, twist: 1, height: 0.07, spin: 0, flow: 0.02, breath: 0.004 },
  silent: { ...base, ring: 0.6, tube: 0.03, twist: 1, dashes: 1, spin: 0.004, flow: 0, breath: 0 },
  lost: { ...base, ring: 0.56, tube: 0.03, twist: 1, dashes: 1, gap: 0.3, spin: 0.05, flow: 0, breath: 0 },
  paused: { ...base, ring: 0.66, tube: 0.03, twist: 1, dashes: 1, height: 0.4, spin: 0, flow: 0, breath: 0 },
  away: { ...base, ring: 0.54, tube: 0.1, twist: 1, gap: 0.24, apart: 0.16, spin: 0, flow: 0.03, breath: 0.02 },
};

/** Moves a shape towards another; share is 0 (stay) to 1 (be there). */
export function approach(from: Shape, to: Shape, share: number): Shape {
  const next = { ...from };
  for (const key of Object.keys(next) as (keyof Shape)[]) next[key] += (to[key] - from[key]) * share;
  return next;
}

export interface Moment {
  /** Accumulated turns of the whole and of the threads. */
  turn: number;
  flow: number;
  /** Where in the breath, in turns. */
  breath: number;
  seconds: number;
  voice: number;
  microphone: number;
}

/** The stretches of the ring that are drawn, as turns from–to, with the direction they have drifted. */
export function arcs(shape: Shape): { from: number; to: number; drift: number }[] {
  if (shape.apart > 0.01) {
    const half = 0.5 - shape.gap / 2;
    return [
      { from: 0.25 - half / 2, to: 0.25 + half / 2, drift: shape.apart },
      { from: 0.75 - half / 2, to: 0.75 + half / 2, drift: -shape.apart },
    ];
  }
  const gap = shape.gap > 0.004 ? shape.gap : 0;
  return [{ from: gap / 2, to: 1 - gap / 2, drift: 0 }];
}

/** The waves beside the ring, as circles around its middle: how far out (1 is the room there is), and how strong (0 to 1). */
export function waves(shape: Shape, now: Moment): { radius: number; strength: number }[] {
  const strength = Math.abs(shape.waves);
  if (strength < 0.05) return [];
  return [0, 1, 2].map((i) => {
    const on = (now.seconds * 0.42 + i / 3) % 1;
    const out = shape.waves > 0 ? on : 1 - on;
    // Coming in, the waves end inside the ring; going out, they begin at its rim.
    const radius = shape.waves < 0 ? shape.ring * (0.16 + 0.76 * out) : shape.ring + shape.tube + 0.3 * out;
    return {
      radius: Math.min(0.98, radius),
      strength: strength * Math.sin(Math.PI * on) * (0.2 + 0.6 * heard(shape, now)),
    };
  });
}

/** How loud it is, 0 to 1, on the side that the waves come from. */
export function heard(shape: Shape, now: Moment): number {
  return shape.waves < 0 ? now.microphone : now.voice;
}

/**
 * A cut through the tube: all threads pass it, so what is the same for all of them is worked out once. `at` is the place
 * on the ring (0 to 1). A thread lies at middle + tube · cos(around + its own phase) from the centre, in a direction.
 */
export interface Section {
  middle: number;
  tube: number;
  cosAround: number;
  sinAround: number;
  /** The direction, flattened by the shape's height. */
  x: number;
  y: number;
}

export function section(shape: Shape, now: Moment, at: number, taper: number): Section {
  const whole = 2 * Math.PI;
  const angle = whole * at;
  const breath = 1 + shape.breath * Math.sin(whole * now.breath) + 0.07 * shape.voice * now.voice;
  const petals = 1 + shape.depth * (0.6 + 0.7 * shape.voice * now.voice) * Math.cos(Math.round(shape.petals) * angle);
  const swell = 1 + 0.9 * shape.voice * now.voice;
  const tremble =
    shape.ear *
    now.microphone *
    0.06 *
    (Math.sin(7 * angle + 6 * now.seconds) + 0.8 * Math.sin(12 * angle - 9 * now.seconds)) *
    Math.sin(2 * angle + now.seconds);
  // A slow unevenness, so that nothing is ever quite a circle.
  const living = 0.02 * Math.sin(2 * angle + 0.7 * now.seconds) + 0.014 * Math.sin(3 * angle - 0.5 * now.seconds);
  // The tube never reaches the middle: the ring stays open, however loud she is.
  const most = shape.ring * 0.86;
  const around = whole * (Math.round(shape.twist) * at + now.flow);
  const turned = angle + whole * now.turn;
  return {
    middle: shape.ring * (1 + living) * breath + tremble,
    tube: most * Math.tanh((shape.tube * petals * swell) / most) * taper * breath,
    cosAround: Math.cos(around),
    sinAround: Math.sin(around),
    x: Math.cos(turned),
    y: Math.sin(turned) * shape.height,
  };
}

/** How far from the centre the thread with this phase, given by its cosine and sine, passes a section. */
export function radiusAt(cut: Section, cosPhase: number, sinPhase: number): number {
  return cut.middle + cut.tube * (cut.cosAround * cosPhase - cut.sinAround * sinPhase);
}
