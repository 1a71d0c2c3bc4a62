import { type Numeric, numberOf } from "@/lib/numbers";

/** In percent of the last close; `null` where either is unknown. */
export function changeOf(ltp: Numeric, close: Numeric): number | null {
  const [now, before] = [numberOf(ltp), numberOf(close)];
  return now !== null && before !== null && before > 0 ? ((now - before) / before) * 100 : null;
}
