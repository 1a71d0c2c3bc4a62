import { useId } from "react";
import { formatCompactMoney, formatMoney, formatNumber } from "@/lib/numbers";
import { curveOf, type Payoff, type PayoffLeg, profitAtExpiry, rangeOf } from "./payoff";

const WIDTH = 360;
const HEIGHT = 150;
const BOTTOM = 18;

/** Profit at expiry by the price of the underlying. All it shows is also said in words below. */
export function PayoffChart({
  legs,
  payoff,
  spot,
}: {
  legs: readonly PayoffLeg[];
  payoff: Payoff;
  /** The price of the underlying now, `null` where unknown. */
  spot: number | null;
}) {
  const id = useId();
  const range = rangeOf(legs, payoff.breakevens, spot);
  const curve = curveOf(legs, range);
  const profits = curve.map(({ profit }) => profit);
  const [most, least] = [Math.max(0, ...profits), Math.min(0, ...profits)];
  const height = most - least || 1;
  const x = (price: number) => ((price - range[0]) / (range[1] - range[0])) * WIDTH;
  const y = (profit: number) => 6 + ((most - profit) / height) * (HEIGHT - BOTTOM - 12);
  const line = curve.map(({ price, profit }) => `${x(price)},${y(profit)}`).join(" ");
  const area = `0,${y(0)} ${line} ${WIDTH},${y(0)}`;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Payoff at expiry between ${formatNumber(range[0], { decimals: 0 })} and ${formatNumber(range[1], { decimals: 0 })}`}
      className="w-full"
    >
      <clipPath id={`${id}-gain`}>
        <rect width={WIDTH} height={y(0)} />
      </clipPath>
      <clipPath id={`${id}-loss`}>
        <rect y={y(0)} width={WIDTH} height={HEIGHT} />
      </clipPath>
      {(["gain", "loss"] as const).map((side) => (
        <g
          key={side}
          clipPath={`url(#${id}-${side})`}
          className={side === "gain" ? "text-gain" : "text-loss"}
        >
          <polygon points={area} fill="currentColor" opacity={0.16} />
          <polyline points={line} fill="none" stroke="currentColor" strokeWidth={2} />
        </g>
      ))}
      <line x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} stroke="var(--quiet)" strokeWidth={0.75} />
      {payoff.breakevens.map((price) => (
        <g key={price}>
          <circle cx={x(price)} cy={y(0)} r={3} fill="var(--ink)" />
          <Label at={x(price)} y={HEIGHT - 4}>
            {formatNumber(price, { decimals: 0 })}
          </Label>
        </g>
      ))}
      {spot !== null && (
        <g>
          <line
            x1={x(spot)}
            x2={x(spot)}
            y1={0}
            y2={HEIGHT - BOTTOM}
            stroke="var(--accent)"
            strokeDasharray="3 3"
          />
          <circle cx={x(spot)} cy={y(profitAtExpiry(legs, spot))} r={3} fill="var(--accent)" />
        </g>
      )}
    </svg>
  );
}

function Label({ at, y, children }: { at: number; y: number; children: string }) {
  const near = at < 24 ? "start" : at > WIDTH - 24 ? "end" : "middle";
  return (
    <text x={at} y={y} textAnchor={near} fontSize={11} fill="var(--quiet)" className="num">
      {children}
    </text>
  );
}

/** The same in words, and exact. */
export function PayoffWords({
  legs,
  payoff: { maxProfit, maxLoss, breakevens },
  spot,
}: {
  legs: readonly PayoffLeg[];
  payoff: Payoff;
  spot: number | null;
}) {
  return (
    <>
      <Figure name="Most you can make">
        <span className="text-gain">
          {Number.isFinite(maxProfit) ? moneyOf(maxProfit) : "unlimited"}
        </span>
      </Figure>
      <Figure name="Most you can lose">
        <span className="text-loss">
          {maxLoss >= 0 ? "nothing" : Number.isFinite(maxLoss) ? moneyOf(-maxLoss) : "unlimited"}
        </span>
      </Figure>
      <Figure name={breakevens.length === 1 ? "Breakeven" : "Breakevens"}>
        {breakevens.length > 0 ? breakevens.map((each) => formatNumber(each)).join(", ") : "none"}
      </Figure>
      {spot !== null && (
        <Figure name={`At today's ${formatNumber(spot, { decimals: 0 })}`}>
          {formatMoney(profitAtExpiry(legs, spot), { signed: true, decimals: 0 })}
        </Figure>
      )}
    </>
  );
}

export function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-3">
      <dt className="text-quiet">{name}</dt>
      <dd className="text-right num">{children}</dd>
    </div>
  );
}

function moneyOf(value: number): string {
  return Math.abs(value) >= 10_000_000
    ? formatCompactMoney(value)
    : formatMoney(value, { decimals: 0 });
}
