import { useMemo, useState } from "react";
import type { Selection } from "@/components/ui/table";

/** Which rows are chosen; only those that are shown, and that something can be done to, count. */
export function useChosen<Row>(
  shown: readonly Row[],
  rowKey: (row: Row) => string,
  can: (row: Row) => boolean,
  name: (row: Row) => string,
) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => (keys.size === 0 ? [] : shown.filter((row) => keys.has(rowKey(row)) && can(row))),
    [shown, keys, rowKey, can],
  );
  const chosen = useMemo(() => new Set(rows.map(rowKey)), [rows, rowKey]);
  const selection: Selection<Row> = { chosen, onChange: setKeys, can, name };
  return { rows, selection, clear: () => setKeys(new Set()) };
}
