import { type Values, wilder } from "./averages";

/** How much of the movement of late was upwards, in percent. */
export function rsi(closes: readonly number[], length: number): Values {
  const moves = closes.slice(1).map((close, at) => close - (closes[at] ?? close));
  const gains = wilder(
    moves.map((move) => Math.max(0, move)),
    length,
  );
  const losses = wilder(
    moves.map((move) => Math.max(0, -move)),
    length,
  );
  const values: Values = gains.map((gain, at) => {
    const loss = losses[at] ?? null;
    if (gain === null || loss === null) return null;
    return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
  });
  return closes.length === 0 ? [] : [null, ...values];
}
