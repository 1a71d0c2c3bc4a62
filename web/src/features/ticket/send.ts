import { ApiError, call } from "@/api";
import {
  type ModifyOrderRequest,
  modifyorder,
  type PlaceGttRequest,
  type PlaceOrderRequest,
  placegttorder,
  placeorder,
  splitorder,
} from "@/client";

/** What is sent when the ticket is. */
export type Plan =
  | { kind: "order"; body: PlaceOrderRequest }
  | { kind: "split"; body: PlaceOrderRequest; size: number }
  | { kind: "gtt"; body: PlaceGttRequest }
  | { kind: "modify"; body: ModifyOrderRequest };

export interface SentOrder {
  orderid: string;
  /** In units. */
  quantity: number;
}

/** What the server made of it. `paper` says where it went, whatever the page thought. */
export type Sent =
  | {
      kind: "orders";
      orders: readonly SentOrder[];
      refused: readonly { quantity: number; message: string }[];
      changed: boolean;
      paper: boolean;
    }
  | { kind: "gtt"; triggerId: string; paper: boolean }
  | { kind: "queued" };

/** Whoever waits longer has to be told that nobody knows. */
const PATIENCE = 20_000;

/** Sends once. `id` makes a repeat of the same plan harmless, whatever became of the first. */
export async function send(plan: Plan, id: string): Promise<Sent> {
  const signal = AbortSignal.timeout(PATIENCE);
  switch (plan.kind) {
    case "order": {
      const body = { ...plan.body, client_order_id: id };
      const reply = await call(() => placeorder({ body, signal }));
      if ("pending_order_id" in reply) return { kind: "queued" };
      return ordersOf(reply, [{ orderid: reply.orderid, quantity: Number(body.quantity) }]);
    }
    case "split": {
      const body = { ...plan.body, splitsize: plan.size, client_order_id: id };
      const reply = await call(() => splitorder({ body, signal }));
      if ("pending_order_id" in reply) return { kind: "queued" };
      const orders = reply.results.flatMap(({ orderid, quantity }) =>
        orderid === undefined ? [] : [{ orderid, quantity }],
      );
      const refused = reply.results.flatMap(({ orderid, quantity, message = "" }) =>
        orderid === undefined ? [{ quantity, message }] : [],
      );
      return { ...ordersOf(reply, orders), refused };
    }
    case "gtt": {
      const body = { ...plan.body, client_order_id: id };
      const reply = await call(() => placegttorder({ body, signal }));
      if ("pending_order_id" in reply) return { kind: "queued" };
      return { kind: "gtt", triggerId: reply.trigger_id, paper: reply.mode === "analyze" };
    }
    case "modify": {
      const { body } = plan;
      const reply = await call(() => modifyorder({ body, signal }));
      const order = { orderid: reply.orderid, quantity: Number(body.quantity) };
      return { ...ordersOf(reply, [order]), changed: true };
    }
  }
}

function ordersOf(reply: { mode?: string }, orders: readonly SentOrder[]) {
  const paper = reply.mode === "analyze";
  return { kind: "orders" as const, orders, refused: [], changed: false, paper };
}

const UNSURE = new Set(["order_outcome_unknown", "internal_error"]);

/** Whether something may have happened although an error came back, or nothing at all. */
export function isUnknown(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  // `http_5..`: whatever stands before the server answered in its place.
  return error.status === 0 || UNSURE.has(error.code) || /^http_5/.test(error.code);
}

/** A name for what is about to be sent that nobody else uses. */
export function freshId(): string {
  // randomUUID() is there on secure pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
