/** Prices on the grid of an instrument's tick, counted in whole numbers: no binary fractions. */

import { formatNumber, UNKNOWN } from "@/lib/numbers";

const WRITTEN = /^\d*(\.\d*)?$/;
const LEAST_DECIMALS = 2;

export class PriceGrid {
  /** Decimals to show: all that the tick has, and never less than paise. */
  readonly decimals: number;
  private readonly scale: number;
  /** The tick in units of the last decimal; 0 where prices have no grid. */
  private readonly tick: bigint;

  /** `size` of the tick in rupees; 0 where prices have no grid. */
  constructor(readonly size: number) {
    this.decimals = Math.max(LEAST_DECIMALS, decimalsOf(size));
    this.scale = 10 ** this.decimals;
    this.tick = BigInt(Math.round(size * this.scale));
  }

  /** What was typed, as rupees; `null` for what is no price. */
  read(text: string): number | null {
    return readNumber(text);
  }

  /** Whether the typed price is a whole number of ticks. */
  isOn(text: string): boolean {
    const bare = bareOf(text);
    if (bare === null) return false;
    const [, fraction = ""] = bare.split(".");
    if (/[1-9]/.test(fraction.slice(this.decimals))) return false;
    return this.tick === 0n || this.count(bare) % this.tick === 0n;
  }

  /** The price `ticks` away from `text`; one between two ticks goes to the next one first. */
  step(text: string, ticks: number): string {
    const bare = bareOf(text) ?? "0";
    const count = this.count(bare);
    const tick = this.tick || 1n;
    const rest = count % tick;
    const below = count - rest;
    const from = rest !== 0n && ticks < 0 ? below + tick : below;
    const next = from + BigInt(ticks) * tick;
    return this.written(next > 0n ? next : tick);
  }

  /** The price on the grid that is nearest to `price`, as one would type it. */
  snap(price: number): string {
    const count = BigInt(Math.round(price * this.scale));
    const tick = this.tick || 1n;
    const nearest = ((count + tick / 2n) / tick) * tick;
    return this.written(nearest > 0n ? nearest : tick);
  }

  /** As it is shown. */
  format(price: number | null | undefined): string {
    return price ? formatNumber(price, { decimals: this.decimals }) : UNKNOWN;
  }

  /** The tick, in words. */
  get tickText(): string {
    return this.tick === 0n ? "any price" : `steps of ${Number(this.tick) / this.scale}`;
  }

  private count(bare: string): bigint {
    const [whole = "", fraction = ""] = bare.split(".");
    return BigInt(`${whole || "0"}${fraction.slice(0, this.decimals).padEnd(this.decimals, "0")}`);
  }

  private written(count: bigint): string {
    const digits = String(count).padStart(this.decimals + 1, "0");
    return `${digits.slice(0, -this.decimals)}.${digits.slice(-this.decimals)}`;
  }
}

/** What was typed, `null` for what is no number. Separators of thousands are allowed. */
export function readNumber(text: string): number | null {
  const bare = bareOf(text);
  return bare === null ? null : Number(bare);
}

function bareOf(text: string): string | null {
  const bare = text.replaceAll(",", "").trim();
  return WRITTEN.test(bare) && /\d/.test(bare) ? bare : null;
}

function decimalsOf(tick: number): number {
  const [digits = "", exponent = "0"] = String(tick).split("e");
  return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(exponent));
}
