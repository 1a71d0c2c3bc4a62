/** What the name of a contract says of it, such as `NIFTY28MAR2420800CE`. */
export interface Contract {
  underlying: string;
  /** As in the name: `28MAR24`; `null` for what does not expire. */
  expiry: string | null;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN"].concat([
  "JUL",
  "AUG",
  "SEP",
  "OCT",
  "NOV",
  "DEC",
]);
const NAME = new RegExp(
  `^(.+?)(\\d{2}(?:${MONTHS.join("|")})\\d{2})(?:FUT|\\d+(?:\\.\\d+)?(?:CE|PE))$`,
);
const CASH = new Set(["NSE", "BSE"]);

export function contractOf(symbol: string, exchange: string): Contract {
  const found = CASH.has(exchange) ? null : NAME.exec(symbol);
  return found?.[1] && found[2]
    ? { underlying: found[1], expiry: found[2] }
    : { underlying: symbol, expiry: null };
}

/** Whether it is traded in lots. */
export function inLots(exchange: string): boolean {
  return !CASH.has(exchange);
}

/** `28MAR24` as something that sorts by time; without one it comes first. */
export function expiryOrder(expiry: string | null): string {
  if (expiry === null) return "";
  const month = String(MONTHS.indexOf(expiry.slice(2, 5)) + 1).padStart(2, "0");
  return `${expiry.slice(5)}${month}${expiry.slice(0, 2)}`;
}
