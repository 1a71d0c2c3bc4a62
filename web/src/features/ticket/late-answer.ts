import { useEffect, useState } from "react";
import { onEvents } from "@/live";
import type { Plan, SentOrder } from "./send";

/** What became of an order whose answer never came, once the server has found out at the broker. */
export type LateAnswer = { order: SentOrder } | { error: Error };

/**
 * The late answer to what is sent as `idNow()` with `plan`; `forget` before something else is sent.
 * Only of single orders: the parts of a split are told line by line.
 */
export function useLateAnswer(
  idNow: () => string | undefined,
  plan: Plan | undefined,
  onAnswer: (answer: LateAnswer) => void,
) {
  const [answer, setAnswer] = useState<LateAnswer | null>(null);
  useEffect(() => {
    if (plan?.kind !== "order") return;
    const quantity = Number(plan.body.quantity);
    return onEvents(
      ({ event, data }) => {
        if (event !== "order_outcome" || data.client_order_id !== idNow()) return;
        const late = lateAnswer(data, quantity);
        if (late === null) return;
        setAnswer(late);
        onAnswer(late);
      },
      () => {},
    );
  });
  return { answer, forget: () => setAnswer(null) };
}

/** What an `order_outcome` says of an order of `quantity` units; `null` while nobody knows. */
export function lateAnswer(
  data: Readonly<Record<string, unknown>>,
  quantity: number,
): LateAnswer | null {
  if (data.state === "accepted" && typeof data.orderid === "string") {
    return { order: { orderid: data.orderid, quantity } };
  }
  if (data.state === "rejected" || data.state === "not_sent") {
    return { error: new Error(String(data.message)) };
  }
  return null;
}
