import { ArrowDown, ArrowUp } from "lucide-react";
import { cn } from "@/lib/cn";
import type { Column } from "./table-types";

export type Direction = "ascending" | "descending" | null;

export function HeadCell<Row>({
  column: { title, numeric, sortBy },
  direction,
  onToggle,
  className,
}: {
  column: Column<Row>;
  direction: Direction;
  onToggle: () => void;
  className: string;
}) {
  return (
    <th
      scope="col"
      aria-sort={direction ?? undefined}
      className={cn(
        "border-b border-line px-3 py-1.5 text-xs font-medium whitespace-nowrap text-quiet",
        numeric ? "text-right" : "text-left",
        className,
      )}
    >
      {sortBy ? (
        <button
          type="button"
          onClick={onToggle}
          className="inline-flex items-center gap-1 rounded hover:text-ink"
        >
          {title}
          {direction === "ascending" && <ArrowUp aria-hidden className="size-3" />}
          {direction === "descending" && <ArrowDown aria-hidden className="size-3" />}
        </button>
      ) : (
        title || <span className="sr-only">Actions</span>
      )}
    </th>
  );
}
