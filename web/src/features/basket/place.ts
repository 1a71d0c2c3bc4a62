import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api";
import { ApiError } from "@/api/errors";
import { type BasketItem, type BasketOrderRequest, basketorder } from "@/client";
import { toast } from "@/components/ui/toast";
import { newId } from "@/lib/id";
import { useAccount } from "../accounts/queries";
import { type Attempt, basket, basketOwner, changeBasket, outcome } from "./basket";
import { fatesOf, type LegOrder, remaining } from "./orders";

/** What orders of this app are called in the books. */
const STRATEGY = "web";

interface Sending {
  account: number;
  attempt: Attempt;
  /** Whether it may have been sent before. */
  again: boolean;
}

/** Sends the basket, once; and asks again under the same id where the answer never came. */
export function usePlace() {
  const account = useAccount();
  const queryClient = useQueryClient();
  const send = useMutation({
    mutationFn: ({ attempt }: Sending) => call(() => basketorder({ body: requestOf(attempt) })),
    onSuccess: (reply, { account: id, attempt }) => {
      if (!("results" in reply)) {
        changeBasket(id, () => ({ legs: [], attempt: null }));
        toast("plain", reply.message);
        return;
      }
      const fates = fatesOf(attempt.orders, reply.results);
      const unknown = [...fates.values()].some((fate) => fate.unknown);
      changeBasket(id, (was) => ({
        legs: remaining(was.legs, fates),
        attempt: unknown ? { ...attempt, sending: false } : null,
      }));
      if (id !== basketOwner()) return;
      const named = new Map(attempt.orders.map((order) => [order.legId, order]));
      outcome.set({
        paper: attempt.paper,
        legs: [...fates].flatMap(([legId, fate]) => {
          const leg = named.get(legId);
          return leg ? [{ leg, fate }] : [];
        }),
      });
    },
    onError: (error, { account: id, attempt, again }) => {
      const refused = error instanceof ApiError && error.status > 0 && error.status < 500;
      changeBasket(id, (was) => ({
        ...was,
        attempt: refused && !again ? null : { ...attempt, sending: false },
      }));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });

  const begin = (sending: Sending) => {
    outcome.set(null);
    changeBasket(sending.account, (was) => ({ ...was, attempt: sending.attempt }));
    send.mutate(sending);
  };
  return {
    error: send.error,
    place: (orders: readonly LegOrder[]) => {
      // A second click comes before React has drawn the first one.
      if (account === undefined || basket.get().attempt !== null || orders.length === 0) return;
      const attempt: Attempt = {
        id: newId(),
        orders,
        at: Date.now(),
        paper: account.analyze_mode,
        sending: true,
      };
      begin({ account: account.id, attempt, again: false });
    },
    askAgain: () => {
      const { attempt } = basket.get();
      if (account === undefined || attempt === null || attempt.sending) return;
      begin({ account: account.id, attempt: { ...attempt, sending: true }, again: true });
    },
    /** The user has looked for themselves. */
    forget: () => {
      send.reset();
      if (account) changeBasket(account.id, (was) => ({ ...was, attempt: null }));
    },
  };
}

function requestOf({ id, orders }: Attempt): BasketOrderRequest {
  return {
    strategy: STRATEGY,
    client_order_id: id,
    orders: orders.map(({ legId: _, lot: __, ...order }) => order as BasketItem),
  };
}
