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

describe("the keyboard alone, in the panels", () => {
  /** Walks with Tab until something with that name has the keyboard. */
  async function reach(page: Page, name: string): Promise<void> {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const e = document.activeElement as HTMLInputElement | null;
        return (
          e?.getAttribute("aria-label") ?? e?.labels?.[0]?.querySelector("span")?.textContent ?? e?.textContent ?? ""
        );
      });
      if (at.trim() === name) return;
    }
    throw new Error(`the keyboard does not reach ${name}`);
  }

  it("searches and reads the history", async () => {
    const { page, leave } = await visit(browser, {}, "/#history");
    await page.getByText("two swans").waitFor();
    await reach(page, "Search what was said");
    await page.keyboard.type("in this wind");
    await page.getByText("two swans").waitFor({ state: "detached" });
    await reach(page, "You interrupted her");
    await page.keyboard.press("Enter");
    await page.getByText("I only know rivers").waitFor();
    await leave();
  });

  it("changes voice, pace, microphone, captions and light", async () => {
    const { page, mock, leave } = await visit(browser);
    await startCall(page);
    await page.getByRole("button", { name: "Settings" }).press("Enter");
    await page.getByRole("heading", { name: "Settings" }).waitFor();
    await reach(page, "Choose Dusk");
    await page.keyboard.press("Space");
    await expect.poll(() => mock.world.voice).toBe("soft");
    await reach(page, "Pace");
    await page.keyboard.press("ArrowRight");
    await page.getByText("89 %").waitFor();
    await reach(page, "She hears you with");
    await page.keyboard.press("ArrowDown");
    await expect
      .poll(() => page.evaluate(() => localStorage.getItem("twombly.microphone")))
      .toContain("Fake Audio Input 1");
    await reach(page, "Captions");
    await page.keyboard.press("Space");
    await expect.poll(() => mock.world.settings).toMatchObject({ captions: false });
    await reach(page, "As the system");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => mock.world.settings).toMatchObject({ theme: "light" });
    await reach(page, "Sign out on this device");
    await page.keyboard.press("Enter");
    await page.getByText("You are not signed in").waitFor();
    await leave();
  });
});

describe("text at 200 %", () => {
  /** What is cut off: a page wider than its screen, a control out of it, and words too long for their control. */
  const cut = (page: Page) =>
    page.evaluate(() => {
      const found: string[] = [];
      const wide = [document.documentElement, ...document.querySelectorAll<HTMLElement>(".scroll, .said, .note")];
      for (const e of wide)
        if (e.scrollWidth > e.clientWidth + 1) found.push(`${e.tagName} .${e.className} is too wide`);
      for (const e of document.querySelectorAll<HTMLElement>(
        "button, input, select, textarea, summary, h1, h2, h3, p",
      )) {
        const { left, right, width } = e.getBoundingClientRect();
        if (width === 0 || e.closest(".hidden, .with-panel .stage")) continue;
        if (left < -1 || right > window.innerWidth + 1) found.push(`${e.outerHTML.slice(0, 80)} leaves the screen`);
        if (e.scrollWidth > e.clientWidth + 1) found.push(`${e.outerHTML.slice(0, 80)} is cut`);
      }
      return found;
    });
  const enlarge = (page: Page) => page.evaluate(() => document.documentElement.style.setProperty("font-size", "34px"));
  const screens: [string, { width: number; height: number }][] = [
    ["a phone", { width: 390, height: 844 }],
    ["a desk", { width: 1280, height: 800 }],
  ];
  for (const [screen, viewport] of screens) {
    for (const [name, world, path] of places) {
      it(`${name} on ${screen}`, async () => {
        const { page, leave } = await visit(browser, world, path, { viewport, reducedMotion: "reduce" });
        await page.getByRole("heading").first().waitFor();
        await page.waitForLoadState("networkidle");
        await enlarge(page);
        expect(await cut(page)).toEqual([]);
        await leave();
      });
    }
    it(`a call, and its settings, on ${screen}`, async () => {
      const { page, mock, leave } = await visit(browser, {}, "/", { viewport, reducedMotion: "reduce" });
      await enlarge(page);
      await startCall(page);
      mock.realtime.push({ type: "twombly.partial", item_id: "p", text: "I walked home along the river", stable: 8 });
      mock.realtime.push({ type: "twombly.notice", code: "x", message: "She is a little slow today." });
      await page.getByText("a little slow").waitFor();
      expect(await cut(page)).toEqual([]);
      await page.getByRole("button", { name: "All right" }).click();
      await page.getByText("a little slow").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByLabel("She hears you with").waitFor();
      expect(await cut(page)).toEqual([]);
      await leave();
    });
  }
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
    // As it is seen: what WebGL has drawn cannot be read back later.
    const picture = async () => (await page.locator("canvas").screenshot()).toString("base64");
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
