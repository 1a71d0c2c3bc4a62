import type { ReactNode } from "react";
import type { OptionChainReply } from "@/client";
import { formatNumber, formatQuantity } from "@/lib/numbers";
import { LivePrice } from "../market/live-price";
import { figuresOf, timeLeft, unknownOptions } from "./chain-figures";

const SOURCES = {
  parity: "Synthetic future",
  future: "Future",
  spot: "Forward (spot)",
  user: "Forward",
} as const;

/** What is to be known of the whole chain at one glance. */
export function ChainHead({ chain, whole }: { chain: OptionChainReply; whole: boolean }) {
  const { callOi, putOi, pcr, volumePcr, maxPain } = figuresOf(chain.chain);
  const forward = chain.forward_price;
  const basis = forward === null ? null : forward - chain.underlying_ltp;
  const lot = chain.chain.flatMap(({ ce, pe }) => [ce, pe]).find(Boolean)?.lotsize;
  return (
    <>
      <dl className="grid grid-cols-[1.2fr_1fr] gap-x-3 gap-y-1.5 rounded-lg border border-line bg-surface px-3 py-2 sm:grid-cols-3 lg:flex lg:flex-wrap lg:gap-x-6">
        <Item name={chain.underlying_symbol}>
          <LivePrice
            symbol={chain.underlying_symbol}
            exchange={chain.underlying_exchange}
            known={{ ltp: chain.underlying_ltp, prev_close: chain.underlying_prev_close }}
            withChange
          />
        </Item>
        <Item name={chain.forward_source ? SOURCES[chain.forward_source] : "Forward"}>
          {formatNumber(forward)}{" "}
          <span className="text-[13px] font-normal text-quiet">
            {formatNumber(basis, { signed: true })}
          </span>
        </Item>
        <Item name="At the money">{formatNumber(chain.atm_strike, { decimals: 0 })}</Item>
        <Item name={whole ? "PCR" : "PCR of these strikes"}>
          {formatNumber(pcr)}{" "}
          <span className="text-[13px] font-normal text-quiet">
            volume {formatNumber(volumePcr)}
          </span>
        </Item>
        <Item name="Open interest CE / PE">
          {formatOi(callOi)} / {formatOi(putOi)}
        </Item>
        <Item name="Max pain">{formatNumber(maxPain, { decimals: 0 })}</Item>
        <Item name="Expires in">
          {chain.expiry_ts ? timeLeft(chain.server_ts, chain.expiry_ts) : "—"}
        </Item>
        <Item name="Lot">{lot ? formatQuantity(lot) : "—"}</Item>
      </dl>
      <Unknown options={unknownOptions(chain.chain)} />
    </>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-quiet">{name}</dt>
      <dd className="font-semibold num">{children}</dd>
    </div>
  );
}

const NAMED = 6;

/** Which options have no price: a chain with gaps is shown, but not as if it were whole. */
function Unknown({ options }: { options: readonly string[] }) {
  if (options.length === 0) return null;
  const named = options.slice(0, NAMED).join(", ");
  const more = options.length - NAMED;
  return (
    <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-warn">
      The broker gave no price of {named}
      {more > 0 && ` and ${more} more`}. Totals are without them.
    </p>
  );
}

/** In lakh, crore where it is much. */
function formatOi(units: number | null): string {
  if (units === null) return "—";
  if (units >= 10_000_000) return `${formatNumber(units / 10_000_000)} Cr`;
  if (units >= 100_000) return `${formatNumber(units / 100_000)} L`;
  return formatQuantity(units);
}
