import { type Contract, type Product, productsOf, quantityText, unitsOf } from "./contract";

export type Action = "BUY" | "SELL";
export type PriceType = "MARKET" | "LIMIT" | "SL" | "SL-M";
/** An order now, or one that a price sets off: a single trigger, or one of two. */
export type Kind = "ORDER" | "SINGLE" | "OCO";

export const PRICE_TYPES: readonly PriceType[] = ["MARKET", "LIMIT", "SL", "SL-M"];

/** Everything that can be typed into a ticket, as it stands in the fields. */
export interface Terms {
  kind: Kind;
  action: Action;
  product: Product;
  /** In lots where the contract comes in lots. */
  quantity: string;
  pricetype: PriceType;
  price: string;
  trigger: string;
  disclosed: string;
  /** Whether what the GTT sets off is a market order. */
  gttMarket: boolean;
  /** The two triggers of an OCO, and the limits of what they set off. */
  lower: string;
  lowerLimit: string;
  upper: string;
  upperLimit: string;
}

export type TypedField =
  | "quantity"
  | "price"
  | "trigger"
  | "disclosed"
  | "lower"
  | "lowerLimit"
  | "upper"
  | "upperLimit";

export type Mistakes = Partial<Record<TypedField, string>>;

/** What the ticket knows besides what was typed. */
export interface Circumstances {
  /** The last price, where it is known. */
  ltp: number | null;
  /** Units that are filled already, of an order that is changed. */
  filled?: number;
  /** The trigger of an order that was triggered already; it may stay. */
  triggered?: string;
}

export function blankTerms(contract: Contract, action: Action, product: Product | null): Terms {
  const [carry, intraday] = productsOf(contract.exchange);
  return {
    kind: "ORDER",
    action,
    product: product === carry ? carry : intraday,
    quantity: "1",
    pricetype: "MARKET",
    price: "",
    trigger: "",
    disclosed: "",
    gttMarket: false,
    lower: "",
    lowerLimit: "",
    upper: "",
    upperLimit: "",
  };
}

export interface Suggested {
  action?: Action;
  /** In units. */
  quantity?: number;
  product?: string;
  pricetype?: string;
  price?: number;
  triggerPrice?: number;
}

/** `terms` with what whoever opened the ticket knows better. */
export function suggest(terms: Terms, suggested: Suggested, contract: Contract): Terms {
  const { action, quantity, product, pricetype, price, triggerPrice } = suggested;
  const { grid } = contract;
  return {
    ...terms,
    ...(action && { action }),
    ...(quantity && { quantity: quantityText(quantity, contract) }),
    ...(productsOf(contract.exchange).includes(product as Product) && {
      product: product as Product,
    }),
    ...(PRICE_TYPES.includes(pricetype as PriceType) && {
      kind: "ORDER" as const,
      pricetype: pricetype as PriceType,
    }),
    ...(price && { price: grid.snap(price) }),
    ...(triggerPrice && { trigger: grid.snap(triggerPrice) }),
  };
}

export function takesPrice(pricetype: PriceType): boolean {
  return pricetype === "LIMIT" || pricetype === "SL";
}

export function takesTrigger(pricetype: PriceType): boolean {
  return pricetype === "SL" || pricetype === "SL-M";
}

/** The fields that `terms` needs, in the order they stand in. */
export function fieldsOf(terms: Terms): readonly TypedField[] {
  switch (terms.kind) {
    case "ORDER":
      return [
        "quantity",
        ...(takesPrice(terms.pricetype) ? (["price"] as const) : []),
        ...(takesTrigger(terms.pricetype) ? (["trigger"] as const) : []),
        "disclosed",
      ];
    case "SINGLE":
      return ["quantity", "trigger", ...(terms.gttMarket ? [] : (["price"] as const))];
    case "OCO":
      return terms.gttMarket
        ? ["quantity", "lower", "upper"]
        : ["quantity", "lower", "lowerLimit", "upper", "upperLimit"];
  }
}

/** What a GTT buys or sells can be carried over night only. */
export function productOf(terms: Terms, contract: Contract): Product {
  return terms.kind === "ORDER" ? terms.product : productsOf(contract.exchange)[0];
}

