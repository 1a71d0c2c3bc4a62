import { useId } from "react";
import { cn } from "@/lib/cn";

export interface Segment<Value extends string> {
  value: Value;
  title: string;
  /** How it looks while chosen. */
  className?: string;
}

/** One of a few, all in sight: arrow keys move between them. */
export function Segments<Value extends string>({
  label,
  segments,
  value,
  onChange,
  disabled = false,
  className,
}: {
  label: string;
  segments: readonly Segment<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  disabled?: boolean;
  className?: string;
}) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className={cn(
        "grid auto-cols-fr grid-flow-col gap-0.5 rounded-md bg-raised p-0.5 text-[13px] font-medium",
        className,
      )}
    >
      {segments.map((segment) => (
        <label
          key={segment.value}
          className={cn(
            "relative grid min-h-8 place-items-center rounded px-2 text-center text-quiet has-checked:bg-surface has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent has-disabled:opacity-60",
            value === segment.value && segment.className,
          )}
        >
          <input
            type="radio"
            name={name}
            value={segment.value}
            checked={value === segment.value}
            disabled={disabled}
            onChange={() => onChange(segment.value)}
            className="absolute inset-0 cursor-pointer appearance-none rounded opacity-0"
          />
          {segment.title}
        </label>
      ))}
    </div>
  );
}
