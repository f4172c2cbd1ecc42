import { describe, expect, it } from "vitest";
import { find, louder, named } from "../src/call/devices";

const device = (kind: MediaDeviceKind, deviceId: string, label: string) =>
  ({ kind, deviceId, label }) as MediaDeviceInfo;

describe("the devices that are offered", () => {
  const cases: [string, MediaDeviceInfo[], string[]][] = [
    ["none", [], []],
    ["none before the browser tells names", [device("audioinput", "", "")], []],
    ["only those of the side", [device("audiooutput", "o", "Speaker"), device("videoinput", "v", "Camera")], []],
    [
      "without the system's own aliases",
      [
        device("audioinput", "default", "Default - Desk"),
        device("audioinput", "communications", "Communications - Desk"),
        device("audioinput", "d", "Desk"),
        device("audioinput", "h", "Headset"),
      ],
      ["Desk", "Headset"],
    ],
  ];
  for (const [name, all, labels] of cases) {
    it(name, () => expect(named(all, "microphone").map((d) => d.label)).toEqual(labels));
  }
});

describe("the chosen device among those there are", () => {
  const desk = { id: "d", label: "Desk" };
  const headset = { id: "h", label: "Headset" };
  const twin = { id: "t", label: "Desk" };
  it("is known by its id, even beside one of the same name", () =>
    expect(find({ id: "t", label: "Desk" }, [desk, twin])).toBe(twin));
  it("is known by its name when the browser changed its id", () =>
    expect(find({ id: "old", label: "Headset" }, [desk, headset])).toBe(headset));
  it("may not be there", () => expect(find({ id: "x", label: "Webcam" }, [desk, headset])).toBeNull());
});

describe("the way out at the ear", () => {
  const ways = ["Headset earpiece", "Speakerphone", "Bluetooth headset"].map((label) => ({ id: label, label }));
  it("has a louder one beside it", () => {
    expect(louder("Headset earpiece", ways)?.label).toBe("Speakerphone");
    expect(louder("Headset earpiece", ways.slice(0, 1))).toBeNull();
  });
  it("is no other way", () => {
    for (const label of ["", "Speakerphone", "Bluetooth headset", "Earpieces of a desk"])
      expect(louder(label, ways)).toBeNull();
  });
});
