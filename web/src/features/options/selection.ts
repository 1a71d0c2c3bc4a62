/** Which options the pages about options look at: one choice for all of them, kept in this browser. */

import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";

export interface OptionChoice {
  /** Where the options are listed. */
  exchange: string;
  underlying: string;
  /** Such as `30DEC25`. */
  expiry: string;
  /** On each side of the money; `null` for all. */
  strikes: number | null;
}

export const STRIKE_COUNTS = [5, 10, 15, 20, 30, 50] as const;

/** Where options are listed, the usual ones first. */
export const OPTION_EXCHANGES = ["NFO", "BFO", "MCX", "CDS", "BCD", "NCO", "NCDEX"] as const;

const INDICES: ReadonlySet<string> = new Set(
  "NIFTY BANKNIFTY FINNIFTY MIDCPNIFTY NIFTYNXT50 SENSEX BANKEX SENSEX50".split(" "),
);
const FIRST: OptionChoice = { exchange: "NFO", underlying: "NIFTY", expiry: "", strikes: 15 };

export const optionChoice = new Store<OptionChoice>(saved());

/** Looks at other options from now on. What is not listed gives way to what is when it is shown. */
export function chooseOptions(change: Partial<OptionChoice>): void {
  const next = { ...optionChoice.get(), ...change };
  optionChoice.set(next);
  saveChoice("options", JSON.stringify(next));
}

/** What of `wanted` is `listed`, else the first of the usual ones, else the first. */
export function listedOr(
  wanted: string,
  listed: readonly string[],
  usual: Iterable<string> = [],
): string | undefined {
  if (listed.includes(wanted)) return wanted;
  for (const each of usual) if (listed.includes(each)) return each;
  return listed[0];
}

/** Indices, in their usual order, and everything else. */
export function grouped(underlyings: readonly string[]): {
  indices: readonly string[];
  others: readonly string[];
} {
  return {
    indices: [...INDICES].filter((index) => underlyings.includes(index)),
    others: underlyings.filter((each) => !INDICES.has(each)),
  };
}

export function indicesFirst(underlyings: readonly string[]): readonly string[] {
  const { indices, others } = grouped(underlyings);
  return [...indices, ...others];
}

function saved(): OptionChoice {
  try {
    const { exchange, underlying, expiry, strikes } = JSON.parse(savedChoice("options") ?? "{}");
    return {
      exchange: typeof exchange === "string" ? exchange : FIRST.exchange,
      underlying: typeof underlying === "string" ? underlying : FIRST.underlying,
      expiry: typeof expiry === "string" ? expiry : FIRST.expiry,
      strikes: strikes === null || typeof strikes === "number" ? strikes : FIRST.strikes,
    };
  } catch {
    return FIRST;
  }
}
