import { useEffect, useState } from "react";
import { onEvents } from "@/live";
import type { Plan } from "./send";

/**
 * What became of an order or a GTT whose answer never came, once the server has found out at the broker:
 * what it is called there, or why there is none.
 */
export type LateAnswer = { id: string } | { error: Error };

/**
 * The late answer to what is sent as `idNow()` with `plan`; `forget` before something else is sent.
 * The parts of a split are told line by line.
 */
export function useLateAnswer(
  idNow: () => string | undefined,
  plan: Plan | undefined,
  onAnswer: (answer: LateAnswer) => void,
) {
  const [answer, setAnswer] = useState<LateAnswer | null>(null);
  useEffect(() => {
    if (plan?.kind !== "order" && plan?.kind !== "gtt") return;
    return onEvents(
      ({ event, data }) => {
        if (event !== "order_outcome" || data.client_order_id !== idNow()) return;
        const late = lateAnswer(data);
        if (late === null) return;
        setAnswer(late);
        onAnswer(late);
      },
      () => {},
    );
  });
  return { answer, forget: () => setAnswer(null) };
}

/** What an `order_outcome` says; `null` while nobody knows. */
export function lateAnswer(data: Readonly<Record<string, unknown>>): LateAnswer | null {
  if (data.state === "accepted" && typeof data.orderid === "string") {
    return { id: data.orderid };
  }
  if (data.state === "rejected" || data.state === "not_sent") {
    return { error: new Error(String(data.message)) };
  }
  return null;
}
