// Every pair of ink and ground keeps WCAG's 4.5 to 1, and what is not text (outlines, borders of fields) 3 to 1, in both
// lights. axe cannot judge text over gradients; this can.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const source = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");

type Colour = [number, number, number, number];
function tokens(selector: string): Map<string, string> {
  const from = source.indexOf(selector);
  const block = source.slice(from, source.indexOf("}", from));
  return new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1] as string, m[2] as string]));
}
function parse(text: string): Colour {
  const hex = /^#(..)(..)(..)$/.exec(text);
  if (hex) return [1, 2, 3].map((i) => Number.parseInt(hex[i] as string, 16)).concat(1) as Colour;
  const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [];
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0, numbers[3] ?? 1];
}
function over(top: Colour, below: Colour): Colour {
  const mix = (i: number) => (top[i] as number) * top[3] + (below[i] as number) * (1 - top[3]);
  return [mix(0), mix(1), mix(2), 1];
}
function luminance(colour: Colour): number {
  const [r, g, b] = colour
    .slice(0, 3)
    .map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
function contrast(ink: Colour, ground: Colour): number {
  const [a, b] = [luminance(over(ink, ground)), luminance(ground)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

for (const [light, selector] of [
  ["light", ":root {"],
  ["dark", ':root[data-theme="dark"]'],
  ["dark by the system", ':root:not([data-theme="light"])'],
] as const) {
  describe(light, () => {
    const all = tokens(selector);
    const colour = (name: string) => parse(all.get(name) ?? tokens(":root {").get(name) ?? "");
    const plain = ["ground-near", "ground", "ground-far", "panel", "bubble", "veil-strong"].map(
      (n) => [n, colour(n)] as const,
    );
    const grounds = plain.flatMap(([n, c]) => [
      [n, c] as const,
      [`${n} under a veil`, over(colour("veil"), c)] as const,
    ]);
    for (const [name, ground] of grounds) {
      it(`text on ${name}`, () => {
        for (const ink of ["ink", "ink-soft"]) expect(contrast(colour(ink), ground), ink).toBeGreaterThanOrEqual(4.5);
        for (const edge of ["ember", "line-strong"])
          expect(contrast(colour(edge), ground), edge).toBeGreaterThanOrEqual(3);
      });
    }
    it("text on buttons", () => {
      expect(contrast(colour("on-ember"), colour("ember"))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour("on-ink"), colour("ink"))).toBeGreaterThanOrEqual(4.5);
    });
  });
}

it("the table of the documentation tells the least contrasts", () => {
  const documented = readFileSync(new URL("../../docs/design.md", import.meta.url), "utf8");
  const least = (selector: string, name: string) => {
    const all = tokens(selector);
    const grounds = ["ground-near", "ground", "ground-far", "panel", "bubble", "veil-strong"]
      .map((n) => parse(all.get(n) as string))
      .flatMap((c) => [c, over(parse(all.get("veil") as string), c)]);
    return Math.min(...grounds.map((ground) => contrast(parse(all.get(name) as string), ground))).toFixed(1);
  };
  for (const name of ["ink", "ink-soft", "ember", "line-strong"]) {
    const row = documented.split("\n").find((line) => line.startsWith(`| \`${name}\``));
    const [light, dark] = [":root {", ':root[data-theme="dark"]'];
    const cells = [light, dark].map((s) => `\`${tokens(s as string).get(name)}\``);
    const figures = [light, dark].map((s) => least(s as string, name));
    expect(row?.split(" | ").slice(2).join(" | ")).toBe(`${[...cells, ...figures].join(" | ")} |`);
  }
});

it("both ways into the dark are one", () => {
  expect([...tokens(':root[data-theme="dark"]')]).toEqual([...tokens(':root:not([data-theme="light"])')]);
});
