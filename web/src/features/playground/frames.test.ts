import { expect, it } from "vitest";
import { added, type Frame, subscription, withoutKey } from "./frames";

const frame = (number: number): Frame => ({ number, direction: "in", text: "{}", at: 0 });

it("forgets the oldest frames", () => {
  const many = Array.from({ length: 1500 }, (_, number) => frame(number));
  const kept = added(many.slice(0, 900), many.slice(900));
  expect(kept).toHaveLength(1000);
  expect(kept[0]?.number).toBe(500);
});

it("never shows a key that was sent", () => {
  const shown = withoutKey('{"action":"authenticate","api_key":"secret"}');
  expect(shown).not.toContain("secret");
  expect(JSON.parse(shown).action).toBe("authenticate");
  expect(withoutKey("no json")).toBe("no json");
});

it("writes what the server takes", () => {
  expect(JSON.parse(subscription("subscribe", "sbin, BSE:INFY", "NSE", "Quote"))).toEqual({
    action: "subscribe",
    symbols: ["NSE:SBIN", "BSE:INFY"],
    mode: "Quote",
  });
});
