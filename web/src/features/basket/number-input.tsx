import { type KeyboardEvent, useState } from "react";
import { Input } from "@/components/ui/field";
import { readNumber } from "../ticket/price-grid";

/** A number as it is typed; the arrow keys go by `step`. `null` for what is no number. */
export function NumberInput({
  label,
  value,
  onChange,
  step = 1,
  decimals = 0,
  className,
}: {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  step?: number;
  decimals?: number;
  className?: string;
}) {
  const [text, setText] = useState(() => written(value, decimals));
  // Changed from elsewhere: what stands here is not what is meant any more.
  const shown = readNumber(text) === value ? text : written(value, decimals);
  const press = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const by = event.key === "ArrowUp" ? step : -step;
    const next = Math.max(step, Math.round(((value ?? 0) + by) / step) * step);
    onChange(Number(next.toFixed(decimals)));
  };
  return (
    <Input
      aria-label={label}
      inputMode={decimals > 0 ? "decimal" : "numeric"}
      autoComplete="off"
      value={shown}
      aria-invalid={value === null || undefined}
      onChange={({ target }) => {
        setText(target.value);
        onChange(readNumber(target.value));
      }}
      onKeyDown={press}
      className={className}
    />
  );
}

function written(value: number | null, decimals: number): string {
  if (value === null) return "";
  return Number.isInteger(value) && decimals === 0 ? String(value) : value.toFixed(decimals);
}
