import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus, X } from "lucide-react";
import { useState } from "react";
import { call } from "@/api";
import { type Exchange, multiquotes } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState, ErrorLine, SkeletonRows } from "@/components/ui/states";
import { usePreference } from "@/lib/preferences";
import { useAccountKey } from "../accounts/queries";
import { InstrumentMenu } from "../market/instrument-menu";
import { LivePrice } from "../market/live-price";
import { SymbolSearch } from "../market/symbol-search";
import {
  added,
  inList,
  moved,
  removed,
  shownList,
  WATCH_LISTS,
  type Watched,
  type WatchList,
} from "../market/watch-list";
import { WatchLists } from "./watch-lists";

/** One of the user's lists of instruments, with prices as they come. */
export function MarketWatch() {
  const lists = usePreference(WATCH_LISTS);
  const [adding, add] = useState(false);
  const [arranging, arrange] = useState(false);
  const list = shownList(lists.value);
  const change = (next: (instruments: readonly Watched[]) => readonly Watched[]) =>
    lists.change((all) => inList(all, list.name, next));
  return (
    <Card
      title="Market watch"
      bodyClassName="p-0"
      aside={
        lists.known && (
          <div className="flex min-w-0 items-center gap-1.5">
            <WatchLists lists={lists} arranging={arranging} onArrange={arrange} />
            <Button size="small" onClick={() => add(true)}>
              <Plus /> Add
            </Button>
          </div>
        )
      }
    >
      {lists.error && <ErrorLine error={lists.error} />}
      {!lists.known && !lists.error && <SkeletonRows />}
      {lists.known && <Rows list={list} arranging={arranging} onChange={change} />}
      <SymbolSearch
        open={adding}
        onOpenChange={add}
        title={`Watch an instrument in ${list.name}`}
        onChoose={({ symbol, exchange }) => change((now) => added(now, { symbol, exchange }))}
      />
    </Card>
  );
}

function Rows({
  list: { name, instruments },
  arranging,
  onChange,
}: {
  list: WatchList;
  arranging: boolean;
  onChange: (change: (instruments: readonly Watched[]) => readonly Watched[]) => void;
}) {
  const key = useAccountKey();
  // In an order of their own: arranging the list asks for nothing.
  const asked = [...instruments].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const quotes = useQuery({
    queryKey: [...key, "quotes", asked],
    enabled: asked.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (
        await call(() =>
          multiquotes({
            body: {
              symbols: asked.map(({ symbol, exchange }) => ({
                symbol,
                exchange: exchange as Exchange,
              })),
            },
            signal,
          }),
        )
      ).results,
  });
  if (instruments.length === 0) {
    return (
      <EmptyState title={`Nothing to watch in ${name}`}>Add the instruments you follow.</EmptyState>
    );
  }
  return (
    <>
      {quotes.isError && <ErrorLine error={quotes.error} />}
      <ul aria-label={name}>
        {instruments.map((item, index) => {
          const found = quotes.data?.find(
            (each) => each.symbol === item.symbol && each.exchange === item.exchange,
          );
          return (
            <li
              key={nameOf(item)}
              data-symbol={item.symbol}
              data-exchange={item.exchange}
              className="flex min-h-9 items-center gap-1 border-b border-line/60 pr-1 pl-3 last:border-0 hover:bg-raised/60"
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
                  withChange={!arranging}
                  {...(found?.data ? { known: found.data } : {})}
                />
              )}
              {arranging ? (
                <>
                  <Button
                    kind="ghost"
                    size="small"
                    aria-label={`Move ${item.symbol} up`}
                    disabled={index === 0}
                    onClick={() => onChange((now) => moved(now, item, -1))}
                  >
                    <ArrowUp />
                  </Button>
                  <Button
                    kind="ghost"
                    size="small"
                    aria-label={`Move ${item.symbol} down`}
                    disabled={index === instruments.length - 1}
                    onClick={() => onChange((now) => moved(now, item, 1))}
                  >
                    <ArrowDown />
                  </Button>
                  <Button
                    kind="ghost"
                    size="small"
                    aria-label={`Stop watching ${item.symbol}`}
                    className="text-quiet"
                    onClick={() => onChange((now) => removed(now, item))}
                  >
                    <X />
                  </Button>
                </>
              ) : (
                <InstrumentMenu symbol={item.symbol} exchange={item.exchange} />
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function nameOf({ symbol, exchange }: Watched): string {
  return `${exchange}:${symbol}`;
}
