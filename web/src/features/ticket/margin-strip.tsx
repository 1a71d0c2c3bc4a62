import { Money } from "@/components/ui/figures";
import { cn } from "@/lib/cn";
import { formatMoney, UNKNOWN } from "@/lib/numbers";
import type { MarginPreview } from "./use-margin";

/** What the order needs, what there is, and what would be left; a dash and why where unknown. */
export function MarginStrip({
  margin: { required, available, left, why, busy },
  paper,
}: {
  margin: MarginPreview;
  paper: boolean;
}) {
  const short = left !== null && left < 0;
  return (
    <div className="grid gap-1" aria-busy={busy}>
      <dl className={cn("grid grid-cols-3 gap-2 text-[13px]", busy && "opacity-60")}>
        <Figure title={paper ? "Paper margin" : "Broker's margin"}>
          {required === null ? UNKNOWN : <Money value={required} />}
        </Figure>
        <Figure title="Available">
          <Money value={available} decimals={0} />
        </Figure>
        <Figure title="Left after it" className={short ? "text-loss" : ""}>
          {left === null ? UNKNOWN : <Money value={left} decimals={0} />}
        </Figure>
      </dl>
      {why && <p className="text-xs text-quiet">{why}</p>}
      {short && !busy && (
        <p className="text-xs text-loss">
          {formatMoney(-left)} short, unless it closes what you hold.
        </p>
      )}
    </div>
  );
}

function Figure({
  title,
  className,
  children,
}: {
  title: string;
  className?: string;
  children: React.ReactNode;
}) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-quiet">{title}</dt>
      <dd className={cn("truncate font-medium", className)}>{children}</dd>
    </div>
  );
}