/** What no exchange would take, by field; empty where the ticket can be sent. */
export function mistakesOf(terms: Terms, contract: Contract, known: Circumstances): Mistakes {
  const found: Mistakes = {};
  for (const field of fieldsOf(terms)) {
    const mistake = mistakeIn(field, terms, contract, known);
    if (mistake !== null) found[field] = mistake;
  }
  return found;
}

function mistakeIn(
  field: TypedField,
  terms: Terms,
  contract: Contract,
  known: Circumstances,
): string | null {
  if (field === "quantity") return quantityMistake(terms, contract, known);
  if (field === "disclosed") return disclosedMistake(terms, contract);
  return (
    priceMistake(terms[field], contract) ??
    (terms.kind === "ORDER"
      ? stopMistake(field, terms, contract, known)
      : triggerMistake(field, terms, contract, known))
  );
}

function quantityMistake(terms: Terms, contract: Contract, { filled = 0 }: Circumstances) {
  const units = unitsOf(terms.quantity, contract);
  if (units === null) {
    return contract.inLots ? "Whole lots, 1 or more" : "A whole number, 1 or more";
  }
  if (units <= filled) return `More than the ${filled} that are filled already`;
  if (terms.kind !== "ORDER" && contract.freeze !== null && units > contract.freeze) {
    return `At most ${contract.freeze} units: the exchange takes no more in one order`;
  }
  return null;
}

function disclosedMistake(terms: Terms, contract: Contract): string | null {
  if (terms.disclosed.trim() === "") return null;
  const shown = unitsOf(terms.disclosed, contract);
  if (shown === null) return "A whole number, or nothing";
  const all = unitsOf(terms.quantity, contract);
  return all !== null && shown > all ? "Not more than the quantity" : null;
}

function priceMistake(text: string, { grid }: Contract): string | null {
  const price = grid.read(text);
  if (price === null) return text.trim() === "" ? "Needed" : "Not a price";
  if (price <= 0) return "Above 0";
  if (!grid.isOn(text)) {
    return `In ${grid.tickText}: ${grid.step(text, -1)} or ${grid.step(text, 1)}`;
  }
  return null;
}

/** A stop waits on the far side of the market, and its limit lies beyond its trigger. */
function stopMistake(
  field: TypedField,
  terms: Terms,
  { grid }: Contract,
  { ltp, triggered }: Circumstances,
): string | null {
  const buys = terms.action === "BUY";
  const trigger = grid.read(terms.trigger);
  if (field === "trigger" && trigger !== null && ltp !== null && terms.trigger !== triggered) {
    const waits = buys ? trigger > ltp : trigger < ltp;
    if (!waits) {
      return buys
        ? `Above the last price ${grid.format(ltp)}, or it sets off at once`
        : `Below the last price ${grid.format(ltp)}, or it sets off at once`;
    }
  }
  const price = grid.read(terms.price);
  if (field === "price" && terms.pricetype === "SL" && price !== null && trigger !== null) {
    const beyond = buys ? price >= trigger : price <= trigger;
    if (!beyond) return buys ? "At or above the trigger" : "At or below the trigger";
  }
  return null;
}

function triggerMistake(
  field: TypedField,
  terms: Terms,
  { grid }: Contract,
  { ltp }: Circumstances,
): string | null {
  if (field !== "trigger" && field !== "lower" && field !== "upper") return null;
  if (ltp === null) return "The last price is not known yet, so the side of the trigger is not";
  const trigger = grid.read(terms[field]) ?? 0;
  const last = grid.format(ltp);
  if (field === "trigger" && trigger === ltp) return `Not the last price itself, ${last}`;
  if (field === "lower" && trigger >= ltp) return `Below the last price ${last}`;
  if (field === "upper" && trigger <= ltp) return `Above the last price ${last}`;
  return null;
}

/** On which side of the market a single trigger waits; `null` while that cannot be told. */
export function triggerSide(
  terms: Terms,
  { grid }: Contract,
  ltp: number | null,
): "below" | "above" | null {
  const trigger = grid.read(terms.trigger);
  if (trigger === null || ltp === null || trigger === ltp) return null;
  return trigger < ltp ? "below" : "above";
}
