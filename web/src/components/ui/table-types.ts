import type { ReactNode } from "react";

/** What a table is sorted by: the first of these, and by the others where it does not decide. */
export type Sorting = { id: string; desc: boolean }[];

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by, `null` (always last) where it is unknown; without it, it does not sort. */
  sortBy?: (row: Row) => string | number | null;
  /** Numbers stand right. */
  numeric?: boolean;
  /** Stays in sight at the right edge while the others scroll: what is done to a row. */
  pinned?: boolean;
  className?: string;
}

/** Rows that something can be done to together. */
export interface Selection<Row> {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
  /** Which rows can be chosen. */
  can: (row: Row) => boolean;
  /** What a row is called, for those who hear it. */
  name: (row: Row) => string;
}

/** Rows under headings; inside a group they are sorted as the user likes. */
export interface Grouping<Row> {
  keyOf: (row: Row) => string;
  /** The order of the groups; without it, that in which the sorting brings them. */
  arrange?: (rows: readonly Row[]) => readonly Row[];
  head: (key: string, rows: readonly Row[]) => ReactNode;
}

export interface DataTableProps<Row> {
  /** What the table is about, for those who hear it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** The row on a phone: the values that matter, as a card. */
  card: (row: Row) => ReactNode;
  initialSort?: Sorting;
  /** Where the sorting is kept elsewhere. */
  sort?: Sorting;
  onSort?: (sort: Sorting) => void;
  /** Columns that the user does not want to see. */
  hidden?: readonly string[];
  selection?: Selection<Row> | undefined;
  groups?: Grouping<Row> | undefined;
  /** The instrument a row is about: keys of the order ticket look for it. */
  instrument?: (row: Row) => { symbol: string; exchange: string };
  /** Instead of rows, where there are none. */
  empty: ReactNode;
  className?: string;
}
