import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { PositionRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Counters } from "@/components/ui/counters";
import { EmptyState } from "@/components/ui/states";
import type { Column, Grouping } from "@/components/ui/table";
import { useAccountKey } from "../accounts/queries";
import { Book } from "../books/book";
import { CsvButton } from "../books/csv-button";
import { SelectionBar } from "../books/selection-bar";
import { Choice, FieldChoice, Toolbar } from "../books/toolbar";
import { useChosen } from "../books/use-chosen";
import { useView } from "../books/view";
import { positionsQuery } from "../dashboard/queries";
import { askForOrder } from "../ticket/ask";
import { CloseAll, CloseButton, CloseChosen } from "./closing";
import { POSITION_COLUMNS, PositionCard } from "./position-cells";
import {
  belongsTo,
  byGroup,
  closable,
  GROUPINGS,
  groupOf,
  isOpen,
  isWanted,
  keyOf,
  POSITIONS_CSV,
  SHOWS,
} from "./position-rows";
import { PositionsTotals, Together } from "./totals";

const NONE: readonly PositionRow[] = [];
const USUAL = {
  sort: [{ id: "symbol", desc: false }],
  hidden: [],
  filters: { show: "all" },
};
const COLUMNS: readonly Column<PositionRow>[] = [
  ...POSITION_COLUMNS,
  { id: "actions", title: "", pinned: true, cell: (row) => <Actions row={row} /> },
];

export function PositionsPage() {
  const positions = useQuery(positionsQuery(useAccountKey()));
  const all = positions.data?.data ?? NONE;
  const book = useView("positions", USUAL);
  const { text } = book;
  const { group = "" } = book.view;
  const [show, exchange, product] = ["show", "exchange", "product"].map(book.filter) as [
    string,
    string,
    string,
  ];
  const shown = useMemo(
    () => all.filter((row) => isWanted(row, { show, exchange, product, text })),
    [all, show, exchange, product, text],
  );
  const groups = useMemo(() => groupingOf(group), [group]);
  const chosen = useChosen(shown, keyOf, closable, ({ symbol, product }) => `${symbol} ${product}`);
  const filtered = shown.length < all.length;
  return (
    <>
      <PageHead
        title="Positions"
        aside={<CsvButton name="positions" csv={POSITIONS_CSV} rows={shown} />}
      />
      <div className="grid gap-3">
        <PositionsTotals
          rows={positions.data && all}
          shown={filtered ? shown : null}
          failed={positions.isError}
        />
        <Card bodyClassName="p-0">
          <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-1.5">
            <Counters
              label="Positions to show"
              counters={SHOWS.map((each) => ({
                ...each,
                count: all.filter((row) => belongsTo(each.value, row)).length,
              }))}
              value={show}
              onChange={(value) => book.setFilter("show", value)}
            />
            <CloseAll rows={all} hiding={all.some((row) => isOpen(row) && !shown.includes(row))} />
          </div>
          <Toolbar book={book} columns={COLUMNS} placeholder="Symbol">
            <FieldChoice field="product" rows={all} book={book} />
            <FieldChoice field="exchange" rows={all} book={book} />
            <Choice
              label="Groups"
              all="No groups"
              values={GROUPINGS}
              value={group}
              onChange={(value) => book.change({ group: value })}
            />
          </Toolbar>
          <SelectionBar count={chosen.rows.length} onClear={chosen.clear}>
            <CloseChosen rows={all} chosen={chosen.rows} />
          </SelectionBar>
          <Book
            asked={positions}
            book={book}
            caption="Positions"
            rows={all}
            shown={shown}
            columns={COLUMNS}
            rowKey={keyOf}
            instrument={(row) => row}
            selection={chosen.selection}
            groups={groups}
            card={(row) => <PositionCard row={row} actions={<Actions row={row} />} />}
            nothing={
              <EmptyState title="No positions today">
                They appear here with your first filled order. Press B on a symbol, or let a program
                place one.
              </EmptyState>
            }
          />
        </Card>
      </div>
    </>
  );
}

function groupingOf(group: string): Grouping<PositionRow> | undefined {
  if (group === "") return undefined;
  return {
    keyOf: (row) => groupOf(group, row),
    arrange: (rows) => byGroup(rows, group),
    head: (key, rows) => <Together name={key} rows={rows} />,
  };
}

function Actions({ row }: { row: PositionRow }) {
  const { symbol, exchange, product } = row;
  const about = { symbol, exchange, product };
  const size = Math.abs(row.quantity);
  return (
    <span className="flex justify-end gap-1">
      <Button
        size="small"
        aria-label={`Buy ${symbol}`}
        onClick={() =>
          askForOrder({ ...about, action: "BUY", ...(row.quantity < 0 && { quantity: size }) })
        }
      >
        Buy
      </Button>
      <Button
        size="small"
        aria-label={`Sell ${symbol}`}
        onClick={() =>
          askForOrder({ ...about, action: "SELL", ...(row.quantity > 0 && { quantity: size }) })
        }
      >
        Sell
      </Button>
      <CloseButton row={row} />
    </span>
  );
}
