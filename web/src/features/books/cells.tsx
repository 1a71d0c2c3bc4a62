import { Badge } from "@/components/ui/badge";
import { Counters } from "@/components/ui/counters";
import { InstrumentName } from "@/components/ui/instrument-name";
import type { Column } from "@/components/ui/table";
import { InstrumentMenu } from "../market/instrument-menu";

export function SymbolName({ symbol, exchange }: { symbol: string; exchange: string }) {
  return (
    <span className="inline-flex items-center gap-1 align-middle">
      <InstrumentName symbol={symbol} exchange={exchange} />
      {/* Seen under the pointer and under the keyboard: forty of them would be all there is to see. */}
      <InstrumentMenu
        symbol={symbol}
        exchange={exchange}
        className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100"
      />
    </span>
  );
}

export function Side({ action }: { action: string }) {
  return <Badge tone={action === "SELL" ? "loss" : "accent"}>{action}</Badge>;
}

export const SYMBOL_COLUMN: Column<{ symbol: string; exchange: string }> = {
  id: "symbol",
  title: "Symbol",
  sortBy: (row) => row.symbol,
  cell: (row) => <SymbolName {...row} />,
};

export const SIDE_COLUMN: Column<{ action: string }> = {
  id: "side",
  title: "Side",
  sortBy: (row) => row.action,
  cell: (row) => <Side action={row.action} />,
};

/** How many buy and sell; press to see only those. */
export function Sides({
  rows,
  value,
  onChange,
}: {
  rows: readonly { action: string }[];
  value: string;
  onChange: (value: string) => void;
}) {
  const count = (action: string) => rows.filter((row) => row.action === action).length;
  return (
    <Counters
      label="Side"
      optional
      value={value}
      onChange={onChange}
      counters={[
        { value: "BUY", title: "Buy", count: count("BUY") },
        { value: "SELL", title: "Sell", count: count("SELL") },
      ]}
    />
  );
}
