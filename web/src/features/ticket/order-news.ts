import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { OrderRow } from "@/client";
import { Store, useStore } from "@/lib/store";
import { onEvents } from "@/live";
import { useAccountKey } from "../accounts/queries";
import { orderQuery } from "./queries";

/** How an order stands, as the stream of events or the server told last. */
export type OrderNews = Pick<
  OrderRow,
  | "orderid"
  | "symbol"
  | "quantity"
  | "price"
  | "trigger_price"
  | "pricetype"
  | "order_status"
  | "average_price"
  | "filled_quantity"
  | "rejection_reason"
  | "strategy"
>;

const KEPT = 100;
const heard = new Store<ReadonlyMap<string, OrderNews>>(new Map());

/** Listens while the ticket is open: on paper an order may be filled before its number is known. */
export function useHearOrders(): void {
  useEffect(
    () =>
      onEvents(
        ({ event, data }) => {
          if (event === "order_update") keep(data as unknown as OrderNews);
        },
        () => heard.set(new Map()),
      ),
    [],
  );
}

/** Before an order is changed: what was heard of it until then is no news any more. */
export function forgetOrder(orderid: string): void {
  const next = new Map(heard.get());
  if (next.delete(orderid)) heard.set(next);
}

/** How `orderid` stands; asked for once where no event told. */
export function useOrderNews(orderid: string) {
  const told = useStore(heard).get(orderid);
  const asked = useQuery({
    ...orderQuery(useAccountKey(), orderid),
    enabled: told === undefined,
  });
  return { news: told ?? (asked.data as OrderNews | undefined), error: asked.error };
}

/** The id of the order the server knows by `reference`, once it has found out at the broker. */
export function useFoundOrder(reference: string | null): string | undefined {
  const { data, refetch } = useQuery({
    ...orderQuery(useAccountKey(), reference ?? ""),
    enabled: reference !== null,
    retry: false,
  });
  useEffect(() => {
    if (reference === null) return;
    return onEvents(
      ({ event, data: told }) => {
        if (event === "order_outcome" && told.reference === reference) void refetch();
      },
      () => void refetch(),
    );
  }, [reference, refetch]);
  return data?.orderid;
}

function keep(news: OrderNews): void {
  const next = new Map(heard.get());
  next.delete(news.orderid);
  next.set(news.orderid, news);
  for (const oldest of [...next.keys()].slice(0, -KEPT)) next.delete(oldest);
  heard.set(next);
}
