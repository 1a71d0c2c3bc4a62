import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";

export interface Segment {
  value: string;
  title: string;
  count?: number;
}

/** One of a few, seen at once; how many there are of each stands beside it. */
export function Segments({
  label,
  segments,
  value,
  onChange,
  optional = false,
}: {
  label: string;
  segments: readonly Segment[];
  value: string;
  onChange: (value: string) => void;
  /** Pressed again, none of them is chosen. */
  optional?: boolean;
}) {
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-0.5 rounded-lg bg-raised p-0.5">
      <legend className="sr-only">{label}</legend>
      {segments.map((segment) => (
        <button
          key={segment.value}
          type="button"
          aria-pressed={segment.value === value}
          onClick={() => onChange(optional && segment.value === value ? "" : segment.value)}
          className={cn(
            "h-7 rounded-md px-2 text-[13px] font-medium whitespace-nowrap text-quiet hover:text-ink max-sm:h-8",
            "aria-pressed:bg-surface aria-pressed:text-accent aria-pressed:shadow-sm",
          )}
        >
          {segment.title}{" "}
          {segment.count !== undefined && (
            <span className="tabular-nums">{formatQuantity(segment.count)}</span>
          )}
        </button>
      ))}
    </fieldset>
  );
}
