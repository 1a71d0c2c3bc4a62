/** An option as the page shows it: what the server said last, and what ticks told since. */

import type { ChainLegRow } from "@/client";
import type { Level, Tick } from "@/live";

export interface ShownLeg {
  ltp: number | null;
  bid: number | null;
  ask: number | null;
  bidQty: number | null;
  askQty: number | null;
  volume: number | null;
  oi: number | null;
  prevClose: number | null;
}

type Heard = { [Field in keyof ShownLeg]: ShownLeg[Field] | undefined };

/**
 * Of the reply and the tick the newer one counts; where it is silent, the other one. A newer tick may
 * also tell that nobody bids or asks any more.
 *
 * The reply says 0 for an unknown price, and nothing at all of an option that was not quoted.
 */
export function shownOf(leg: ChainLegRow, tick: Tick | undefined): ShownLeg {
  const said = leg.quote_ts === null ? NOTHING : saidBy(leg);
  if (tick === undefined) return said;
  const heard = heardFrom(tick);
  const tickIsNewer = leg.quote_ts === null || (tick.timestamp ?? 0) >= leg.quote_ts * 1000;
  const shown = { ...said };
  for (const field of FIELDS) {
    const value = heard[field];
    if (value === undefined) continue;
    shown[field] = tickIsNewer ? value : (said[field] ?? value);
  }
  return shown;
}

/** What an order at the touch would cost: the ask to buy, the bid to sell, else the last price. */
export function touchOf({ ltp, bid, ask }: ShownLeg, action: "BUY" | "SELL"): number | null {
  return (action === "BUY" ? ask : bid) ?? ltp;
}

const NOTHING: ShownLeg = {
  ltp: null,
  bid: null,
  ask: null,
  bidQty: null,
  askQty: null,
  volume: null,
  oi: null,
  prevClose: null,
};

const FIELDS = Object.keys(NOTHING) as (keyof ShownLeg)[];

function saidBy(leg: ChainLegRow): ShownLeg {
  return {
    ltp: price(leg.ltp),
    bid: price(leg.bid),
    ask: price(leg.ask),
    bidQty: price(leg.bid_qty),
    askQty: price(leg.ask_qty),
    volume: leg.volume,
    oi: leg.oi,
    prevClose: price(leg.prev_close),
  };
}

function heardFrom(tick: Tick): Heard {
  const [buy, sell] = [bestOf(tick.depth?.buy), bestOf(tick.depth?.sell)];
  return {
    ltp: price(tick.ltp) ?? undefined,
    bid: told(tick.bid_price ?? buy?.price),
    ask: told(tick.ask_price ?? sell?.price),
    bidQty: told(tick.bid_size ?? buy?.quantity),
    askQty: told(tick.ask_size ?? sell?.quantity),
    volume: tick.volume,
    oi: tick.oi,
    prevClose: price(tick.prev_close ?? tick.close) ?? undefined,
  };
}

/** `undefined` where the tick has no book, zeros where it is empty. */
function bestOf(side: Level[] | undefined): Level | undefined {
  return side && (side[0] ?? { price: 0, quantity: 0 });
}

function told(value: number | undefined): number | null | undefined {
  return value === undefined ? undefined : price(value);
}

function price(value: number | undefined): number | null {
  return value === undefined || value === 0 ? null : value;
}
