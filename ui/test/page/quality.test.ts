// What Lighthouse looks at, where it can be decided on this machine: that the page says what it is, can be enlarged and
// touched, does not jump while it loads, and keeps the browser's good practices. axe on every screen is in test/browser.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, startCall, visit } from "../browser/browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** WCAG 2.2, 2.5.8. */
const SMALLEST_TARGET_PX = 24;
const SMALLEST_TEXT_PX = 12;
/** "Good" begins at 0.1; here nothing moves that a person did not move. */
const LARGEST_SHIFT = 0.01;

/** Counts how far things jump without the person having done anything, from the first paint on. */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts, shifted: 0 });
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Element }[] };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) {
        if (entry.hadRecentInput) continue;
        (window as unknown as { shifted: number }).shifted += entry.value;
        shifts.push(`${entry.value.toFixed(4)} ${entry.sources.map((s) => s.node?.className ?? "text").join(", ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.reload();
}
const shifted = (page: Page) =>
  page.evaluate(() => {
    const { shifted, shifts } = window as unknown as { shifted: number; shifts: string[] };
    return { shifted, shifts };
  });

/** What is too small to touch; links in running text are excepted, as the criterion has it. */
const smallTargets = (page: Page) =>
  page.evaluate((smallest) => {
    const targets = [
      ...document.querySelectorAll<HTMLElement>("button, input, select, textarea, summary, [role=switch]"),
    ];
    return targets
      .filter((target) => target.checkVisibility())
      .map((target) => ({ target, box: (target.closest("label") ?? target).getBoundingClientRect() }))
      .filter(({ box }) => box.width < smallest || box.height < smallest)
      .map(({ target, box }) => `${target.outerHTML.slice(0, 80)}: ${box.width} × ${box.height}`);
  }, SMALLEST_TARGET_PX);
const smallText = (page: Page) =>
  page.evaluate((smallest) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small: string[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element?.checkVisibility() || !node.textContent?.trim()) continue;
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      if (size < smallest) small.push(`${size} px: ${node.textContent.trim()}`);
    }
    return small;
  }, SMALLEST_TEXT_PX);

const screens: [name: string, world: Record<string, unknown>, path: string][] = [
  ["home", {}, "/"],
  ["first meeting", { met: false, step: 2 }, "/"],
  ["history", {}, "/#history"],
  ["settings", {}, "/#settings"],
];

describe("the page", () => {
  it("says what it is, in which language, and lets itself be enlarged", async () => {
    const { page, leave } = await visit(browser);
    await page.getByRole("button", { name: /^Talk/ }).waitFor();
    expect(await page.title()).not.toBe("");
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
    expect(await page.evaluate(() => document.characterSet)).toBe("UTF-8");
    expect(await page.evaluate(() => document.compatMode)).toBe("CSS1Compat");
    const meta = (name: string) => page.locator(`meta[name="${name}"]`).first().getAttribute("content");
    expect((await meta("description"))?.length).toBeGreaterThan(30);
    const viewport = (await meta("viewport")) ?? "";
    expect(viewport).toContain("width=device-width");
    expect(viewport).not.toMatch(/user-scalable\s*=\s*(no|0)|maximum-scale/);
    expect(await page.locator("h1, [role=heading]").count()).toBeGreaterThan(0);
    await leave();
  });

  it("does not jump while it loads, nor when a call begins and she speaks", async () => {
    const { page, mock, leave } = await visit(browser);
    await watchShifts(page);
    await startCall(page);
    await mock.realtime.speak(["Along the river, in this wind?", "Tell me what it looked like."], "item_her");
    const { shifted: far, shifts } = await shifted(page);
    expect(far, shifts.join("\n")).toBeLessThanOrEqual(LARGEST_SHIFT);
    await leave();
  });

  for (const [name, world, path] of screens) {
    it(`${name}: everything can be touched and read, and nothing jumps`, async () => {
      const { page, leave } = await visit(browser, world, path);
      await watchShifts(page);
      await page.locator("main").waitFor({ state: "attached" });
      await page.waitForLoadState("networkidle");
      await page.evaluate(() => document.fonts.ready);
      expect(await smallTargets(page)).toEqual([]);
      expect(await smallText(page)).toEqual([]);
      const { shifted: far, shifts } = await shifted(page);
      expect(far, shifts.join("\n")).toBeLessThanOrEqual(LARGEST_SHIFT);
      await leave();
    });
  }

  it("keeps the browser's good practices", async () => {
    const { page, mock, leave } = await visit(browser);
    await page.getByRole("button", { name: /^Talk/ }).waitFor();
    const asked = await page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).map((entry) => ({
        name: entry.name,
        blocking: (entry as unknown as { renderBlockingStatus: string }).renderBlockingStatus,
      })),
    );
    expect(asked.every(({ name }) => name.startsWith(mock.url))).toBe(true);
    expect(asked.filter(({ blocking }) => blocking === "blocking").length).toBeLessThanOrEqual(1); // its style sheet
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(800);
    expect(await page.locator("a[target=_blank]:not([rel~=noopener])").count()).toBe(0);
    expect(await page.locator("img:not([alt]), svg:not([aria-hidden]):not([role])").count()).toBe(0);
    await leave();
  });
});
