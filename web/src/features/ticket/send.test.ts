import { expect, it } from "vitest";
import { freshId, sortedOut } from "./send";

it("tells a part nobody knows of from one that was refused", () => {
  const part = { order_num: 1, quantity: 5 };
  const lost = { message: "No answer", code: "order_outcome_unknown", reference: "oax" };
  expect(
    sortedOut([
      { ...part, status: "success", orderid: "7" },
      { ...part, status: "error", message: "No money", code: "insufficient_funds" },
      { ...part, status: "error", ...lost },
      // The broker took it, and that could not be stored.
      { ...part, status: "error", ...lost, orderid: "8" },
    ]),
  ).toEqual({
    orders: [
      { orderid: "7", quantity: 5 },
      { orderid: "8", quantity: 5 },
    ],
    refused: [{ quantity: 5, message: "No money" }],
    unsure: [{ quantity: 5, message: "No answer", reference: "oax" }],
  });
});

it("names no two orders alike", () => {
  const ids = new Set(Array.from({ length: 1000 }, freshId));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^web-[0-9a-f]{24}$/);
});
