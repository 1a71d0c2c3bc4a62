import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";

export interface Counter {
  value: string;
  title: string;
  count?: number;
}

/** Filters that say how many rows they leave; one of them at a time. */
export function Counters({
  label,
  counters,
  value,
  onChange,
  optional = false,
}: {
  label: string;
  counters: readonly Counter[];
  value: string;
  onChange: (value: string) => void;
  /** Pressed again, none of them is chosen. */
  optional?: boolean;
}) {
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-0.5 rounded-lg bg-raised p-0.5">
      <legend className="sr-only">{label}</legend>
      {counters.map((counter) => (
        <button
          key={counter.value}
          type="button"
          aria-pressed={counter.value === value}
          onClick={() => onChange(optional && counter.value === value ? "" : counter.value)}
          className={cn(
            "h-7 rounded-md px-2 text-[13px] font-medium whitespace-nowrap text-quiet hover:text-ink max-sm:h-8",
            "aria-pressed:bg-surface aria-pressed:text-accent aria-pressed:shadow-sm",
          )}
        >
          {counter.title}{" "}
          {counter.count !== undefined && (
            <span className="tabular-nums">{formatQuantity(counter.count)}</span>
          )}
        </button>
      ))}
    </fieldset>
  );
}
