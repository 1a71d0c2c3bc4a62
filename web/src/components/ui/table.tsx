import {
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { PHONE, useMedia } from "@/lib/media";

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by; without it, it does not sort. */
  sortBy?: (row: Row) => string | number;
  /** Numbers stand right. */
  numeric?: boolean;
  className?: string;
}

export interface DataTableProps<Row> {
  /** What the table is about, for those who hear it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** The row on a phone: the values that matter, as a card. */
  card: (row: Row) => ReactNode;
  initialSort?: SortingState;
  /** What a row is about: the keys B and S open the ticket for it. */
  instrument?: (row: Row) => { symbol: string; exchange: string };
  /** Instead of rows, where there are none. */
  empty: ReactNode;
  className?: string;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const ROW_HEIGHT = 34;
const CARD_HEIGHT = 72;
const OVERSCAN = 12;

/** A dense, sortable table that draws only the rows in sight; cards on a phone. */
export function DataTable<Row extends object>({
  caption,
  columns,
  rows,
  rowKey,
  card,
  initialSort = [],
  instrument,
  empty,
  className,
}: DataTableProps<Row>) {
  const phone = useMedia(PHONE);
  const [sorting, setSorting] = useState<SortingState>(initialSort);
  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo(
    () =>
      columns.map(({ id, title, sortBy }) => ({
        id,
        header: title,
        accessorFn: (row: Row) => sortBy?.(row) ?? "",
        enableSorting: sortBy !== undefined,
        sortFn: "auto" as const,
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: rowKey,
  });
  const sorted = table.getRowModel().rows;
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? CARD_HEIGHT : ROW_HEIGHT),
    overscan: OVERSCAN,
  });
  if (rows.length === 0) return empty;
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const box = cn("max-h-[70dvh] overflow-auto", className);

  if (phone) {
    return (
      <section ref={scroller} className={box} aria-label={caption}>
        <ul>
          <li aria-hidden style={{ height: before }} />
          {items.map(({ index }) => {
            const row = sorted[index];
            return (
              row && (
                <li
                  key={row.id}
                  data-index={index}
                  ref={virtual.measureElement}
                  {...marksOf(instrument?.(row.original))}
                  className="border-b border-line px-3 py-2.5 last:border-0"
                >
                  {card(row.original)}
                </li>
              )
            );
          })}
          <li aria-hidden style={{ height: after }} />
        </ul>
      </section>
    );
  }
  const byId = new Map(columns.map((column) => [column.id, column]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section ref={scroller} className={box} tabIndex={0} aria-label={caption}>
      <table className="w-full border-separate border-spacing-0">
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 z-10 bg-surface">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map(({ column }) => {
                const direction = column.getIsSorted();
                const { numeric, title } = byId.get(column.id) ?? { title: "" };
                return (
                  <th
                    key={column.id}
                    scope="col"
                    aria-sort={
                      direction === "asc"
                        ? "ascending"
                        : direction === "desc"
                          ? "descending"
                          : undefined
                    }
                    className={cn(
                      "border-b border-line px-3 py-1.5 text-xs font-medium whitespace-nowrap text-quiet",
                      numeric ? "text-right" : "text-left",
                    )}
                  >
                    {column.getCanSort() ? (
                      <button
                        type="button"
                        onClick={column.getToggleSortingHandler()}
                        className="inline-flex items-center gap-1 rounded hover:text-ink"
                      >
                        {title}
                        {direction === "asc" && <ArrowUp aria-hidden className="size-3" />}
                        {direction === "desc" && <ArrowDown aria-hidden className="size-3" />}
                      </button>
                    ) : (
                      title
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} columns={columns.length} />}
          {items.map(({ index }) => {
            const row = sorted[index];
            return (
              row && (
                <tr
                  key={row.id}
                  className="h-[34px] hover:bg-raised/60"
                  {...marksOf(instrument?.(row.original))}
                >
                  {columns.map((column) => (
                    <td
                      key={column.id}
                      className={cn(
                        "border-b border-line/60 px-3 whitespace-nowrap",
                        column.numeric && "text-right tabular-nums",
                        column.className,
                      )}
                    >
                      {column.cell(row.original)}
                    </td>
                  ))}
                </tr>
              )
            );
          })}
          {after > 0 && <Gap height={after} columns={columns.length} />}
        </tbody>
      </table>
    </section>
  );
}

function marksOf(instrument: { symbol: string; exchange: string } | undefined) {
  return instrument && { "data-symbol": instrument.symbol, "data-exchange": instrument.exchange };
}

function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
