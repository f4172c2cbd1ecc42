import { describe, expect, it } from "vitest";
import { approach, arcs, radiusAt, type Shape, section, shapes } from "../src/form/shape";

/** What an eye without colour can tell a form by: extent, openness, thickness, petals, dashes, motion. */
function outline(shape: Shape): number[] {
  const motion = Math.min(1, Math.abs(shape.spin) * 4 + shape.breath * 8 + shape.ear + shape.voice);
  return [
    shape.ring * 2,
    shape.tube * 3,
    shape.depth,
    shape.height,
    shape.gap * 3,
    shape.apart * 6,
    shape.dashes,
    motion,
  ];
}

describe("the states of the form", () => {
  const moods = Object.keys(shapes) as (keyof typeof shapes)[];
  for (const [i, a] of moods.entries()) {
    for (const b of moods.slice(i + 1)) {
      if (a === "asleep" && b === "listening") continue; // in and out of a call: the buttons and the word differ
      it(`${a} and ${b} differ in shape or motion`, () => {
        const left = outline(shapes[a]);
        const right = outline(shapes[b]);
        const distance = Math.hypot(...left.map((value, k) => value - (right[k] ?? 0)));
        expect(distance).toBeGreaterThan(0.35);
      });
    }
  }

  it("stay inside their canvas, however loud it gets", () => {
    for (const shape of Object.values(shapes)) {
      for (let at = 0; at <= 1; at += 0.01) {
        for (const loud of [0, 0.5, 1]) {
          const now = { turn: 0.3, flow: at, breath: 0.25, seconds: 7 * at, voice: loud, microphone: loud };
          const cut = section(shape, now, at, 1);
          const phase = 2 * Math.PI * at * 3;
          const radius = radiusAt(cut, Math.cos(phase), Math.sin(phase));
          expect(Math.abs(radius) * Math.hypot(cut.x, cut.y)).toBeLessThan(1.04);
        }
      }
    }
  });

  it("come to their goal, and keep finite on the way", () => {
    let shape = shapes.away;
    for (let i = 0; i < 200; i++) shape = approach(shape, shapes.listening, 0.1);
    expect(shape.gap).toBeLessThan(0.001);
    expect(arcs(shape)).toEqual([{ from: 0, to: 1, drift: 0 }]);
  });
});
