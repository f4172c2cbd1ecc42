// The living form is drawn by WebGL or on a plain canvas, and looks the same.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Squares on a side, in which pictures are compared: lines that lie a pixel beside each other are the same there. */
const SQUARES = 24;

/** The form at rest, as the brightness of squares; with WebGL although this machine has no graphics processor, or without. */
async function picture(webgl: boolean, colorScheme: "light" | "dark"): Promise<{ squares: number[]; kind: string }> {
  const { page, context, leave } = await visit(browser, {}, "/", { reducedMotion: "reduce", colorScheme });
  await page.addInitScript((hidden) => {
    const contexts: string[] = [];
    Object.assign(window, { contexts });
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...more: unknown[]) {
      const made = (real as (...what: unknown[]) => RenderingContext | null).call(this, kind, ...more);
      if (made && this.isConnected) contexts.push(kind);
      return made;
    } as typeof real;
    if (!hidden) return;
    const tell = WebGL2RenderingContext.prototype.getParameter;
    WebGL2RenderingContext.prototype.getParameter = function (name) {
      const told = tell.call(this, name);
      return typeof told === "string" ? told.replace(/swiftshader|llvmpipe|software/gi, "a processor") : told;
    };
  }, webgl);
  await page.reload();
  await page.getByRole("button", { name: /^Talk/ }).waitFor();
  const take = async () => (await page.locator(".form canvas").screenshot()).toString("base64");
  const drawn = () => page.evaluate(() => (window as unknown as { contexts: string[] }).contexts.length > 0);
  let shot = await take();
  await expect
    .poll(async () => {
      const before = shot;
      shot = await take();
      return shot === before && (await drawn());
    })
    .toBe(true);
  const kind = await page.evaluate(() => (window as unknown as { contexts: string[] }).contexts.join());
  const blank = await context.newPage(); // without the page's policy
  const squares = await blank.evaluate(
    async ([base64, side]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(side, side);
      const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, side, side);
      const { data } = context.getImageData(0, 0, side, side);
      return Array.from({ length: side * side }, (_, i) => {
        const [r = 0, g = 0, b = 0] = data.slice(4 * i, 4 * i + 3);
        return (0.3 * r + 0.6 * g + 0.1 * b) / 255;
      });
    },
    [shot, SQUARES] as const,
  );
  await leave();
  return { squares, kind };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** How alike two pictures are: 1 is the same but for brightness and contrast. */
function correlation(a: number[], b: number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - ma) * ((b[i] ?? 0) - mb)));
  return product / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)));
}

describe("the living form", () => {
  for (const scheme of ["light", "dark"] as const) {
    it(`looks the same from WebGL and from a plain canvas, in the ${scheme}`, async () => {
      const plain = await picture(false, scheme);
      const webgl = await picture(true, scheme);
      expect(plain.kind).toBe("2d");
      expect(webgl.kind).toBe("webgl2");
      expect(correlation(plain.squares, webgl.squares)).toBeGreaterThan(0.95);
      expect(Math.abs(mean(plain.squares) - mean(webgl.squares))).toBeLessThan(0.03);
    });
  }
});
