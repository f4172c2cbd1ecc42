import { afterEach, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { startBrowser, visit } from "./browser";

let browser: Browser | undefined;
afterEach(() => browser?.close());

describe("a call that cannot begin", () => {
  it("refused: says where to allow it, and that writing works", async () => {
    browser = await startBrowser("refused");
    const { page, leave } = await visit(browser);
    await page.getByRole("button", { name: /^Talk/ }).click();
    await page.getByRole("heading", { name: "I am not allowed to listen" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await page.getByText("write to her below").waitFor();
    await leave();
  });

  it("missing: says that there is no microphone", async () => {
    browser = await startBrowser("none");
    const { page, leave } = await visit(browser);
    await page.getByRole("button", { name: /^Talk/ }).click();
    await page.getByRole("heading", { name: "I find no microphone" }).waitFor();
    await leave();
  });

  it("busy: says that another program holds it", async () => {
    browser = await startBrowser();
    const { page, leave } = await visit(browser);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotReadableError"));
    });
    await page.getByRole("button", { name: /^Talk/ }).click();
    await page.getByRole("heading", { name: "Your microphone is busy" }).waitFor();
    await leave();
  });

  it("not secure: explains localhost and https", async () => {
    browser = await startBrowser();
    const { page, leave } = await visit(browser);
    await page.evaluate(() => Object.defineProperty(window, "isSecureContext", { value: false }));
    await page.getByRole("button", { name: /^Talk/ }).click();
    await page.getByRole("heading", { name: "This page cannot listen here" }).waitFor();
    await page.getByText("over https").waitFor();
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    await leave();
  });
});
