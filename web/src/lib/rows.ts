/** Sums and filters over the rows of a book. */

import { type Numeric, numberOf } from "./numbers";

/** The sum of what `pick` takes from each row; `null` as soon as one of them is unknown. */
export function sumOf<Row>(rows: readonly Row[], pick: (row: Row) => Numeric): number | null {
  let sum = 0;
  for (const row of rows) {
    const value = numberOf(pick(row));
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

/** Whether every word of `text` stands somewhere in `fields`, in any case. */
export function mentions(text: string, fields: readonly (string | null | undefined)[]): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const said = fields.join(" ").toLowerCase();
  return words.every((word) => said.includes(word));
}

/** The different values of `pick`, in order; with `chosen`, which may have gone from the rows. */
export function valuesOf<Row>(
  rows: readonly Row[],
  pick: (row: Row) => string,
  chosen = "",
): string[] {
  return [...new Set([...rows.map(pick), ...(chosen ? [chosen] : [])])].sort();
}

/** Rows that belong together, in the order in which their groups first come. */
export function groupsOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string) {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
