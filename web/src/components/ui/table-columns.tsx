/** Columns that stand in many tables. */

import { Money } from "./figures";
import { InstrumentName } from "./instrument-name";
import type { Column } from "./table-types";

/** A text, and sorted by it. */
export function textColumn<Row>(id: string, title: string, of: (row: Row) => string): Column<Row> {
  return { id, title, sortBy: of, cell: of };
}

/** A profit or loss in rupees, and sorted by it. */
export function profitColumn<Row>(
  id: string,
  title: string,
  of: (row: Row) => number,
): Column<Row> {
  return {
    id,
    title,
    numeric: true,
    sortBy: of,
    cell: (row) => <Money value={of(row)} signed />,
  };
}

/** The instrument of a row, without a menu. */
export const INSTRUMENT_COLUMN: Column<{ symbol: string; exchange: string }> = {
  id: "symbol",
  title: "Symbol",
  sortBy: (row) => row.symbol,
  cell: (row) => <InstrumentName {...row} />,
};
