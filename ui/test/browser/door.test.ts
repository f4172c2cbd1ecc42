import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, visit } from "./browser";

const secret = "0123456789012345678901234567890123456789abc";
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe("the owner link", () => {
  it("is used only after the press of the button, and leaves the address", async () => {
    const { page, mock, leave } = await visit(browser, { signedIn: false }, `/#owner=${secret}`);
    await page.getByRole("button", { name: "Come in" }).waitFor();
    expect(mock.world.requests).toEqual([]);
    await page.getByRole("button", { name: "Come in" }).press("Enter");
    await page.getByRole("button", { name: "Talk with Orla" }).waitFor();
    expect(mock.world.requests[0]).toEqual({ call: "POST /api/owner-link", body: JSON.stringify({ secret }) });
    expect(page.url()).toBe(`${mock.url}/`);
    await leave();
  });

  for (const [state, title] of [
    ["used", "This link has been used, or is too old"],
    ["wrong", "This link is not from here"],
  ]) {
    it(`${state} says so, and how to get another`, async () => {
      const world = { signedIn: false, ownerLink: state };
      const { page, leave } = await visit(browser, world, `/#owner=${secret}`);
      await page.getByRole("button", { name: "Come in" }).click();
      await page.getByRole("heading", { name: title as string }).waitFor();
      await page.getByText("twombly owner-link").waitFor();
      expect(page.url()).not.toContain("owner=");
      await leave();
    });
  }
});

describe("somebody who is not signed in", () => {
  it("is told how to get in", async () => {
    const { page, leave } = await visit(browser, { signedIn: false });
    await page.getByText("twombly owner-link").waitFor();
    await leave();
  });
});

describe("the first meeting", () => {
  it("goes from the first question to her name, in writing and by choices", async () => {
    const { page, mock, leave } = await visit(browser, { met: false });
    await page.getByText("What may I call you?").waitFor();
    await page.getByRole("textbox").fill("Mara");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Playful" }).click();
    await page.getByRole("button", { name: "Hear Dusk" }).click();
    await page.getByRole("button", { name: "Stop Dusk" }).waitFor();
    await page.getByRole("button", { name: "Choose Dusk" }).click();
    await page.getByText("stopped at Orla").waitFor();
    await page.getByRole("button", { name: "Orla it is" }).click();
    await page.getByRole("button", { name: "Talk with Orla" }).waitFor();
    const said = mock.world.requests.filter((r) => r.call === "POST /api/meeting").map((r) => JSON.parse(r.body).text);
    expect(said).toEqual(["Mara", "playful", "soft", "yes"]);
    await leave();
  });

  it("can be skipped", async () => {
    const { page, leave } = await visit(browser, { met: false });
    await page.getByRole("button", { name: "Skip the introductions" }).click();
    await page.getByRole("button", { name: "Talk with Orla" }).waitFor();
    await leave();
  });
});
