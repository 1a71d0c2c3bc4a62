import type { Preference } from "@/lib/preferences";
import { savedChoice } from "@/lib/saved";

export interface Watched {
  symbol: string;
  exchange: string;
}

export interface WatchList {
  name: string;
  instruments: readonly Watched[];
}

/** The user's lists, in their order; `shown` is the name of one of them. There is always one. */
export interface WatchLists {
  shown: string;
  lists: readonly WatchList[];
}

const FIRST =
  "NSE_INDEX:NIFTY,NSE_INDEX:BANKNIFTY,BSE_INDEX:SENSEX,NSE_INDEX:INDIAVIX,NSE:RELIANCE,NSE:HDFCBANK,NSE:SBIN,NSE:INFY";

export const LONGEST_NAME = 40;

export const WATCH_LISTS: Preference<WatchLists> = {
  name: "watch-lists",
  title: "Watch lists",
  read: (value) => {
    const lists = listsOf(value);
    const [first] = lists;
    if (first === undefined) return withoutChoice();
    const { shown } = value as { shown?: unknown };
    return { shown: lists.find(({ name }) => name === shown)?.name ?? first.name, lists };
  },
};

export function sameInstrument(one: Watched, other: Watched): boolean {
  return one.symbol === other.symbol && one.exchange === other.exchange;
}

export function shownList({ shown, lists }: WatchLists): WatchList {
  return lists.find(({ name }) => name === shown) ?? { name: shown, instruments: [] };
}

export function show(all: WatchLists, name: string): WatchLists {
  return all.lists.some((list) => list.name === name) ? { ...all, shown: name } : all;
}

/** A change of the instruments of the list `name`; of none, where another window removed it. */
export function inList(
  all: WatchLists,
  name: string,
  change: (instruments: readonly Watched[]) => readonly Watched[],
): WatchLists {
  const lists = all.lists.map((list) =>
    list.name === name ? { ...list, instruments: change(list.instruments) } : list,
  );
  return { ...all, lists };
}

export function added(instruments: readonly Watched[], item: Watched): readonly Watched[] {
  return instruments.some((each) => sameInstrument(each, item))
    ? instruments
    : [...instruments, item];
}

export function removed(instruments: readonly Watched[], item: Watched): readonly Watched[] {
  return instruments.filter((each) => !sameInstrument(each, item));
}

/** `item` one place up (-1) or down (1). */
export function moved(
  instruments: readonly Watched[],
  item: Watched,
  by: -1 | 1,
): readonly Watched[] {
  const from = instruments.findIndex((each) => sameInstrument(each, item));
  const to = from + by;
  if (from < 0 || to < 0 || to >= instruments.length) return instruments;
  const others = removed(instruments, item);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

/** What is wrong with a name for a list; `null` where nothing is. */
export function nameProblem(all: WatchLists, name: string, renamed?: string): string | null {
  if (name.trim() === "") return "Give it a name.";
  if (name.trim().length > LONGEST_NAME) return `At most ${LONGEST_NAME} characters.`;
  const taken = all.lists.some((list) => list.name === name.trim() && list.name !== renamed);
  return taken ? "There is a list of this name." : null;
}

/** With an empty list more, which is shown. */
export function withList(all: WatchLists, name: string): WatchLists {
  const wanted = name.trim();
  if (nameProblem(all, wanted) !== null) return show(all, wanted);
  return { shown: wanted, lists: [...all.lists, { name: wanted, instruments: [] }] };
}

export function withName(all: WatchLists, name: string, next: string): WatchLists {
  const wanted = next.trim();
  if (nameProblem(all, wanted, name) !== null) return all;
  const lists = all.lists.map((list) => (list.name === name ? { ...list, name: wanted } : list));
  return { shown: all.shown === name ? wanted : all.shown, lists };
}

/** Without the list `name`; the last one stays. */
export function withoutList(all: WatchLists, name: string): WatchLists {
  const lists = all.lists.filter((list) => list.name !== name);
  const [first] = lists;
  if (first === undefined) return all;
  return { shown: all.shown === name ? first.name : all.shown, lists };
}

/** The indices and some large shares; or what this browser watched before the server kept lists. */
function withoutChoice(): WatchLists {
  const instruments = (savedChoice("watch") ?? FIRST).split(",").flatMap(instrumentOf);
  return { shown: "Market", lists: [{ name: "Market", instruments }] };
}

function listsOf(value: unknown): WatchList[] {
  if (typeof value !== "object" || value === null) return [];
  const { lists } = value as { lists?: unknown };
  return Array.isArray(lists) ? lists.filter(isList) : [];
}

function isList(value: unknown): value is WatchList {
  if (typeof value !== "object" || value === null) return false;
  const { name, instruments } = value as Partial<Record<keyof WatchList, unknown>>;
  return typeof name === "string" && Array.isArray(instruments) && instruments.every(isInstrument);
}

function isInstrument(value: unknown): value is Watched {
  if (typeof value !== "object" || value === null) return false;
  const { symbol, exchange } = value as Partial<Record<keyof Watched, unknown>>;
  return typeof symbol === "string" && typeof exchange === "string";
}

function instrumentOf(name: string): Watched[] {
  const colon = name.indexOf(":");
  const [exchange, symbol] = [name.slice(0, colon), name.slice(colon + 1)];
  return exchange && symbol ? [{ exchange, symbol }] : [];
}
