import { formatQuantity } from "@/lib/numbers";
import type { Tick } from "@/live";
import { quantities, rowOf, type Side, type Steps } from "./levels";

/** Writes a tick into the rows of the ladder, of which the first stands for row `top`. */
export function paint(rows: HTMLCollection, top: number, tick: Tick, steps: Steps): void {
  const sides = {
    bid: quantities(tick.depth?.buy ?? [], "bid", steps),
    ask: quantities(tick.depth?.sell ?? [], "ask", steps),
  };
  const most = Math.max(1, ...sides.bid.values(), ...sides.ask.values());
  const last = tick.ltp === undefined ? null : rowOf(tick.ltp, "last", steps);
  for (let place = 0; place < rows.length; place += 1) {
    const row = rows[place];
    if (!(row instanceof HTMLElement)) continue;
    const number = top - place;
    row.toggleAttribute("data-last", number === last);
    for (const side of ["bid", "ask"] as const) write(row, side, sides[side].get(number), most);
  }
}

function write(row: HTMLElement, side: Side, quantity: number | undefined, most: number): void {
  const text = quantity === undefined ? "" : formatQuantity(quantity);
  const cell = row.querySelector<HTMLElement>(`[data-quantity=${side}]`);
  const bar = row.querySelector<HTMLElement>(`[data-bar=${side}]`);
  if (cell && cell.textContent !== text) cell.textContent = text;
  const share = quantity === undefined ? 0 : Math.max(0.02, quantity / most);
  const scale = `scaleX(${share.toFixed(3)})`;
  if (bar && bar.style.transform !== scale) bar.style.transform = scale;
}
