import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { PositionRow } from "@/client";
import { Card } from "@/components/ui/card";
import { Price, Qty } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { useAccountKey } from "../accounts/queries";
import { InstrumentMenu } from "../market/instrument-menu";
import { LivePrice } from "../market/live-price";
import { LiveProfit } from "../market/live-profit";
import { positionsQuery } from "./queries";

const COLUMNS: readonly Column<PositionRow>[] = [
  {
    id: "symbol",
    title: "Symbol",
    sortBy: (row) => row.symbol,
    cell: (row) => (
      <>
        {row.symbol} <span className="text-xs text-quiet">{row.exchange}</span>
      </>
    ),
  },
  { id: "product", title: "Product", sortBy: (row) => row.product, cell: (row) => row.product },
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
    cell: (row) => <Price value={row.average_price} />,
  },
  {
    id: "ltp",
    title: "LTP",
    numeric: true,
    cell: (row) => (
      <LivePrice symbol={row.symbol} exchange={row.exchange} known={{ ltp: row.ltp }} />
    ),
  },
  {
    id: "today",
    title: "P&L today",
    numeric: true,
    sortBy: (row) => row.total_pnl_today,
    cell: (row) => <RowProfit row={row} />,
  },
  {
    id: "menu",
    title: "",
    className: "w-0 px-1",
    cell: (row) => <InstrumentMenu symbol={row.symbol} exchange={row.exchange} />,
  },
];

export function Positions() {
  const positions = useQuery(positionsQuery(useAccountKey()));
  const rows = positions.data?.data ?? [];
  const open = rows.filter((row) => row.quantity !== 0).length;
  return (
    <Card
      title="Positions"
      bodyClassName="p-0"
      aside={
        positions.isSuccess && (
          <span className="text-[13px] text-quiet">
            {open} open, {rows.length - open} closed today
          </span>
        )
      }
    >
      {positions.isPending && <SkeletonRows />}
      {positions.isError && (
        <ErrorState error={positions.error} onRetry={() => positions.refetch()} />
      )}
      {positions.isSuccess && (
        <DataTable
          caption="Positions"
          columns={COLUMNS}
          rows={rows}
          rowKey={(row) => `${row.exchange}:${row.symbol}:${row.product}`}
          instrument={(row) => row}
          className="max-h-[26rem]"
          empty={
            <EmptyState title="No positions today">
              They appear here with your first filled order.
            </EmptyState>
          }
          card={(row) => (
            <div className="flex items-baseline justify-between gap-3">
              <span>
                <span className="block font-medium">{row.symbol}</span>
                <span className="text-[13px] text-quiet">
                  <Qty value={row.quantity} signed /> · {row.product} · avg{" "}
                  <Price value={row.average_price} />
                </span>
              </span>
              <span className="flex items-center gap-1">
                <RowProfit row={row} />
                <InstrumentMenu symbol={row.symbol} exchange={row.exchange} />
              </span>
            </div>
          )}
        />
      )}
    </Card>
  );
}

function RowProfit({ row }: { row: PositionRow }) {
  const positions = useMemo(() => [{ ...row, profit: row.total_pnl_today }], [row]);
  return <LiveProfit positions={positions} />;
}
