import { ArrowDown, ArrowUp, Copy, Trash2 } from "lucide-react";
import type { SymbolRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";
import { LivePrice } from "../market/live-price";
import { PriceGrid } from "../ticket/price-grid";
import { changeLegs } from "./basket";
import { CASH, flipped, type Leg, moved, type PriceType, withChange, withCopy } from "./legs";
import { NumberInput } from "./number-input";
import type { Quoted } from "./position";

/** One leg, to be changed in place. */
export function LegRow({
  leg,
  row,
  quoted,
  problem,
  place,
  count,
}: {
  leg: Leg;
  row: SymbolRow | undefined;
  quoted: Quoted | undefined;
  /** Why it cannot be sent as it is. */
  problem: string | null;
  place: number;
  count: number;
}) {
  const change = (to: Partial<Leg>) => changeLegs((legs) => withChange(legs, leg.id, to));
  const buys = leg.action === "BUY";
  const name = `leg ${place + 1}, ${leg.symbol}`;
  const { decimals } = new PriceGrid(row?.tick_size ?? 0);
  const choosePriceType = (pricetype: PriceType) => {
    const touch = buys ? quoted?.ask : quoted?.bid;
    change({ pricetype, price: leg.price ?? touch ?? quoted?.ltp ?? null });
  };
  return (
    <li
      className={cn("grid gap-1.5 border-b border-line px-3 py-2", leg.failure && "bg-loss/8")}
      aria-label={`Leg ${place + 1}: ${leg.action} ${leg.symbol}`}
    >
      <div className="flex items-center gap-2">
        <button
          type="button"
          title="Change the side"
          aria-label={`${leg.action} ${name}: change the side`}
          onClick={() => change({ action: flipped(leg) })}
          className={cn(
            "h-7 w-12 shrink-0 rounded border text-xs font-bold",
            buys
              ? "border-accent/50 bg-accent/12 text-accent"
              : "border-loss/50 bg-loss/12 text-loss",
          )}
        >
          {leg.action}
        </button>
        <span className="min-w-0 flex-1 truncate font-medium" title={leg.symbol}>
          {titleOf(leg, row)} <span className="text-xs text-quiet">{leg.exchange}</span>
        </span>
        <LivePrice
          symbol={leg.symbol}
          exchange={leg.exchange}
          {...(quoted?.ltp ? { known: { ltp: quoted.ltp } } : {})}
        />
      </div>
      <div className="grid grid-cols-[4.5rem_5.5rem_1fr_4.5rem] items-center gap-1.5">
        <NumberInput
          label={`${row && row.lotsize > 1 ? "Lots" : "Quantity"} of ${name}`}
          value={Number.isFinite(leg.lots) ? leg.lots : null}
          onChange={(lots) => change({ lots: lots ?? Number.NaN })}
          className="h-8 px-2 text-right num"
        />
        <Select
          aria-label={`Price type of ${name}`}
          value={leg.pricetype}
          onChange={({ target }) => choosePriceType(target.value as PriceType)}
          className="h-8 px-1 text-[13px]"
        >
          <option value="LIMIT">Limit</option>
          <option value="MARKET">Market</option>
        </Select>
        {leg.pricetype === "LIMIT" ? (
          <NumberInput
            label={`Price of ${name}`}
            value={leg.price}
            step={row?.tick_size || 0.05}
            decimals={decimals}
            onChange={(price) => change({ price })}
            className="h-8 px-2 text-right num"
          />
        ) : (
          <span className="px-2 text-right text-quiet">at market</span>
        )}
        <Select
          aria-label={`Product of ${name}`}
          value={leg.product}
          onChange={({ target }) => change({ product: target.value })}
          className="h-8 px-1 text-[13px]"
        >
          {(CASH.has(leg.exchange) ? ["MIS", "CNC"] : ["NRML", "MIS"]).map((product) => (
            <option key={product}>{product}</option>
          ))}
        </Select>
      </div>
      <div className="flex items-center justify-between gap-2">
        <span className="text-[13px] text-quiet">
          {row && row.lotsize > 1
            ? `${row.lotsize} a lot, ${formatQuantity(leg.lots * row.lotsize)} units`
            : "units"}
        </span>
        <span className="flex">
          <Tool
            label={`Move ${name} up`}
            disabled={place === 0}
            onClick={() => changeLegs((legs) => moved(legs, leg.id, -1))}
          >
            <ArrowUp />
          </Tool>
          <Tool
            label={`Move ${name} down`}
            disabled={place === count - 1}
            onClick={() => changeLegs((legs) => moved(legs, leg.id, 1))}
          >
            <ArrowDown />
          </Tool>
          <Tool
            label={`Duplicate ${name}`}
            onClick={() => changeLegs((legs) => withCopy(legs, leg.id))}
          >
            <Copy />
          </Tool>
          <Tool
            label={`Remove ${name}`}
            onClick={() => changeLegs((legs) => legs.filter(({ id }) => id !== leg.id))}
          >
            <Trash2 />
          </Tool>
        </span>
      </div>
      {leg.failure && <p className="text-[13px] text-loss">Not placed: {leg.failure}</p>}
      {problem && <p className="text-[13px] text-loss">{problem}</p>}
    </li>
  );
}

function Tool({ label, ...rest }: { label: string } & React.ComponentProps<typeof Button>) {
  return (
    <Button
      kind="ghost"
      size="small"
      aria-label={label}
      title={label}
      className="text-quiet"
      {...rest}
    />
  );
}

/** `NIFTY 01 DEC 26 23450 CE`; the symbol where little is known. */
function titleOf(leg: Leg, row: SymbolRow | undefined): string {
  if (row === undefined || !row.expiry) return leg.symbol;
  const strike = row.strike > 0 ? ` ${row.strike}` : "";
  return `${row.name} ${row.expiry.replaceAll("-", " ")}${strike} ${row.instrumenttype}`;
}
