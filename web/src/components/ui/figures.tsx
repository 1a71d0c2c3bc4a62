import { cn } from "@/lib/cn";
import {
  directionOf,
  formatMoney,
  formatNumber,
  formatPercent,
  formatQuantity,
  type Numeric,
} from "@/lib/numbers";
import { formatTime, instantOf, type Moment } from "@/lib/times";

interface FigureProps {
  value: Numeric;
  className?: string;
}

/** Rupees. With `signed` a profit or loss: sign and arrow say which, the colour only repeats it. */
export function Money({
  value,
  decimals = 2,
  signed = false,
  className,
}: FigureProps & { decimals?: number; signed?: boolean }) {
  const text = formatMoney(value, { decimals, signed });
  return signed ? (
    <Swing value={value} text={text} className={className} />
  ) : (
    <span className={cn("num", className)}>{text}</span>
  );
}

export function Pct({ value, className }: FigureProps) {
  return <Swing value={value} text={formatPercent(value)} className={className} />;
}

export function Qty({ value, signed = false, className }: FigureProps & { signed?: boolean }) {
  return <span className={cn("num", className)}>{formatQuantity(value, { signed })}</span>;
}

export function Price({ value, decimals = 2, className }: FigureProps & { decimals?: number }) {
  return <span className={cn("num", className)}>{formatNumber(value, { decimals })}</span>;
}

export function Time({ value, className }: { value: Moment; className?: string }) {
  const instant = instantOf(value);
  return (
    <time
      dateTime={instant?.toISOString()}
      title={instant ? `${instant.toLocaleString("en-IN", { timeZone: "Asia/Kolkata" })} IST` : ""}
      className={cn("num", className)}
    >
      {formatTime(value)}
    </time>
  );
}

const ARROWS = { "1": "▲", "0": "", "-1": "▼" } as const;
const COLOURS = { "1": "text-gain", "0": "", "-1": "text-loss" } as const;

function Swing({
  value,
  text,
  className,
}: {
  value: Numeric;
  text: string;
  className?: string | undefined;
}) {
  const direction = directionOf(value);
  return (
    <span className={cn("num", COLOURS[direction], className)}>
      {text}
      <span aria-hidden className="ml-1 inline-block w-2.5 text-[0.65em]">
        {ARROWS[direction]}
      </span>
    </span>
  );
}
