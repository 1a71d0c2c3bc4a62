import { useEffect, useRef } from "react";
import type { Selection } from "./table-types";

const BOX = "size-4 align-middle accent-accent max-sm:size-5";

export function ChooseRow<Row>({
  selection: { chosen, onChange, can, name },
  id,
  row,
}: {
  selection: Selection<Row>;
  id: string;
  row: Row;
}) {
  if (!can(row)) return null;
  return (
    <input
      type="checkbox"
      className={BOX}
      aria-label={`Choose ${name(row)}`}
      checked={chosen.has(id)}
      onChange={({ target }) => {
        const next = new Set(chosen);
        if (target.checked) next.add(id);
        else next.delete(id);
        onChange(next);
      }}
    />
  );
}

/** All rows that are shown, or none. */
export function ChooseAll<Row>({
  selection: { chosen, onChange, can },
  rows,
  rowKey,
}: {
  selection: Selection<Row>;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}) {
  const box = useRef<HTMLInputElement>(null);
  const keys = rows.filter(can).map(rowKey);
  const count = keys.filter((key) => chosen.has(key)).length;
  const some = count > 0 && count < keys.length;
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  if (keys.length === 0) return <span className="sr-only">Choose</span>;
  return (
    <input
      ref={box}
      type="checkbox"
      className={BOX}
      aria-label="Choose all that are shown"
      checked={count === keys.length}
      onChange={({ target }) => onChange(new Set(target.checked ? keys : []))}
    />
  );
}
