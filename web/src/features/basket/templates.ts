/** Well-known strategies, as distances from the money. */

import type { ChainRow } from "@/client";

type OptionType = "CE" | "PE";

interface Part {
  action: "BUY" | "SELL";
  type: OptionType;
  /** In widths from the money, upwards. */
  at: number;
  /** Of the expiry after the one that is shown. */
  later?: true;
}

export interface Template {
  id: string;
  title: string;
  /** What whoever enters it expects. */
  outlook: string;
  parts: readonly Part[];
}

const buy = (type: OptionType, at = 0): Part => ({ action: "BUY", type, at });
const sell = (type: OptionType, at = 0): Part => ({ action: "SELL", type, at });
const later = (part: Part): Part => ({ ...part, later: true });

export const TEMPLATES: readonly Template[] = [
  make("short-straddle", "Short straddle", "stays", sell("CE"), sell("PE")),
  make("long-straddle", "Long straddle", "moves far", buy("CE"), buy("PE")),
  make("short-strangle", "Short strangle", "stays", sell("PE", -1), sell("CE", 1)),
  make("long-strangle", "Long strangle", "moves far", buy("PE", -1), buy("CE", 1)),
  make(
    "iron-condor",
    "Iron condor",
    "stays",
    buy("PE", -2),
    sell("PE", -1),
    sell("CE", 1),
    buy("CE", 2),
  ),
  make("iron-fly", "Iron fly", "stays", buy("PE", -1), sell("PE"), sell("CE"), buy("CE", 1)),
  make("bull-call", "Bull call spread", "rises", buy("CE"), sell("CE", 1)),
  make("bull-put", "Bull put spread", "rises", buy("PE", -1), sell("PE")),
  make("bear-call", "Bear call spread", "falls", sell("CE"), buy("CE", 1)),
  make("bear-put", "Bear put spread", "falls", buy("PE"), sell("PE", -1)),
  make("call-calendar", "Call calendar", "stays for now", sell("CE"), later(buy("CE"))),
  make("put-calendar", "Put calendar", "stays for now", sell("PE"), later(buy("PE"))),
];

export interface Resolved {
  symbol: string;
  action: "BUY" | "SELL";
  strike: number;
  type: OptionType;
  /** The price to begin with: the touch where there is one. */
  price: number | null;
}

export type Resolution = { legs: readonly Resolved[] } | { problem: string };

export function isCalendar({ parts }: Template): boolean {
  return parts.some((part) => part.later);
}

/** Whether the distance from the money matters to it. */
export function hasWidth({ parts }: Template): boolean {
  return parts.some(({ at }) => at !== 0);
}

/**
 * The options of `template`, `width` listed strikes apart, around the strike `money` of `chain`.
 *
 * A strike that is not there is a problem to tell, never replaced by another one. `next` is the chain of
 * the following expiry, `undefined` where there is none.
 */
export function resolve(
  template: Template,
  chain: readonly ChainRow[],
  money: number,
  width: number,
  next: readonly ChainRow[] | undefined,
): Resolution {
  const place = chain.findIndex(({ strike }) => strike === money);
  const legs: Resolved[] = [];
  for (const { action, type, at, later: isLater } of template.parts) {
    const here = place < 0 ? undefined : chain[place + at * width];
    if (here === undefined) {
      return { problem: "It reaches beyond the strikes shown. Show more, or set it narrower." };
    }
    if (isLater && next === undefined) return { problem: "There is no later expiry." };
    const row = isLater ? next?.find(({ strike }) => strike === here.strike) : here;
    const option = type === "CE" ? row?.ce : row?.pe;
    if (!option) {
      const when = isLater ? " for the later expiry" : "";
      return { problem: `${here.strike} ${type} is not listed${when}.` };
    }
    const touch = action === "BUY" ? option.ask : option.bid;
    legs.push({
      symbol: option.symbol,
      action,
      strike: here.strike,
      type,
      price: touch || option.ltp || null,
    });
  }
  return { legs };
}

function make(id: string, title: string, outlook: string, ...parts: Part[]): Template {
  return { id, title, outlook, parts };
}
