import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { PHONE, useMedia } from "@/lib/media";
import { groupsOf } from "@/lib/rows";
import { ChooseAll, ChooseRow } from "./table-choose";
import { type Direction, HeadCell } from "./table-head";
import type { DataTableProps, Grouping, Sorting } from "./table-types";

export type { Column, Grouping, Selection, Sorting } from "./table-types";

/** One line of the table: a row, or the heading of the group that follows. */
type Line<Row> = { id: string; row: Row } | { id: string; group: string; rows: readonly Row[] };

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const ROW_HEIGHT = 34;
const CARD_HEIGHT = 72;
const OVERSCAN = 12;
/** What scrolls past below must not shine through. */
const PINNED = "sticky right-0 bg-surface group-hover:bg-raised group-data-chosen:bg-chosen";

/** A dense, sortable table that draws only the rows in sight; cards on a phone. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { caption, rows, card, empty, className, selection, instrument } = props;
  const phone = useMedia(PHONE);
  const { lines, columns, sorting, toggle } = useLines(props);
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? CARD_HEIGHT : ROW_HEIGHT),
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: OVERSCAN,
  });
  if (rows.length === 0) return empty;
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const box = cn("max-h-[70dvh] overflow-auto", className);
  const about = (row: Row) => {
    const named = instrument?.(row);
    return named && { "data-symbol": named.symbol, "data-exchange": named.exchange };
  };

  if (phone) {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      <section ref={scroller} className={box} tabIndex={0} aria-label={caption}>
        <ul>
          <li aria-hidden style={{ height: before }} />
          {items.map(({ index }) => {
            const line = lines[index];
            if (line === undefined) return null;
            const place = { "data-index": index, ref: virtual.measureElement };
            if ("group" in line) {
              return (
                <li key={line.id} {...place} className="border-b border-line bg-raised px-3 py-1.5">
                  {props.groups?.head(line.group, line.rows)}
                </li>
              );
            }
            return (
              <li
                key={line.id}
                {...place}
                {...about(line.row)}
                className="flex gap-2 border-b border-line px-3 py-2.5 last:border-0"
              >
                {selection && <ChooseRow selection={selection} id={line.id} row={line.row} />}
                <div className="min-w-0 flex-1">{card(line.row)}</div>
              </li>
            );
          })}
          <li aria-hidden style={{ height: after }} />
        </ul>
      </section>
    );
  }
  const width = columns.length + (selection ? 1 : 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section ref={scroller} className={box} tabIndex={0} aria-label={caption}>
      <table className="w-full border-separate border-spacing-0" aria-rowcount={lines.length + 1}>
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 z-10 bg-surface">
          <tr aria-rowindex={1}>
            {selection && (
              <th scope="col" className="w-8 border-b border-line pl-3 text-left">
                <ChooseAll selection={selection} rows={rows} rowKey={props.rowKey} />
              </th>
            )}
            {columns.map((column) => (
              <HeadCell
                key={column.id}
                column={column}
                direction={directionIn(sorting, column.id)}
                onToggle={() => toggle(column.id)}
                className={column.pinned ? PINNED : ""}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} columns={width} />}
          {items.map(({ index }) => {
            const line = lines[index];
            if (line === undefined) return null;
            if ("group" in line) {
              return (
                <tr key={line.id} aria-rowindex={index + 2} className="h-[34px] bg-raised">
                  <th
                    scope="colgroup"
                    colSpan={width}
                    className="border-b border-line px-3 text-left font-normal"
                  >
                    {props.groups?.head(line.group, line.rows)}
                  </th>
                </tr>
              );
            }
            const { id, row } = line;
            return (
              <tr
                key={id}
                aria-rowindex={index + 2}
                {...about(row)}
                data-chosen={selection?.chosen.has(id) || undefined}
                className="group h-[34px] hover:bg-raised data-chosen:bg-chosen"
              >
                {selection && (
                  <td className="border-b border-line/60 pl-3">
                    <ChooseRow selection={selection} id={id} row={row} />
                  </td>
                )}
                {columns.map((column) => (
                  <td
                    key={column.id}
                    className={cn(
                      "border-b border-line/60 px-3 whitespace-nowrap",
                      column.numeric && "text-right tabular-nums",
                      column.pinned && PINNED,
                      column.className,
                    )}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Gap height={after} columns={width} />}
        </tbody>
      </table>
    </section>
  );
}

/** The rows as they stand under each other, and the columns that are shown. */
function useLines<Row extends object>({
  columns: all,
  rows,
  rowKey,
  groups,
  hidden,
  initialSort = [],
  sort,
  onSort,
}: DataTableProps<Row>) {
  const [own, setOwn] = useState<Sorting>(initialSort);
  const sorting = sort ?? own;
  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo(
    () =>
      all.map(({ id, title, sortBy }) => ({
        id,
        header: title,
        accessorFn: (row: Row) => sortBy?.(row) ?? undefined,
        enableSorting: sortBy !== undefined,
        sortUndefined: "last" as const,
        sortFn: (one: Sortable, other: Sortable, column: string) =>
          compare(one.getValue(column), other.getValue(column)),
      })),
    [all],
  );
  const table = useTable({
    features,
    columns: definitions,
    data,
    state: { sorting },
    getRowId: rowKey,
  });
  const sorted = table.getRowModel().rows;
  const lines = useMemo(
    () =>
      linesOf(
        sorted.map(({ original }) => original),
        rowKey,
        groups,
      ),
    [sorted, rowKey, groups],
  );
  const columns = useMemo(() => all.filter(({ id }) => !hidden?.includes(id)), [all, hidden]);
  const toggle = (id: string) => {
    const numeric = all.find((column) => column.id === id)?.numeric === true;
    const next = toggled(sorting, id, numeric);
    if (onSort) onSort(next);
    else setOwn(next);
  };
  return { lines, columns, sorting, toggle };
}

function linesOf<Row>(
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  groups: Grouping<Row> | undefined,
): readonly Line<Row>[] {
  const lineOf = (row: Row) => ({ id: rowKey(row), row });
  if (groups === undefined) return rows.map(lineOf);
  const lines: Line<Row>[] = [];
  for (const [group, inside] of groupsOf(groups.arrange?.(rows) ?? rows, groups.keyOf)) {
    lines.push({ id: `group:${group}`, group, rows: inside }, ...inside.map(lineOf));
  }
  return lines;
}

/** Pressed again it turns round, and a third time the table is as it came. Numbers begin large. */
export function toggled(sorting: Sorting, id: string, numeric: boolean): Sorting {
  const first = sorting[0];
  if (first?.id !== id) return [{ id, desc: numeric }];
  return first.desc === numeric ? [{ id, desc: !numeric }] : [];
}

function directionIn(sorting: Sorting, id: string): Direction {
  const found = sorting.find((each) => each.id === id);
  if (found === undefined) return null;
  return found.desc ? "descending" : "ascending";
}

interface Sortable {
  getValue: (column: string) => unknown;
}

function compare(one: unknown, other: unknown): number {
  if (one === other) return 0;
  return (one as string | number) < (other as string | number) ? -1 : 1;
}

function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
