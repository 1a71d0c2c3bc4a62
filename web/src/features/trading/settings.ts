import type { Preference } from "@/lib/preferences";
import { intervalOf } from "./candles/candle";
import { type Indicator, readIndicator } from "./indicators/catalogue";

export const CHART_TYPES = {
  candles: "Candles",
  line: "Line",
  area: "Area",
  heikin: "Heikin-Ashi",
} as const;
export type ChartType = keyof typeof CHART_TYPES;

export const LAYOUTS = [1, 2, 4] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface Pane {
  symbol: string;
  exchange: string;
  interval: string;
  type: ChartType;
  indicators: readonly Indicator[];
}

/** What the charts of a user remember. */
export interface Choices {
  layout: Layout;
  /** The pane that the tools are for. */
  active: number;
  /** As many as the largest layout has. */
  panes: readonly Pane[];
}

/** An address can name what the active pane shows. */
export interface Link {
  symbol?: string;
  exchange?: string;
  interval?: string;
}

export const MOST_INDICATORS = 8;
const FIRST: readonly Pane[] = [
  ["RELIANCE", "NSE", "5m"],
  ["NIFTY", "NSE_INDEX", "5m"],
  ["HDFCBANK", "NSE", "5m"],
  ["BANKNIFTY", "NSE_INDEX", "15m"],
].map(([symbol = "", exchange = "", interval = ""]) => ({
  symbol,
  exchange,
  interval,
  type: "candles",
  indicators: [],
}));

export const DEFAULTS: Choices = { layout: 1, active: 0, panes: FIRST };

export const CHARTS: Preference<Choices> = { name: "charts", title: "Charts", read: readChoices };

/** What was kept, with ours in place of whatever is missing or odd. */
export function readChoices(kept: unknown): Choices {
  if (!isRecord(kept)) return DEFAULTS;
  const layout = LAYOUTS.find((each) => each === kept.layout) ?? 1;
  const panes: readonly unknown[] = Array.isArray(kept.panes) ? kept.panes : [];
  const active = Number.isInteger(kept.active) ? (kept.active as number) : 0;
  return {
    layout,
    active: active >= 0 && active < layout ? active : 0,
    panes: FIRST.map((usual, at) => readPane(panes[at], usual)),
  };
}

/** `choices` with what `link` names in the active pane. */
export function linked(choices: Choices, link: Link): Choices {
  const { symbol, exchange, interval } = link;
  return withPane(choices, choices.active, {
    ...(symbol && { symbol, exchange: exchange ?? "NSE" }),
    ...(interval && intervalOf(interval) && { interval }),
  });
}

export function withPane(choices: Choices, at: number, change: Partial<Pane>): Choices {
  return {
    ...choices,
    panes: choices.panes.map((pane, place) => (place === at ? { ...pane, ...change } : pane)),
  };
}

function readPane(kept: unknown, usual: Pane): Pane {
  if (!isRecord(kept)) return usual;
  const { symbol, exchange, interval, type, indicators } = kept;
  const named = isText(symbol) && isText(exchange) ? { symbol, exchange } : {};
  const found = Array.isArray(indicators) ? indicators.map(readIndicator) : [];
  return {
    ...usual,
    ...named,
    ...(isText(interval) && intervalOf(interval) ? { interval } : {}),
    ...(isText(type) && type in CHART_TYPES ? { type: type as ChartType } : {}),
    indicators: found.filter((each) => each !== null).slice(0, MOST_INDICATORS),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
