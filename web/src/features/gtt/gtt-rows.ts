import type { CarryProduct, GttPriceType, GttRow, ModifyGttRequest } from "@/client";
import { mentions } from "@/lib/rows";
import type { Csv } from "../books/csv-button";

export type GttFilter = "all" | "active" | "done";

export function isWaiting(gtt: Pick<GttRow, "status">): boolean {
  return gtt.status === "active";
}

export function isOco(gtt: Pick<GttRow, "trigger_type">): boolean {
  return gtt.trigger_type === "two-leg";
}

export function belongsTo(filter: string, gtt: Pick<GttRow, "status">): boolean {
  if (filter === "active") return isWaiting(gtt);
  return filter !== "done" || !isWaiting(gtt);
}

export function isWanted(gtt: GttRow, filter: string, text: string): boolean {
  return belongsTo(filter, gtt) && mentions(text, [gtt.symbol, gtt.trigger_id, gtt.strategy]);
}

/** `SELL 10 SBIN` */
export function nameOf({ legs, symbol }: GttRow): string {
  const [leg] = legs;
  return leg ? `${leg.action} ${leg.quantity} ${symbol}` : symbol;
}

/** What can be changed of a GTT, as the user types it. `sl` is the only trigger of a single one. */
export interface GttForm {
  quantity: string;
  slTrigger: string;
  slPrice: string;
  tgTrigger: string;
  tgPrice: string;
}

export function formOf(gtt: GttRow): GttForm {
  const text = (value: number | undefined) => (value === undefined ? "" : String(value));
  return {
    quantity: text(gtt.legs[0]?.quantity),
    slTrigger: text(gtt.trigger_prices[0]),
    slPrice: text(gtt.legs[0]?.price),
    tgTrigger: text(gtt.trigger_prices[1]),
    tgPrice: text(gtt.legs[1]?.price),
  };
}

/** Where a single trigger fires: as the market falls to it, or as it rises to it. */
export function sideOf(trigger: number, market: number): "below" | "above" {
  return trigger < market ? "below" : "above";
}

/** What is wrong with a field, by its name; nothing where all is well. */
export function faultsOf(gtt: GttRow, form: GttForm): Partial<Record<keyof GttForm, string>> {
  const faults: Partial<Record<keyof GttForm, string>> = {};
  const limited = gtt.legs[0]?.pricetype === "LIMIT";
  const fields: (keyof GttForm)[] = ["quantity", "slTrigger"];
  if (limited) fields.push("slPrice");
  if (isOco(gtt)) fields.push("tgTrigger");
  if (isOco(gtt) && limited) fields.push("tgPrice");
  for (const field of fields) {
    if (!(Number(form[field]) > 0)) faults[field] = "More than 0";
  }
  if (!faults.tgTrigger && isOco(gtt) && Number(form.tgTrigger) <= Number(form.slTrigger)) {
    faults.tgTrigger = "Above the stop-loss trigger";
  }
  return faults;
}

/** The whole GTT as it shall be; `null` where it is not one that can be changed here. */
export function changed(gtt: GttRow, form: GttForm, market: number): ModifyGttRequest | null {
  const [leg] = gtt.legs;
  if (leg === undefined || !isCarried(leg.product) || !isPriceType(leg.pricetype)) return null;
  const whole = {
    strategy: gtt.strategy || "web",
    trigger_id: gtt.trigger_id,
    exchange: gtt.exchange,
    symbol: gtt.symbol,
    action: leg.action,
    product: leg.product,
    pricetype: leg.pricetype,
    quantity: form.quantity,
  };
  if (isOco(gtt)) {
    const unlimited = leg.pricetype === "MARKET";
    return {
      ...whole,
      trigger_type: "OCO",
      price: 0,
      triggerprice_sl: form.slTrigger,
      triggerprice_tg: form.tgTrigger,
      // The server wants a limit even where none is used.
      stoploss: unlimited ? form.slTrigger : form.slPrice,
      target: unlimited ? form.tgTrigger : form.tgPrice,
    };
  }
  const below = sideOf(Number(form.slTrigger), market) === "below";
  return {
    ...whole,
    trigger_type: "SINGLE",
    price: leg.pricetype === "MARKET" ? 0 : form.slPrice,
    ...(below ? { triggerprice_sl: form.slTrigger } : { triggerprice_tg: form.slTrigger }),
  };
}

/** Brokers' own GTTs may have legs that differ: such are not ours to change. */
export function canChange(gtt: GttRow): boolean {
  const [first, ...others] = gtt.legs;
  return (
    isWaiting(gtt) &&
    first !== undefined &&
    isCarried(first.product) &&
    isPriceType(first.pricetype) &&
    others.every(
      (leg) =>
        leg.action === first.action &&
        leg.quantity === first.quantity &&
        leg.product === first.product &&
        leg.pricetype === first.pricetype,
    )
  );
}

function isCarried(product: string): product is CarryProduct {
  return product === "CNC" || product === "NRML";
}

function isPriceType(type: string): type is GttPriceType {
  return type === "LIMIT" || type === "MARKET";
}

export const GTT_CSV: Csv<GttRow> = {
  "trigger id": (gtt) => gtt.trigger_id,
  type: (gtt) => (isOco(gtt) ? "OCO" : "single"),
  status: (gtt) => gtt.status,
  symbol: (gtt) => gtt.symbol,
  exchange: (gtt) => gtt.exchange,
  side: (gtt) => gtt.legs[0]?.action,
  quantity: (gtt) => gtt.legs[0]?.quantity,
  product: (gtt) => gtt.legs[0]?.product,
  "trigger 1": (gtt) => gtt.trigger_prices[0],
  "price 1": (gtt) => gtt.legs[0]?.price,
  "trigger 2": (gtt) => gtt.trigger_prices[1],
  "price 2": (gtt) => gtt.legs[1]?.price,
  "created (IST)": (gtt) => gtt.created_at,
  "expires (IST)": (gtt) => gtt.expires_at,
  strategy: (gtt) => gtt.strategy,
};
