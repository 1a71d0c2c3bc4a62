import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";

export interface Watched {
  symbol: string;
  exchange: string;
}

const FIRST: readonly Watched[] = [
  { symbol: "NIFTY", exchange: "NSE_INDEX" },
  { symbol: "BANKNIFTY", exchange: "NSE_INDEX" },
  { symbol: "SENSEX", exchange: "BSE_INDEX" },
  { symbol: "INDIAVIX", exchange: "NSE_INDEX" },
  { symbol: "RELIANCE", exchange: "NSE" },
  { symbol: "HDFCBANK", exchange: "NSE" },
  { symbol: "SBIN", exchange: "NSE" },
  { symbol: "INFY", exchange: "NSE" },
];

/** What this browser watches; the indices and some large shares at first. */
export const watchList = new Store(savedWatch());

export function isWatched(list: readonly Watched[], { symbol, exchange }: Watched): boolean {
  return list.some((each) => each.symbol === symbol && each.exchange === exchange);
}

export function watch({ symbol, exchange }: Watched): void {
  const list = watchList.get();
  if (!isWatched(list, { symbol, exchange })) change([...list, { symbol, exchange }]);
}

export function unwatch({ symbol, exchange }: Watched): void {
  change(watchList.get().filter((each) => each.symbol !== symbol || each.exchange !== exchange));
}

function change(list: readonly Watched[]): void {
  saveChoice("watch", list.map(({ exchange, symbol }) => `${exchange}:${symbol}`).join(","));
  watchList.set(list);
}

function savedWatch(): readonly Watched[] {
  const saved = savedChoice("watch");
  if (saved === null) return FIRST;
  return saved
    .split(",")
    .map((name) => {
      const colon = name.indexOf(":");
      return { exchange: name.slice(0, colon), symbol: name.slice(colon + 1) };
    })
    .filter(({ exchange, symbol }) => exchange !== "" && symbol !== "");
}
