import { useId, useMemo, useState } from "react";
import { Money } from "@/components/ui/figures";
import { cn } from "@/lib/cn";
import { formatMoney } from "@/lib/numbers";
import { formatTime } from "@/lib/times";
import { drawingOf, HEIGHT, type Value, valueAt, WIDTH } from "./curve";

/** A line of rupees over the day: gains above zero, losses below. Its words say the same. */
export function CurveChart({
  title,
  values,
  className,
}: {
  title: string;
  values: readonly Value[];
  className?: string;
}) {
  const id = useId();
  const drawing = useMemo(() => drawingOf(values), [values]);
  const [pointed, point] = useState<number | null>(null);
  const [first] = values;
  const last = values.at(-1);
  if (drawing === null || first === undefined || last === undefined) {
    return (
      <p className="px-3 py-6 text-center text-quiet">The line begins with its next minute.</p>
    );
  }
  const { line, area, zero, highest, lowest } = drawing;
  const shown =
    pointed === null ? undefined : valueAt(values, first.time + pointed * (last.time - first.time));
  const words = `${title} from ${formatTime(first.time)} to ${formatTime(last.time)}: highest ${formatMoney(highest, { signed: true })}, lowest ${formatMoney(lowest, { signed: true })}, now ${formatMoney(last.value, { signed: true })}.`;
  return (
    <div className="grid gap-1">
      <div className="relative">
        <svg
          role="img"
          aria-label={words}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className={cn("block h-32 w-full touch-pan-y", className)}
          onPointerMove={({ currentTarget, clientX }) => {
            const box = currentTarget.getBoundingClientRect();
            point(Math.min(1, Math.max(0, (clientX - box.left) / box.width)));
          }}
          onPointerLeave={() => point(null)}
        >
          <clipPath id={`${id}-gain`}>
            <rect x="0" y="-5" width={WIDTH} height={zero + 5} />
          </clipPath>
          <clipPath id={`${id}-loss`}>
            <rect x="0" y={zero} width={WIDTH} height={HEIGHT - zero + 5} />
          </clipPath>
          {(["gain", "loss"] as const).map((side) => (
            <g
              key={side}
              clipPath={`url(#${id}-${side})`}
              className={side === "gain" ? "text-gain" : "text-loss"}
            >
              <path d={area} fill="currentColor" opacity="0.14" />
              <path
                d={line}
                fill="none"
                stroke="currentColor"
                strokeWidth="1.75"
                strokeLinejoin="round"
                vectorEffect="non-scaling-stroke"
              />
            </g>
          ))}
          <line
            x1="0"
            x2={WIDTH}
            y1={zero}
            y2={zero}
            stroke="currentColor"
            strokeDasharray="3 3"
            vectorEffect="non-scaling-stroke"
            className="text-quiet/60"
          />
          {shown && (
            <line
              x1={drawing.x(shown.time)}
              x2={drawing.x(shown.time)}
              y1="0"
              y2={HEIGHT}
              stroke="currentColor"
              vectorEffect="non-scaling-stroke"
              className="text-quiet"
            />
          )}
        </svg>
        {shown && (
          <p className="pointer-events-none absolute top-0 right-0 rounded border border-line bg-surface px-1.5 py-0.5 text-xs">
            {formatTime(shown.time)} <Money value={shown.value} signed />
          </p>
        )}
      </div>
      <p aria-hidden className="flex justify-between text-xs text-quiet">
        <span className="num">{formatTime(first.time)}</span>
        <span className="num">{formatTime(last.time)}</span>
      </p>
    </div>
  );
}
