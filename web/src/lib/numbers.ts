/** Numbers as Indian traders read them: lakh and crore grouping, a true minus, a dash for unknown. */

export type Numeric = number | string | null | undefined;

export const UNKNOWN = "—";
const MINUS = "−";
const LAKH = 100_000;
const CRORE = 10_000_000;

export interface NumberStyle {
  /** Decimals shown, always all of them. */
  decimals?: number;
  /** Also write a plus before gains. */
  signed?: boolean;
}

/** `value` as a finite number; `null` for what is not one: an error is never a zero. */
export function numberOf(value: Numeric): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = typeof value === "number" ? value : Number(value);
  return Number.isFinite(number) ? number : null;
}

export function formatNumber(value: Numeric, { decimals = 2, signed = false }: NumberStyle = {}) {
  return written(value, decimals, signed, "");
}

/** Rupees, such as `₹12,34,567.80`. */
export function formatMoney(value: Numeric, { decimals = 2, signed = false }: NumberStyle = {}) {
  return written(value, decimals, signed, "₹");
}

export function formatPercent(value: Numeric, { decimals = 2, signed = true }: NumberStyle = {}) {
  const text = written(value, decimals, signed, "");
  return text === UNKNOWN ? text : `${text}%`;
}

/** Shares or units: whole where they are whole, else with as many decimals as they have. */
export function formatQuantity(value: Numeric, { signed = false }: { signed?: boolean } = {}) {
  const number = numberOf(value);
  if (number === null) return UNKNOWN;
  const text = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 8 }).format(
    Math.abs(number),
  );
  return `${signOf(number, signed)}${text}`;
}

/** Rupees in few letters: `₹3.42 L`, `₹1.20 Cr`. */
export function formatCompactMoney(value: Numeric): string {
  const number = numberOf(value);
  if (number === null) return UNKNOWN;
  const size = Math.abs(number);
  const sign = signOf(number, false);
  if (size >= CRORE) return `${sign}₹${grouped(size / CRORE, 2)} Cr`;
  if (size >= LAKH) return `${sign}₹${grouped(size / LAKH, 2)} L`;
  return `${sign}₹${grouped(size, 0)}`;
}

/** 1 for a gain, -1 for a loss, 0 for neither or unknown. */
export function directionOf(value: Numeric): -1 | 0 | 1 {
  const number = numberOf(value);
  if (number === null || number === 0) return 0;
  return number > 0 ? 1 : -1;
}

function written(value: Numeric, decimals: number, signed: boolean, unit: string): string {
  const number = numberOf(value);
  if (number === null) return UNKNOWN;
  const digits = grouped(Math.abs(number), decimals);
  const isZero = !/[1-9]/.test(digits);
  return `${isZero ? "" : signOf(number, signed)}${unit}${digits}`;
}

function signOf(number: number, signed: boolean): string {
  if (number < 0) return MINUS;
  return signed && number > 0 ? "+" : "";
}

const formats = new Map<number, Intl.NumberFormat>();

function grouped(size: number, decimals: number): string {
  let format = formats.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-IN", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formats.set(decimals, format);
  }
  return format.format(size);
}
