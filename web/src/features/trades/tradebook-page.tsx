import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { TradeRow } from "@/client";
import { Card, PageHead } from "@/components/ui/card";
import { Figure, FigureStrip } from "@/components/ui/figure-strip";
import { Money, Price, Qty, Time } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import { EmptyState } from "@/components/ui/states";
import type { Column } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { useAccountKey } from "../accounts/queries";
import { Book } from "../books/book";
import { SIDE_COLUMN, Side, Sides, SYMBOL_COLUMN } from "../books/cells";
import { CsvButton } from "../books/csv-button";
import { FieldChoice, Toolbar } from "../books/toolbar";
import { useView } from "../books/view";
import { OrderSheet } from "../orders/order-sheet";
import { tradesQuery } from "./queries";
import { isWanted, TRADES_CSV, totalsOf } from "./trade-rows";

const NO_TRADES: readonly TradeRow[] = [];
const USUAL = { sort: [{ id: "time", desc: true }], hidden: ["tradeid"], filters: {} };

export function TradebookPage() {
  const trades = useQuery(tradesQuery(useAccountKey()));
  const all = trades.data ?? NO_TRADES;
  const book = useView("trades", USUAL);
  const [opened, open] = useState<TradeRow | null>(null);
  const { text } = book;
  const [side, exchange, product] = ["side", "exchange", "product"].map(book.filter) as [
    string,
    string,
    string,
  ];
  const shown = useMemo(
    () => all.filter((trade) => isWanted(trade, { side, exchange, product, text })),
    [all, side, exchange, product, text],
  );
  const { bought, sold } = useMemo(() => totalsOf(shown), [shown]);
  const columns = useMemo(() => columnsOf(open), []);
  return (
    <>
      <PageHead
        title="Tradebook"
        aside={<CsvButton name="trades" csv={TRADES_CSV} rows={shown} />}
      />
      <div className="grid gap-3">
        <FigureStrip className="sm:grid-cols-3">
          <Figure title={book.isUsual() ? "Trades" : "Trades shown"} className="max-sm:col-span-2">
            {trades.isSuccess && <Qty value={shown.length} />}
            {trades.isError && !trades.data && "—"}
          </Figure>
          <Figure title="Bought for">
            {!trades.isPending && <Money value={trades.data ? bought : null} />}
          </Figure>
          <Figure title="Sold for">
            {!trades.isPending && <Money value={trades.data ? sold : null} />}
          </Figure>
        </FigureStrip>
        <Card bodyClassName="p-0">
          <Toolbar book={book} columns={columns} placeholder="Symbol, id, strategy">
            <Sides rows={all} value={side} onChange={(value) => book.setFilter("side", value)} />
            <FieldChoice field="exchange" rows={all} book={book} />
            <FieldChoice field="product" rows={all} book={book} />
          </Toolbar>
          <Book
            asked={trades}
            book={book}
            caption="Trades"
            rows={all}
            shown={shown}
            columns={columns}
            rowKey={keyOf}
            instrument={(trade) => trade}
            card={(trade) => (
              <div className="grid gap-1">
                <span className="flex items-baseline justify-between gap-2">
                  <span className="min-w-0 truncate font-medium">
                    <Side action={trade.action} /> <Qty value={trade.quantity} />{" "}
                    <InstrumentName {...trade} />
                  </span>
                  <span>
                    at <Price value={trade.price} />
                  </span>
                </span>
                <span className="flex items-baseline justify-between gap-2 text-[13px] text-quiet">
                  <span>
                    {trade.product} · <Time value={trade.timestamp} /> ·{" "}
                    <OrderLink trade={trade} onOpen={open} />
                  </span>
                  <Money value={trade.trade_value} />
                </span>
              </div>
            )}
            nothing={
              <EmptyState title="No trades today">
                Every fill of an order stands here, with its price and value.
              </EmptyState>
            }
          />
        </Card>
      </div>
      <OrderSheet
        order={
          opened && {
            orderid: opened.orderid,
            title: `${opened.action} ${opened.quantity} ${opened.symbol}`,
          }
        }
        onClose={() => open(null)}
      />
    </>
  );
}

function keyOf(trade: TradeRow): string {
  return `${trade.tradeid}:${trade.orderid}`;
}

function columnsOf(open: (trade: TradeRow) => void): readonly Column<TradeRow>[] {
  return [
    {
      id: "time",
      title: "Time",
      sortBy: (trade) => `${trade.timestamp} ${trade.tradeid}`,
      cell: (trade) => <Time value={trade.timestamp} />,
    },
    SIDE_COLUMN,
    SYMBOL_COLUMN,
    textColumn("product", "Product", (trade) => trade.product),
    {
      id: "quantity",
      title: "Qty",
      numeric: true,
      sortBy: (trade) => trade.quantity,
      cell: (trade) => <Qty value={trade.quantity} />,
    },
    {
      id: "price",
      title: "Price",
      numeric: true,
      sortBy: (trade) => trade.price,
      cell: (trade) => <Price value={trade.price} />,
    },
    {
      id: "value",
      title: "Value",
      numeric: true,
      sortBy: (trade) => trade.trade_value,
      cell: (trade) => <Money value={trade.trade_value} />,
    },
    textColumn("strategy", "Strategy", (trade) => trade.strategy),
    {
      id: "orderid",
      title: "Order",
      sortBy: (trade) => trade.orderid,
      cell: (trade) => <OrderLink trade={trade} onOpen={open} />,
    },
    {
      id: "tradeid",
      title: "Trade id",
      sortBy: (trade) => trade.tradeid,
      cell: (trade) => <span className="num">{trade.tradeid}</span>,
    },
  ];
}

/** To the reasons of the order that made the trade. */
function OrderLink({ trade, onOpen }: { trade: TradeRow; onOpen: (trade: TradeRow) => void }) {
  return (
    <button
      type="button"
      aria-label={`Why order ${trade.orderid}`}
      onClick={() => onOpen(trade)}
      className="num rounded text-accent underline decoration-accent/40 hover:decoration-accent"
    >
      {trade.orderid}
    </button>
  );
}
