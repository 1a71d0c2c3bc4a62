import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { isUnknown, session } from "@/api";
import type { AccountRow } from "@/client";
import { toast } from "@/components/ui/toast";
import { useStore } from "@/lib/store";
import { events } from "@/live";
import { accountsQuery } from "../accounts/queries";
import { orderOnItsWay } from "./ask";
import { useLateAnswer } from "./late-answer";
import { forgetOrder } from "./order-news";
import { freshId, ordersOf, type Plan, type Sent, send } from "./send";

export interface Sending {
  /** Sends, unless something is still under way. */
  send: (plan: Plan) => void;
  busy: boolean;
  /** What came of it; `unknown` where nobody can say. */
  sent: Sent | undefined;
  error: Error | null;
  unknown: boolean;
  /** The server has found out about one of the unsure orders. */
  found: (reference: string) => void;
  /** Back to the form. */
  again: () => void;
}

/** Sends a ticket once, and says so elsewhere should the ticket be closed before the answer. */
export function useSending(account: AccountRow, symbol: string, onSent: () => void): Sending {
  const queryClient = useQueryClient();
  const shown = useRef(true);
  const last = useRef<{ plan: string; id: string } | null>(null);
  const found = useRef(new Set<string>());
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);

  const attempt = useMutation({
    mutationFn: async (plan: Plan) => {
      if (!navigator.onLine) throw new Error("You are offline. Nothing was sent.");
      await sameMode();
      if (plan.kind === "modify") forgetOrder(plan.body.orderid);
      return send(plan, idOf(plan));
    },
    onSuccess: (sent) => {
      if (!unsureIn(sent)) last.current = null;
      onSent();
      if (!shown.current) toast("plain", `${symbol}: sent`, "How it stands is in the orderbook.");
    },
    onError: (error) => {
      // Of what may have happened, the same order keeps its name: it cannot be placed twice.
      if (!isUnknown(error)) last.current = null;
      if (!shown.current) {
        toast(
          "bad",
          `${symbol}: ${isUnknown(error) ? "outcome unknown" : "not sent"}`,
          error.message,
        );
      }
    },
    onSettled: () => {
      orderOnItsWay.set(null);
      void queryClient.invalidateQueries({ queryKey: ["of-account"] });
    },
  });

  /** Without the stream of events this page may have missed that paper became live. */
  async function sameMode(): Promise<void> {
    if (events.state.get().phase === "open") return;
    const rows = await queryClient.fetchQuery({ ...accountsQuery, staleTime: 0 });
    const now = rows.find(({ id }) => id === account.id);
    if (now?.analyze_mode !== account.analyze_mode) {
      throw new Error("The account has changed between paper and live. Nothing was sent.");
    }
  }

  function idOf(plan: Plan): string {
    const said = JSON.stringify(plan);
    if (last.current?.plan !== said) last.current = { plan: said, id: freshId() };
    return last.current.id;
  }

  const late = useLateAnswer(
    () => last.current?.id,
    attempt.variables,
    (answer) => {
      // Now that it is known, the same order once more is another one.
      last.current = null;
      if ("id" in answer) onSent();
    },
  );
  const unsure = isUnknown(attempt.error);
  const answer = unsure ? late.answer : null;

  const { reset } = attempt;
  const refused = attempt.error !== null && !unsure;
  useEffect(() => {
    if (!refused) return;
    // Whoever logged in again does not have to read that their session had ended.
    return session.phase.subscribe(() => session.phase.get() === "active" && reset());
  }, [refused, reset]);

  return {
    send: (plan) => {
      if (orderOnItsWay.get() !== null) return;
      orderOnItsWay.set(symbol);
      late.forget();
      found.current.clear();
      attempt.mutate(plan);
    },
    busy: useStore(orderOnItsWay) !== null,
    sent: answer && "id" in answer ? lateSent(attempt.variables, answer.id) : attempt.data,
    error: answer && "error" in answer ? answer.error : attempt.error,
    unknown: unsure && answer === null,
    found: (reference) => {
      found.current.add(reference);
      if (found.current.size >= unsureIn(attempt.data)) last.current = null;
    },
    again: () => {
      late.forget();
      attempt.reset();
    },
  };
}

/** How many of the orders nobody knows of. */
function unsureIn(sent: Sent | undefined): number {
  return sent?.kind === "orders" ? sent.unsure.length : 0;
}

/** What `plan` came to if the broker calls it `id`: only what goes there is ever in doubt. */
function lateSent(plan: Plan | undefined, id: string): Sent {
  if (plan?.kind === "gtt") return { kind: "gtt", triggerId: id, paper: false };
  return ordersOf({}, { orders: [{ orderid: id, quantity: Number(plan?.body.quantity) }] });
}
