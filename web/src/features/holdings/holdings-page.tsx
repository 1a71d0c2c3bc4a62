import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { HoldingRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Figure, FigureStrip } from "@/components/ui/figure-strip";
import { Money, Price, Qty } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import { EmptyState } from "@/components/ui/states";
import type { Column } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { formatDate } from "@/lib/times";
import { useAccountKey } from "../accounts/queries";
import { Book } from "../books/book";
import { SYMBOL_COLUMN } from "../books/cells";
import { CsvButton } from "../books/csv-button";
import { FieldChoice, Toolbar } from "../books/toolbar";
import { useView } from "../books/view";
import { RowPrice } from "../market/live-price";
import { LiveMoney, LivePercent, LiveProfit } from "../market/live-profit";
import { moving, movingPercent } from "../market/profit";
import { askForOrder } from "../ticket/ask";
import { HOLDINGS_CSV, investedIn, isWanted, totalsOf } from "./holding-rows";
import { holdingsQuery } from "./queries";

const NONE: readonly HoldingRow[] = [];
const USUAL = { sort: [{ id: "symbol", desc: false }], hidden: ["settled"], filters: {} };

export function HoldingsPage() {
  const holdings = useQuery(holdingsQuery(useAccountKey()));
  const all = holdings.data?.holdings ?? NONE;
  const book = useView("holdings", USUAL);
  const exchange = book.filter("exchange");
  const { text } = book;
  const shown = useMemo(
    () => all.filter((row) => isWanted(row, exchange, text)),
    [all, exchange, text],
  );
  const totals = useMemo(() => totalsOf(shown), [shown]);
  const known = holdings.data !== undefined;
  const figures = [
    { title: "Value now", figure: <LiveMoney positions={totals.value} /> },
    { title: "Invested", figure: <Money value={totals.invested} /> },
    { title: "P&L", figure: <LiveProfit positions={totals.profit} /> },
    { title: "P&L %", figure: <LivePercent positions={totals.percent} /> },
  ];
  return (
    <>
      <PageHead
        title="Holdings"
        aside={<CsvButton name="holdings" csv={HOLDINGS_CSV} rows={shown} />}
      >
        {book.isUsual() ? "Shares that are settled and yours." : "Totals of what is shown."}
      </PageHead>
      <div className="grid gap-3">
        <FigureStrip className="sm:grid-cols-4">
          {figures.map(({ title, figure }) => (
            <Figure key={title} title={title}>
              {known ? figure : holdings.isError && "—"}
            </Figure>
          ))}
        </FigureStrip>
        <Card bodyClassName="p-0">
          <Toolbar book={book} columns={COLUMNS} placeholder="Symbol">
            <FieldChoice field="exchange" rows={all} book={book} />
          </Toolbar>
          <Book
            asked={holdings}
            book={book}
            caption="Holdings"
            rows={all}
            shown={shown}
            columns={COLUMNS}
            rowKey={keyOf}
            instrument={(row) => row}
            card={(row) => (
              <div className="grid gap-1">
                <span className="flex items-baseline justify-between gap-2">
                  <span className="min-w-0 truncate">
                    <InstrumentName {...row} />
                  </span>
                  <RowProfit row={row} />
                </span>
                <span className="flex flex-wrap items-center justify-between gap-2 text-[13px] text-quiet">
                  <span>
                    <Qty value={row.quantity} /> · avg <Price value={row.average_price} /> · now{" "}
                    <RowPrice row={row} />
                  </span>
                  <Actions row={row} />
                </span>
              </div>
            )}
            nothing={
              <EmptyState title="No holdings">
                Shares bought with product CNC come here once they are settled, on the next trading
                day. Until then they stand in Positions.
              </EmptyState>
            }
          />
        </Card>
      </div>
    </>
  );
}

const COLUMNS: readonly Column<HoldingRow>[] = [
  SYMBOL_COLUMN,
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
    sortBy: (row) => row.average_price,
    cell: (row) => <Price value={row.average_price} />,
  },
  { id: "ltp", title: "LTP", numeric: true, cell: (row) => <RowPrice row={row} /> },
  {
    id: "invested",
    title: "Invested",
    numeric: true,
    sortBy: investedIn,
    cell: (row) => <Money value={investedIn(row)} />,
  },
  {
    id: "value",
    title: "Value now",
    numeric: true,
    sortBy: (row) => row.current_value,
    cell: (row) => <RowValue row={row} />,
  },
  {
    id: "pnl",
    title: "P&L",
    numeric: true,
    sortBy: (row) => row.pnl,
    cell: (row) => <RowProfit row={row} />,
  },
  {
    id: "percent",
    title: "P&L %",
    numeric: true,
    sortBy: (row) => row.pnlpercent,
    cell: (row) => <RowPercent row={row} />,
  },
  textColumn("product", "Product", (row) => row.product),
  {
    id: "settled",
    title: "Settled on",
    sortBy: (row) => row.settlement_date ?? null,
    cell: (row) => formatDate(row.settlement_date),
  },
  { id: "actions", title: "", pinned: true, cell: (row) => <Actions row={row} /> },
];

function RowValue({ row }: { row: HoldingRow }) {
  const positions = useMemo(() => [moving(row, row.current_value)], [row]);
  return <LiveMoney positions={positions} />;
}

function RowProfit({ row }: { row: HoldingRow }) {
  const positions = useMemo(() => [moving(row, row.pnl)], [row]);
  return <LiveProfit positions={positions} />;
}

function RowPercent({ row }: { row: HoldingRow }) {
  const positions = useMemo(() => [movingPercent(row)], [row]);
  return <LivePercent positions={positions} />;
}

function Actions({ row }: { row: HoldingRow }) {
  const about = { symbol: row.symbol, exchange: row.exchange, product: "CNC" };
  return (
    <span className="flex justify-end gap-1">
      <Button size="small" onClick={() => askForOrder({ ...about, action: "BUY" })}>
        Buy more
      </Button>
      <Button
        size="small"
        onClick={() => askForOrder({ ...about, action: "SELL", quantity: row.quantity })}
      >
        Sell
      </Button>
    </span>
  );
}

function keyOf(row: HoldingRow): string {
  return `${row.exchange}:${row.symbol}:${row.product}`;
}
