import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import type { ChainRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/numbers";
import { mostOi } from "./chain-figures";
import { ITM, isInTheMoney, OiBar, Strike } from "./chain-row";
import { type ChainColumn, columnsOf } from "./columns";
import { type LiveCells, type Side, useLiveCells } from "./live-cells";
import { trade } from "./trade";

const ROW_HEIGHT = 44;

interface ListProps {
  rows: readonly ChainRow[];
  exchange: string;
  /** The strike at the money. */
  money: number;
  onMove: () => void;
}

/** The chain on a phone: last prices and strikes; a tap shows the rest, and trades. */
export function ChainList({ rows, exchange, money, onMove }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, open] = useState<number | null>(null);
  const most = useMemo(() => mostOi(rows), [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const middle = rows.findIndex(({ strike }) => strike === money);
  const first = rows[0]?.strike;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first strike stands for the chain
  useEffect(() => {
    if (middle >= 0) virtual.scrollToIndex(middle, { align: "center" });
  }, [first, rows.length]);
  const row = rows.find(({ strike }) => strike === opened);
  const live = { exchange, mostOi: most, onMove };
  return (
    <>
      <div className="grid grid-cols-3 border-b border-line px-3 py-1.5 text-center text-xs font-medium text-quiet">
        <span>CE</span>
        <span>Strike</span>
        <span>PE</span>
      </div>
      <div ref={scroller} className="max-h-[68dvh] min-h-64 overflow-y-auto">
        <ul className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const each = rows[index];
            return (
              each && (
                <li
                  key={each.strike}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
                >
                  <ListRow
                    {...live}
                    row={each}
                    columns={LAST_PRICE}
                    mode="Quote"
                    atTheMoney={each.strike === money}
                    onOpen={open}
                  />
                </li>
              )
            );
          })}
        </ul>
      </div>
      <Sheet
        open={row !== undefined}
        onOpenChange={() => open(null)}
        title={row ? `Strike ${formatNumber(row.strike, { decimals: 0 })}` : ""}
      >
        {row && <Details {...live} row={row} columns={EVERYTHING} mode="Depth" />}
      </Sheet>
    </>
  );
}

const LAST_PRICE = columnsOf("price").filter(({ id }) => id === "ltp");
const EVERYTHING: readonly ChainColumn[] = [
  ...LAST_PRICE,
  ...columnsOf("price").filter(({ id }) => id !== "ltp"),
  ...columnsOf("greeks").filter(({ id }) => id !== "ltp" && id !== "oi"),
];

const ListRow = memo(function ListRow({
  atTheMoney,
  onOpen,
  ...live
}: LiveCells & { atTheMoney: boolean; onOpen: (strike: number) => void }) {
  const place = useRef<HTMLButtonElement>(null);
  useLiveCells(place, live);
  const { row } = live;
  const side = (which: Side) => (
    <span
      className={cn(
        "relative flex h-full items-center justify-center",
        isInTheMoney(row, which) && ITM,
      )}
    >
      <OiBar side={which} className="inset-y-1.5" />
      <span data-cell={`${which}.ltp`} className="relative font-medium num" />
    </span>
  );
  return (
    <button
      ref={place}
      type="button"
      onClick={() => onOpen(row.strike)}
      className="grid size-full grid-cols-3 items-center border-b border-line/60 text-center"
    >
      {side("ce")}
      <span
        className={cn(
          "flex h-full items-center justify-center border-x border-line font-semibold num",
          atTheMoney ? "bg-accent/15" : "bg-raised",
        )}
      >
        <Strike strike={row.strike} atTheMoney={atTheMoney} />
      </span>
      {side("pe")}
    </button>
  );
});

function Details(live: LiveCells) {
  const place = useRef<HTMLTableElement>(null);
  const shown = useLiveCells(place, live);
  const { row, exchange, columns } = live;
  const buttons = (side: Side) => {
    const leg = row[side];
    if (leg === null) return <p className="text-center text-quiet">not listed</p>;
    const press = (action: "BUY" | "SELL") => {
      const now = shown(side);
      if (now) trade(leg, now, exchange, action);
    };
    return (
      <div className="grid grid-cols-2 gap-2">
        <Button size="large" className="text-accent" onClick={() => press("BUY")}>
          Buy
        </Button>
        <Button size="large" className="text-loss" onClick={() => press("SELL")}>
          Sell
        </Button>
      </div>
    );
  };
  return (
    <>
      <div className="grid grid-cols-2 gap-4">
        {(["ce", "pe"] as const).map((side) => (
          <section key={side} aria-label={side === "ce" ? "Call" : "Put"} className="grid gap-1.5">
            <h3 className="text-center font-semibold">
              {side === "ce" ? "Call" : "Put"}{" "}
              <span className="font-normal text-quiet">{row[side]?.label}</span>
            </h3>
            {buttons(side)}
          </section>
        ))}
      </div>
      <table ref={place} className="w-full">
        <caption className="sr-only">Both options of the strike</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Call</th>
            <th scope="col">What</th>
            <th scope="col">Put</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(({ id, title }) => (
            <tr key={id} className="h-9 border-b border-line/60">
              <td data-cell={`ce.${id}`} className="w-2/5 text-right num" />
              <th scope="row" className="text-center text-[13px] font-normal text-quiet">
                {title}
              </th>
              <td data-cell={`pe.${id}`} className="w-2/5 num" />
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
