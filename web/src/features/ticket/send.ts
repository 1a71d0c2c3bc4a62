import { call, OUTCOME_UNKNOWN } from "@/api";
import {
  type ModifyOrderRequest,
  modifyorder,
  type PlaceGttRequest,
  type PlaceOrderRequest,
  placegttorder,
  placeorder,
  type SplitRow,
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

/** A part of which nobody knows yet whether it was placed. */
export interface UnsureOrder {
  /** In units. */
  quantity: number;
  message: string;
  /** What the server knows it by. */
  reference: string | null;
}

/** What the server made of it. `paper` says where it went, whatever the page thought. */
export type Sent =
  | {
      kind: "orders";
      orders: readonly SentOrder[];
      refused: readonly { quantity: number; message: string }[];
      unsure: readonly UnsureOrder[];
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
      const order = { orderid: reply.orderid, quantity: Number(body.quantity) };
      return ordersOf(reply, { orders: [order] });
    }
    case "split": {
      const body = { ...plan.body, splitsize: plan.size, client_order_id: id };
      const reply = await call(() => splitorder({ body, signal }));
      if ("pending_order_id" in reply) return { kind: "queued" };
      return ordersOf(reply, sortedOut(reply.results));
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
      return ordersOf(reply, { orders: [order], changed: true });
    }
  }
}

type Orders = Extract<Sent, { kind: "orders" }>;

/** Orders the server took. */
export function ordersOf(reply: { mode?: string }, told: Partial<Orders>): Orders {
  const paper = reply.mode === "analyze";
  return { kind: "orders", orders: [], refused: [], unsure: [], changed: false, paper, ...told };
}

/** The parts of a split: those that stand, those that were refused, and those nobody knows of. */
export function sortedOut(
  parts: readonly SplitRow[],
): Pick<Orders, "orders" | "refused" | "unsure"> {
  const orders: SentOrder[] = [];
  const refused: { quantity: number; message: string }[] = [];
  const unsure: UnsureOrder[] = [];
  for (const { quantity, orderid, code, message = "", reference = null } of parts) {
    if (orderid) orders.push({ orderid, quantity });
    else if (code === OUTCOME_UNKNOWN) unsure.push({ quantity, message, reference });
    else refused.push({ quantity, message });
  }
  return { orders, refused, unsure };
}

/** A name for what is about to be sent that nobody else uses. */
export function freshId(): string {
  // randomUUID() is there on secure pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `web-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
