import { type Candle, type Interval, sessionDay } from "../candles/candle";
import { ema, sma, type Values, vwap } from "./averages";
import { bollinger, supertrend } from "./bands";
import { rsi } from "./rsi";

export type Kind = "sma" | "ema" | "vwap" | "bollinger" | "supertrend" | "rsi";

/** An indicator as the user has set it. */
export interface Indicator {
  kind: Kind;
  /** What `SETTINGS` names, in that order. */
  settings: readonly number[];
}

interface Setting {
  title: string;
  value: number;
  min: number;
  max: number;
  step: number;
}

const length = (value: number): Setting => ({ title: "Length", value, min: 2, max: 500, step: 1 });

export const CATALOGUE: Readonly<
  Record<Kind, { title: string; settings: readonly Setting[]; below?: true }>
> = {
  sma: { title: "SMA", settings: [length(20)] },
  ema: { title: "EMA", settings: [length(20)] },
  vwap: { title: "VWAP", settings: [] },
  bollinger: {
    title: "Bollinger Bands",
    settings: [length(20), { title: "Deviations", value: 2, min: 0.5, max: 5, step: 0.5 }],
  },
  supertrend: {
    title: "Supertrend",
    settings: [length(10), { title: "Factor", value: 3, min: 0.5, max: 10, step: 0.5 }],
  },
  rsi: { title: "RSI", settings: [length(14)], below: true },
};
export const KINDS = Object.keys(CATALOGUE) as Kind[];

export function newIndicator(kind: Kind): Indicator {
  return { kind, settings: CATALOGUE[kind].settings.map(({ value }) => value) };
}

/** Such as `SMA 20`. */
export function nameOf({ kind, settings }: Indicator): string {
  return [CATALOGUE[kind].title, ...settings].join(" ");
}

/** What was kept, if it is an indicator of ours with settings within their bounds. */
export function readIndicator(kept: unknown): Indicator | null {
  if (typeof kept !== "object" || kept === null) return null;
  const { kind, settings } = kept as { kind?: unknown; settings?: unknown };
  if (!KINDS.includes(kind as Kind) || !Array.isArray(settings)) return null;
  const known = CATALOGUE[kind as Kind].settings;
  const good = known.every(({ min, max }, at) => {
    const value: unknown = settings[at];
    return typeof value === "number" && value >= min && value <= max;
  });
  return good && settings.length === known.length ? { kind: kind as Kind, settings } : null;
}

/** How a line looks: in one of three colours, faint, or as its `rising` says. */
export type Look = "first" | "second" | "third" | "quiet" | "trend";

export interface Line {
  values: Values;
  look: Look;
  rising?: readonly boolean[];
}

const LOOKS: readonly Look[] = ["first", "second", "third"];

/** How the line of an indicator looks that is in this place among its likes. */
export function lookOf(place: number): Look {
  return LOOKS[place % LOOKS.length] ?? "first";
}

/** The lines of an indicator, always as many; `place` is its place among its likes. */
export function linesOf(
  { kind, settings }: Indicator,
  candles: readonly Candle[],
  interval: Interval,
  place: number,
): Line[] {
  const [first = 1, second = 1] = settings;
  const look = lookOf(place);
  const closes = candles.map(({ close }) => close);
  switch (kind) {
    case "sma":
      return [{ values: sma(closes, first), look }];
    case "ema":
      return [{ values: ema(closes, first), look }];
    case "vwap": {
      const day = (candle: Candle) =>
        interval.seconds === null ? candle.time : sessionDay(candle.time);
      return [{ values: vwap(candles, day), look }];
    }
    case "bollinger": {
      const { upper, middle, lower } = bollinger(closes, first, second);
      return [
        { values: upper, look: "quiet" },
        { values: middle, look },
        { values: lower, look: "quiet" },
      ];
    }
    case "supertrend": {
      const { line, rising } = supertrend(candles, first, second);
      return [{ values: line, look: "trend", rising }];
    }
    case "rsi":
      return [{ values: rsi(closes, first), look }];
  }
}
