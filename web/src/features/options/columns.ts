/** What can be shown of an option, and what of it there is room for. */

import type { ChainLegRow } from "@/client";
import { formatNumber, formatQuantity } from "@/lib/numbers";
import { saveChoice, savedChoice } from "@/lib/saved";
import type { ShownLeg } from "./live-leg";

export type ChainView = "price" | "greeks";

export interface ChainColumn {
  id: string;
  title: string;
  /** In pixels. */
  width: number;
  /** Where there is too little room, columns go by this, the highest first; 0 always stays. */
  dispensable: number;
  text: (shown: ShownLeg, leg: ChainLegRow) => string;
}

const OI: ChainColumn = {
  id: "oi",
  title: "OI",
  width: 84,
  dispensable: 1,
  text: ({ oi }) => formatQuantity(oi),
};
const LTP: ChainColumn = {
  id: "ltp",
  title: "LTP",
  width: 112,
  dispensable: 0,
  text: ({ ltp }) => formatNumber(ltp),
};

/** From the edge of the page to the strike. */
const VIEWS: Readonly<Record<ChainView, readonly ChainColumn[]>> = {
  price: [
    OI,
    column("volume", "Volume", 92, 4, ({ volume }) => formatQuantity(volume)),
    column("spread", "Spread", 52, 6, ({ bid, ask }) =>
      formatNumber(bid === null || ask === null ? null : ask - bid),
    ),
    column("bidQty", "Bid qty", 56, 5, ({ bidQty }) => formatQuantity(bidQty)),
    column("bid", "Bid", 64, 2, ({ bid }) => formatNumber(bid)),
    column("ask", "Ask", 64, 2, ({ ask }) => formatNumber(ask)),
    column("askQty", "Ask qty", 56, 5, ({ askQty }) => formatQuantity(askQty)),
    LTP,
  ],
  greeks: [
    OI,
    column("vega", "Vega", 68, 4, (_, { vega }) => formatNumber(vega)),
    column("theta", "Theta", 72, 3, (_, { theta }) => formatNumber(theta)),
    column("gamma", "Gamma", 72, 5, (_, { gamma }) => formatNumber(gamma, { decimals: 5 })),
    column("delta", "Delta", 68, 2, (_, { delta }) => formatNumber(delta, { decimals: 3 })),
    column("iv", "IV %", 60, 1, (_, leg) => formatNumber(leg.implied_volatility)),
    LTP,
  ],
};

export const STRIKE_WIDTH = 104;

export function columnsOf(view: ChainView): readonly ChainColumn[] {
  return VIEWS[view];
}

/** The columns that fit into `room` pixels twice, with the strike between them. */
export function fitting(columns: readonly ChainColumn[], room: number): readonly ChainColumn[] {
  let left = [...columns];
  while (STRIKE_WIDTH + 2 * left.reduce((sum, { width }) => sum + width, 0) > room) {
    const most = Math.max(...left.map(({ dispensable }) => dispensable));
    if (most === 0) break;
    left = left.filter(({ dispensable }) => dispensable !== most);
  }
  return left;
}

/** The columns that this browser's user does not want. */
export function savedHidden(): ReadonlySet<string> {
  return new Set((savedChoice("chain.hidden") ?? "").split(",").filter(Boolean));
}

export function saveHidden(hidden: ReadonlySet<string>): void {
  saveChoice("chain.hidden", hidden.size > 0 ? [...hidden].join(",") : null);
}

function column(
  id: string,
  title: string,
  width: number,
  dispensable: number,
  text: ChainColumn["text"],
): ChainColumn {
  return { id, title, width, dispensable, text };
}
