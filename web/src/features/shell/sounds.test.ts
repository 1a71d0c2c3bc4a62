import { expect, it } from "vitest";
import { louder, SOUNDS, toneOf } from "./sounds";

it("is heard unless the user said otherwise", () => {
  for (const kept of [undefined, null, {}, { on: true }, "off"])
    expect(SOUNDS.read(kept).on).toBe(true);
  expect(SOUNDS.read({ on: false }).on).toBe(false);
});

it("sounds for orders, and is silent for what is only to be read", () => {
  expect(toneOf({ subject: "Orders", tone: "good" })).toBe("good");
  expect(toneOf({ subject: "Broker", tone: "bad" })).toBe("bad");
  expect(toneOf({ subject: "Instruments", tone: "good" })).toBeNull();
});

it("lets what went wrong be heard in a burst", () => {
  expect(louder(null, "plain")).toBe("plain");
  expect(louder("plain", "good")).toBe("good");
  expect(louder("bad", "good")).toBe("bad");
  expect(louder("good", "bad")).toBe("bad");
});
