import type { PaperHoldingRow, PaperPositionRow, PaperTradeRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Money, Pct, Price, Qty, Time } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import { EmptyState } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { INSTRUMENT_COLUMN, profitColumn, textColumn } from "@/components/ui/table-columns";
import { SIDE_COLUMN, Side } from "../books/cells";

export function PaperPositions({ rows }: { rows: readonly PaperPositionRow[] }) {
  return (
    <DataTable
      caption="Paper positions"
      columns={POSITIONS}
      rows={rows}
      rowKey={(row) => `${row.exchange}:${row.symbol}:${row.product}`}
      empty={
        <EmptyState title="No positions on paper">
          They appear here with the first filled paper order.
        </EmptyState>
      }
      card={(row) => (
        <div className="flex items-baseline justify-between gap-3">
          <span>
            <span className="block">
              <InstrumentName {...row} />
            </span>
            <span className="text-[13px] text-quiet">
              <Qty value={row.quantity} signed /> · {row.product} · avg{" "}
              <Price value={row.average_price} />
            </span>
          </span>
          <span className="text-right">
            <Money value={row.unrealized_pnl} signed className="block" />
            <span className="text-[13px] text-quiet">
              today <Money value={row.today_realized_pnl} signed />
            </span>
          </span>
        </div>
      )}
    />
  );
}

export function PaperHoldings({ rows }: { rows: readonly PaperHoldingRow[] }) {
  return (
    <DataTable
      caption="Paper holdings"
      columns={HOLDINGS}
      rows={rows}
      rowKey={(row) => `${row.exchange}:${row.symbol}`}
      empty={
        <EmptyState title="No holdings on paper">
          Shares bought as CNC move here when they are delivered, a trading day later.
        </EmptyState>
      }
      card={(row) => (
        <div className="flex items-baseline justify-between gap-3">
          <span>
            <span className="block">
              <InstrumentName {...row} />
            </span>
            <span className="text-[13px] text-quiet">
              <Qty value={row.quantity} /> · avg <Price value={row.average_price} />
            </span>
          </span>
          <span className="text-right">
            <Money value={row.unrealized_pnl} signed className="block" />
            <Pct value={row.pnl_percent} className="text-[13px]" />
          </span>
        </div>
      )}
    />
  );
}

export function PaperTrades({ rows }: { rows: readonly PaperTradeRow[] }) {
  return (
    <DataTable
      caption="Paper trades"
      columns={TRADES}
      rows={rows}
      rowKey={(row) => row.tradeid}
      initialSort={[{ id: "time", desc: true }]}
      empty={<EmptyState title="No trades on paper since the last reset" />}
      card={(row) => (
        <div className="flex items-baseline justify-between gap-3">
          <span>
            <span className="block font-medium">
              <Side action={row.action} /> <Qty value={row.quantity} /> <InstrumentName {...row} />
            </span>
            <span className="text-[13px] text-quiet">
              {row.product} · <Time value={row.timestamp} />
            </span>
          </span>
          <Price value={row.price} />
        </div>
      )}
    />
  );
}

const POSITIONS: readonly Column<PaperPositionRow>[] = [
  INSTRUMENT_COLUMN,
  textColumn("product", "Product", (row) => row.product),
  {
    id: "quantity",
    title: "Qty",
    numeric: true,
    sortBy: (row) => row.quantity,
    cell: (row) => <Qty value={row.quantity} signed />,
  },
  {
    id: "average",
    title: "Average",
    numeric: true,
    cell: (row) => (row.quantity === 0 ? "" : <Price value={row.average_price} />),
  },
  { id: "ltp", title: "LTP", numeric: true, cell: (row) => <Price value={row.ltp} /> },
  profitColumn("open", "Unrealised", (row) => row.unrealized_pnl),
  profitColumn("today", "Realised today", (row) => row.today_realized_pnl),
  profitColumn("all", "Realised ever", (row) => row.all_time_realized_pnl),
  {
    id: "status",
    title: "Status",
    sortBy: (row) => row.status,
    cell: (row) => <Badge>{row.status.toLowerCase()}</Badge>,
  },
];

const HOLDINGS: readonly Column<PaperHoldingRow>[] = [
  INSTRUMENT_COLUMN,
  {
    id: "quantity",
    title: "Qty",
    numeric: true,
    sortBy: (row) => row.quantity,
    cell: (row) => <Qty value={row.quantity} />,
  },
  {
    id: "average",
    title: "Average",
    numeric: true,
    cell: (row) => <Price value={row.average_price} />,
  },
  { id: "ltp", title: "LTP", numeric: true, cell: (row) => <Price value={row.ltp} /> },
  profitColumn("pnl", "P&L", (row) => row.unrealized_pnl),
  {
    id: "percent",
    title: "P&L %",
    numeric: true,
    sortBy: (row) => row.pnl_percent,
    cell: (row) => <Pct value={row.pnl_percent} />,
  },
  { id: "settled", title: "Delivered", cell: (row) => row.settlement_date },
];

const TRADES: readonly Column<PaperTradeRow>[] = [
  {
    id: "time",
    title: "Time",
    sortBy: (row) => `${row.timestamp} ${row.tradeid}`,
    cell: (row) => <Time value={row.timestamp} />,
  },
  SIDE_COLUMN,
  INSTRUMENT_COLUMN,
  { id: "quantity", title: "Qty", numeric: true, cell: (row) => <Qty value={row.quantity} /> },
  { id: "price", title: "Price", numeric: true, cell: (row) => <Price value={row.price} /> },
  {
    id: "value",
    title: "Value",
    numeric: true,
    sortBy: (row) => row.price * row.quantity,
    cell: (row) => <Money value={row.price * row.quantity} />,
  },
  { id: "product", title: "Product", cell: (row) => row.product },
  { id: "id", title: "Trade id", cell: (row) => <span className="text-quiet">{row.tradeid}</span> },
];
