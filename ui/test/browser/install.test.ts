// The page as an app: Chromium itself is asked whether it could be installed, and the icons are what the manifest says.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

interface Icon {
  src: string;
  sizes: string;
  purpose: string;
}

describe("the page as an app", () => {
  it("can be installed", async () => {
    const { page, context, leave } = await visit(browser);
    const chrome = await context.newCDPSession(page);
    const { errors } = await chrome.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    const { installabilityErrors } = await chrome.send("Page.getInstallabilityErrors");
    // The tests' pages are private ones, in which nothing is ever installed.
    expect(installabilityErrors.map((e) => e.errorId).filter((id) => id !== "in-incognito")).toEqual([]);
    await leave();
  });

  it("has icons of the sizes it names, opaque to the edge, so that any mask fits", async () => {
    const { page, mock, leave } = await visit(browser);
    const icons: Icon[] = (await (await fetch(`${mock.url}/manifest.webmanifest`)).json()).icons;
    const pictures = icons.filter((icon) => icon.sizes !== "any");
    expect(pictures.map((icon) => icon.sizes)).toEqual(["192x192", "512x512"]);
    const touch = await page.locator('link[rel="apple-touch-icon"]').getAttribute("href");
    for (const { src, sizes } of [...pictures, { src: touch as string, sizes: "180x180" }]) {
      const found = await page.evaluate(async (address) => {
        const picture = new Image();
        picture.src = address;
        await picture.decode();
        const canvas = document.createElement("canvas");
        canvas.width = picture.naturalWidth;
        canvas.height = picture.naturalHeight;
        const context = canvas.getContext("2d") as CanvasRenderingContext2D;
        context.drawImage(picture, 0, 0);
        const corner = context.getImageData(0, 0, 1, 1).data[3];
        return { sizes: `${picture.naturalWidth}x${picture.naturalHeight}`, corner };
      }, src);
      expect(found, src).toEqual({ sizes, corner: 255 });
    }
    await leave();
  });

  it("colours the system's frame by the light that was chosen", async () => {
    const { page, leave } = await visit(browser, {}, "/#settings", { colorScheme: "light" });
    const frame = () =>
      page.evaluate(
        () =>
          [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')].find(
            (meta) => matchMedia(meta.media).matches,
          )?.content,
      );
    expect(await frame()).toBe("#fbd9c6");
    await page.getByRole("radio", { name: "Dark" }).check();
    await expect.poll(frame).toBe("#1d0b0c");
    await page.getByRole("radio", { name: "As the system" }).check();
    await expect.poll(frame).toBe("#fbd9c6");
    await leave();
  });
});
