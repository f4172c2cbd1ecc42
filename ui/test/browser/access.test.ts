// Accessibility: axe on every page in both lights, the keyboard alone, a narrow screen, and no motion where none is wanted.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, startCall, visit } from "./browser";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Violations that axe finds, as short lines. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary ?? ""}`));
  });
}

/** Things to press that are smaller than a finger: 44 pixels each way. */
function small(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, input, select, textarea, summary")]
      .map((e) => (e.closest("label") ?? e) as HTMLElement)
      .filter((e) => e.getBoundingClientRect().width > 0)
      .filter((e) => e.getBoundingClientRect().width < 43.5 || e.getBoundingClientRect().height < 43.5)
      .map((e) => e.outerHTML.slice(0, 90)),
  );
}

const places: [string, Record<string, unknown>, string][] = [
  ["door", { signedIn: false }, "/#owner=0123456789012345678901234567890123456789abc"],
  ["signed out", { signedIn: false }, "/"],
  ["first meeting", { met: false }, "/"],
  ["voices", { met: false, step: 2 }, "/"],
  ["home", {}, "/"],
  ["history", {}, "/#history"],
  ["settings", {}, "/#settings"],
];

describe("axe", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [name, world, path] of places) {
      it(`${name}, ${colorScheme}`, async () => {
        const { page, leave } = await visit(browser, world, path, { colorScheme, reducedMotion: "reduce" });
        await page.getByRole("heading").first().waitFor();
        await page.waitForLoadState("networkidle");
        expect(await violations(page)).toEqual([]);
        expect(await small(page)).toEqual([]);
        await leave();
      });
    }
    it(`call, ${colorScheme}`, async () => {
      const { page, mock, leave } = await visit(browser, {}, "/", { colorScheme, reducedMotion: "reduce" });
      await startCall(page);
      mock.realtime.push({ type: "twombly.partial", item_id: "p", text: "I walked home", stable: 8 });
      await page.locator(".words.person").waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await small(page)).toEqual([]);
      await leave();
    });
  }
});

describe("the keyboard alone", () => {
  it("starts a call, writes, mutes, opens and closes the panels, and hangs up", async () => {
    const { page, leave } = await visit(browser);
    await page.getByRole("button", { name: "Talk with Orla" }).waitFor();
    const press = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press("Tab");
        const label = await page.evaluate(() => {
          const e = document.activeElement;
          return e?.getAttribute("aria-label") ?? e?.textContent ?? "";
        });
        if (label.trim() === name) break;
      }
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
      expect(outline).toBe("solid");
      await page.keyboard.press("Enter");
    };
    await press("Talk with Orla");
    await page.locator('[data-phase="live"]').waitFor();
    await press("Mute");
    await page.locator('[data-mood="muted"]').waitFor();
    await press("History");
    await page.getByRole("heading", { name: "History" }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("History");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "History" }).waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("History");
    await press("Hang up");
    await page.locator('[data-phase="idle"]').waitFor();
    await leave();
  });
});

const sizes: [string, number, number][] = [
  ["320 pixels wide", 320, 568],
  ["a desk at 200 %", 640, 400],
  ["a phone on its side", 844, 390],
];

describe("small and enlarged screens", () => {
  for (const [place, world, path] of places) {
    it(`${place}: nothing is cut off sideways`, async () => {
      const { page, leave } = await visit(browser, world, path, { reducedMotion: "reduce" });
      await page.getByRole("heading").first().waitFor();
      for (const [name, width, height] of sizes) {
        await page.setViewportSize({ width, height });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, name).toBeLessThanOrEqual(0);
      }
      await leave();
    });
  }
});

describe("reduced motion", () => {
  it("keeps the form still", async () => {
    const { page, mock, leave } = await visit(browser, {}, "/", { reducedMotion: "reduce" });
    await startCall(page);
    const picture = () => page.locator("canvas").evaluate((c: HTMLCanvasElement) => c.toDataURL());
    await page.waitForFunction(() => document.querySelector("canvas")?.width !== 300);
    mock.realtime.push({ type: "twombly.state", state: "thinking" });
    await page.locator('[data-mood="thinking"]').waitFor();
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 200))));
    const thinking = await picture();
    await page.evaluate(() => new Promise((next) => setTimeout(next, 400)));
    expect(await picture()).toBe(thinking);
    mock.realtime.push({ type: "twombly.state", state: "speaking" });
    await expect.poll(picture).not.toBe(thinking);
    await leave();
  });
});

describe("history", () => {
  it("pages back and searches", async () => {
    const { page, leave } = await visit(browser, {}, "/#history");
    await page.getByText("two swans").waitFor();
    await page.getByRole("button", { name: "Earlier" }).click();
    await page.getByText("This was sentence 58").waitFor();
    await page.getByRole("searchbox").fill("heron");
    await page.getByText("I knew the heron").waitFor();
    await page.getByText("two swans").waitFor({ state: "detached" });
    await page.getByRole("searchbox").fill("xyzzy");
    await page.getByText("Nothing was said like that.").waitFor();
    await leave();
  });
});
