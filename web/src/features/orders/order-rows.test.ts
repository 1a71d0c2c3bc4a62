import { expect, it } from "vitest";
import { belongsTo, counts } from "./order-rows";

it("counts an order that waits for its trigger as open", () => {
  const orders = (["open", "trigger pending", "complete", "rejected"] as const).map(
    (order_status) => ({ order_status }),
  );
  expect(counts(orders)).toEqual({ all: 4, open: 2, complete: 1, rejected: 1, cancelled: 0 });
  expect(belongsTo("cancelled", { order_status: "open" })).toBe(false);
});
