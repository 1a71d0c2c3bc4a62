/** Figures of a whole chain. What no quote tells of does not count, and is said to be unknown. */

import type { ChainLegRow, ChainRow } from "@/client";

const DAY = 24 * 60;

export interface ChainFigures {
  /** In units; `null` where no strike of the side is known. */
  callOi: number | null;
  putOi: number | null;
  /** Open puts per open call. */
  pcr: number | null;
  /** Traded puts per traded call. */
  volumePcr: number | null;
  /** Where those who wrote options pay least at expiry. */
  maxPain: number | null;
}

export function figuresOf(rows: readonly ChainRow[]): ChainFigures {
  const callOi = total(rows, "ce", "oi");
  const putOi = total(rows, "pe", "oi");
  return {
    callOi,
    putOi,
    pcr: ratio(putOi, callOi),
    volumePcr: ratio(total(rows, "pe", "volume"), total(rows, "ce", "volume")),
    maxPain: callOi || putOi ? maxPainOf(rows) : null,
  };
}

/**
 * The strike at which all open options together are worth least; the lower of two.
 *
 * One walk up and one down: each step adds what the options passed so far gain by it.
 */
export function maxPainOf(rows: readonly ChainRow[]): number | null {
  const pains = new Array<number>(rows.length).fill(0);
  let [open, pain] = [0, 0];
  rows.forEach((row, place) => {
    const below = rows[place - 1];
    if (below !== undefined) pain += open * (row.strike - below.strike);
    pains[place] = pain;
    open += known(row.ce)?.oi ?? 0;
  });
  [open, pain] = [0, 0];
  for (let place = rows.length - 1; place >= 0; place--) {
    const [row, above] = [rows[place], rows[place + 1]];
    if (row === undefined) continue;
    if (above !== undefined) pain += open * (above.strike - row.strike);
    pains[place] = (pains[place] ?? 0) + pain;
    open += known(row.pe)?.oi ?? 0;
  }
  const least = pains.indexOf(Math.min(...pains));
  return rows[least]?.strike ?? null;
}

/** The options that nobody has a price of, such as `24500 CE`. */
export function unknownOptions(rows: readonly ChainRow[]): string[] {
  return rows.flatMap(({ strike, ce, pe }) => [
    ...(ce !== null && !known(ce) ? [`${strike} CE`] : []),
    ...(pe !== null && !known(pe) ? [`${strike} PE`] : []),
  ]);
}

export function mostOi(rows: readonly ChainRow[]): number {
  return rows.reduce((most, { ce, pe }) => Math.max(most, ce?.oi ?? 0, pe?.oi ?? 0), 0);
}

/** From one moment to another (epoch seconds): `10 days`, `2.4 days`, `5 h 20 min`. */
export function timeLeft(now: number, then: number): string {
  const minutes = Math.floor((then - now) / 60);
  if (minutes <= 0) return "expired";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < DAY) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const days = minutes / DAY;
  return `${days < 10 ? days.toFixed(1) : Math.round(days)} days`;
}

function known(leg: ChainLegRow | null): ChainLegRow | null {
  return leg !== null && leg.quote_ts !== null ? leg : null;
}

function total(rows: readonly ChainRow[], side: "ce" | "pe", what: "oi" | "volume"): number | null {
  let sum: number | null = null;
  for (const row of rows) {
    const leg = known(row[side]);
    if (leg !== null) sum = (sum ?? 0) + leg[what];
  }
  return sum;
}

function ratio(above: number | null, below: number | null): number | null {
  return above === null || !below ? null : above / below;
}
