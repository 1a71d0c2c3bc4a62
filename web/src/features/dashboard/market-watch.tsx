import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { call } from "@/api";
import { type Exchange, multiquotes } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState, ErrorLine } from "@/components/ui/states";
import { useStore } from "@/lib/store";
import { useAccountKey } from "../accounts/queries";
import { InstrumentMenu } from "../market/instrument-menu";
import { LivePrice } from "../market/live-price";
import { SymbolSearch } from "../market/symbol-search";
import { watch, watchList } from "../market/watch-list";

/** The user's list of instruments, with prices as they come. */
export function MarketWatch() {
  const key = useAccountKey();
  const list = useStore(watchList);
  const [adding, add] = useState(false);
  const quotes = useQuery({
    queryKey: [...key, "quotes", list],
    enabled: list.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (
        await call(() =>
          multiquotes({
            body: {
              symbols: list.map(({ symbol, exchange }) => ({
                symbol,
                exchange: exchange as Exchange,
              })),
            },
            signal,
          }),
        )
      ).results,
  });
  return (
    <Card
      title="Market watch"
      bodyClassName="p-0"
      aside={
        <Button size="small" onClick={() => add(true)}>
          <Plus /> Add
        </Button>
      }
    >
      {quotes.isError && <ErrorLine error={quotes.error} />}
      {list.length === 0 && (
        <EmptyState title="Nothing to watch">Add the instruments you follow.</EmptyState>
      )}
      <ul>
        {list.map((item) => {
          const found = quotes.data?.find(
            (each) => each.symbol === item.symbol && each.exchange === item.exchange,
          );
          return (
            <li
              key={`${item.exchange}:${item.symbol}`}
              data-symbol={item.symbol}
              data-exchange={item.exchange}
              className="flex min-h-9 items-center gap-2 border-b border-line/60 pr-1 pl-3 last:border-0 hover:bg-raised/60"
            >
              <span className="min-w-0 flex-1 truncate">
                {item.symbol} <span className="text-xs text-quiet">{item.exchange}</span>
              </span>
              {found?.error ? (
                <span className="text-[13px] text-loss">{found.error}</span>
              ) : (
                <LivePrice
                  symbol={item.symbol}
                  exchange={item.exchange}
                  withChange
                  {...(found?.data ? { known: found.data } : {})}
                />
              )}
              <InstrumentMenu symbol={item.symbol} exchange={item.exchange} />
            </li>
          );
        })}
      </ul>
      <SymbolSearch open={adding} onOpenChange={add} title="Watch an instrument" onChoose={watch} />
    </Card>
  );
}
