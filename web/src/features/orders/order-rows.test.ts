import { expect, it } from "vitest";
import type { OrderRow } from "@/client";
import { csvOf } from "../books/csv-button";
import { belongsTo, counts, isWanted, ORDERS_CSV } from "./order-rows";

const ORDER: OrderRow = {
  orderid: "25112100000001",
  symbol: "NIFTY28NOV2526000CE",
  exchange: "NFO",
  action: "BUY",
  quantity: 75,
  price: 100.5,
  trigger_price: 0,
  pricetype: "LIMIT",
  product: "NRML",
  order_status: "trigger pending",
  average_price: 0,
  filled_quantity: 0,
  pending_quantity: 75,
  rejection_reason: "",
  timestamp: "2025-11-21 10:30:00",
  strategy: "=cmd",
};
const ALL = { status: "", side: "", exchange: "", product: "", text: "" };

it("counts an order that waits for its trigger as open", () => {
  const orders = (["open", "trigger pending", "complete", "rejected"] as const).map(
    (order_status) => ({ order_status }),
  );
  expect(counts(orders)).toEqual({ all: 4, open: 2, complete: 1, rejected: 1, cancelled: 0 });
  expect(belongsTo("cancelled", { order_status: "open" })).toBe(false);
});

it.each([
  [{}, true],
  [{ status: "open", side: "BUY", exchange: "NFO", product: "NRML", text: "26000 nif" }, true],
  [{ status: "complete" }, false],
  [{ side: "SELL" }, false],
  [{ exchange: "NSE" }, false],
  [{ product: "MIS" }, false],
  [{ text: "banknifty" }, false],
  [{ text: "0000001" }, true],
])("filters by %o", (wanted, found) => {
  expect(isWanted(ORDER, { ...ALL, ...wanted })).toBe(found);
});

it("writes a file with a head and a line for each order", () => {
  const [head, line, ...rest] = csvOf(ORDERS_CSV, [ORDER]).split("\r\n");
  expect(rest).toEqual([]);
  expect(head?.split(",").length).toBe(line?.split(",").length);
  expect(line).toBe(
    "2025-11-21 10:30:00,25112100000001,BUY,75,0,NIFTY28NOV2526000CE,NFO,NRML,LIMIT,100.5,0,0,trigger pending,,'=cmd",
  );
});
