// The page by its accessibility tree alone, as a screen reader has it: what is not in the tree cannot be found here, and
// nothing is looked for on the screen.

import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { received, startBrowser, visit } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

interface Node {
  role: string;
  name: string;
  value: unknown;
  state: Record<string, unknown>;
  dom: number;
}

/** What a screen reader can do: read the tree, go to a thing by role and name, press it, type. */
class Reader {
  private constructor(
    private readonly page: Page,
    private readonly chrome: CDPSession,
  ) {}

  static async of(page: Page): Promise<Reader> {
    return new Reader(page, await page.context().newCDPSession(page));
  }

  async tree(): Promise<Node[]> {
    const { nodes } = await this.chrome.send("Accessibility.getFullAXTree");
    return nodes
      .filter((node) => !node.ignored && node.backendDOMNodeId !== undefined)
      .map((node) => ({
        role: String(node.role?.value ?? ""),
        name: String(node.name?.value ?? ""),
        value: node.value?.value,
        state: Object.fromEntries((node.properties ?? []).map((p) => [p.name, p.value.value])),
        dom: node.backendDOMNodeId as number,
      }));
  }

  async find(role: string, name: string): Promise<Node> {
    const look = async () => (await this.tree()).find((node) => node.role === role && node.name === name);
    await expect.poll(look, { timeout: 10_000, message: `${role} "${name}"` }).toBeTruthy();
    return (await look()) as Node;
  }

  async reads(text: string): Promise<void> {
    await expect
      .poll(async () => (await this.tree()).some((n) => n.role === "StaticText" && n.name.includes(text)), {
        timeout: 10_000,
        message: text,
      })
      .toBe(true);
  }

  async focus(role: string, name: string): Promise<void> {
    await this.chrome.send("DOM.focus", { backendNodeId: (await this.find(role, name)).dom });
  }

  async press(role: string, name: string): Promise<void> {
    await this.focus(role, name);
    await this.page.keyboard.press("Space");
  }

  async type(role: string, name: string, text: string): Promise<void> {
    await this.focus(role, name);
    await this.page.keyboard.type(text);
  }
}

describe("by the accessibility tree alone", () => {
  it("a call: its state, what is said, muting, writing, hanging up", async () => {
    const { page, mock, leave } = await visit(browser);
    const reader = await Reader.of(page);
    await reader.press("button", "Talk with Orla");
    await reader.reads("Listening");
    const mute = await reader.find("button", "Mute");
    expect(mute.state.pressed).toBe("false");
    await reader.press("button", "Mute");
    await reader.reads("You are muted");
    expect((await reader.find("button", "Unmute")).state.pressed).toBe("true");
    await reader.press("button", "Unmute");
    mock.realtime.push({
      type: "conversation.item.input_audio_transcription.completed",
      item_id: "p",
      transcript: "I walked home.",
    });
    await reader.reads("I walked home.");
    const log = await reader.find("log", "What is said");
    expect(log.state.live).toBe("polite");
    await mock.realtime.speak(["In this wind?"], "h");
    await reader.reads("In this wind?");
    await reader.type("textbox", "Write to her", "yes");
    await page.keyboard.press("Enter");
    await received(mock, (event) => event.type === "conversation.item.create");
    await reader.press("button", "Hang up");
    await reader.find("button", "Talk with Orla");
    await leave();
  });

  it("the history: by days, with search, and what was meant", async () => {
    const { page, leave } = await visit(browser);
    const reader = await Reader.of(page);
    await reader.press("button", "History");
    const heading = await reader.find("heading", "History");
    expect(heading.state.focused).toBe(true);
    await reader.reads("two swans");
    expect((await reader.tree()).some((n) => n.role === "heading" && /24 November 2026/.test(n.name))).toBe(true);
    await reader.type("searchbox", "Search what was said", "in this wind");
    await expect.poll(async () => (await reader.tree()).some((n) => n.name.includes("two swans"))).toBe(false);
    const summary = (await reader.tree()).find((n) => /Disclosure/.test(n.role) && n.name === "You interrupted her");
    expect(summary?.state.expanded).toBe(false);
    await reader.press(summary?.role ?? "", "You interrupted her");
    await reader.reads("She had meant to say");
    await reader.press("button", "Back to the talk");
    await reader.find("button", "Talk with Orla");
    await leave();
  });

  it("the settings: every one has its name and tells its value", async () => {
    const { page, mock, leave } = await visit(browser, {}, "/#settings");
    const reader = await Reader.of(page);
    expect((await reader.find("button", "Hearth, her voice now")).state.pressed).toBe("true");
    await reader.press("button", "Choose Dusk");
    await reader.find("button", "Dusk, her voice now");
    const pace = (await reader.tree()).find((n) => n.role === "slider");
    expect(pace?.name).toMatch(/^Pace/);
    expect(pace?.value).toBe(88);
    expect((await reader.find("checkbox", "Captions")).state.checked).toBe("true");
    await reader.press("checkbox", "Captions");
    await expect.poll(() => mock.world.settings).toMatchObject({ captions: false });
    await reader.press("radio", "Dark");
    await expect.poll(() => mock.world.settings).toMatchObject({ theme: "dark" });
    const boxes = (await reader.tree()).filter((n) => n.role === "combobox").map((n) => n.name);
    expect(boxes).toContain("She thinks with");
    await reader.press("button", "Sign out on this device");
    await reader.find("heading", "You are not signed in");
    await leave();
  });
});
