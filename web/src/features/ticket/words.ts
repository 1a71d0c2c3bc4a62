import { formatQuantity } from "@/lib/numbers";
import type { Summary } from "./confirm-live";
import { type Contract, quantityWords, splitOf, splitWords, unitsOf } from "./contract";
import { productOf, type Terms, takesPrice, takesTrigger } from "./terms";

export interface Asking {
  terms: Terms;
  contract: Contract;
  paper: boolean;
  /** Whether an order that waits is changed. */
  modifies: boolean;
}

const VERBS = { BUY: "Buy", SELL: "Sell" } as const;

/** What the button does, said so that nobody can take paper for money. */
export function buttonWords({ terms, contract, paper, modifies }: Asking): string {
  const money = paper ? "on paper" : "with real money";
  if (modifies) return `Change the order ${money}`;
  const units = unitsOf(terms.quantity, contract);
  const what = `${VERBS[terms.action]} ${units === null ? "" : `${formatQuantity(units)} `}`;
  if (terms.kind !== "ORDER") return `Set GTT to ${what.toLowerCase()}${money}`;
  const split = units === null ? null : splitOf(units, contract);
  return `${what}${split ? `in ${split.parts.length} orders ` : ""}${money}`;
}

/** The ticket in whole sentences, for the confirmation. */
export function summaryOf({ terms, contract, modifies }: Asking): Pick<Summary, "title" | "rows"> {
  const units = unitsOf(terms.quantity, contract) ?? 0;
  const split = terms.kind === "ORDER" ? splitOf(units, contract) : null;
  const verb = VERBS[terms.action];
  return {
    title: `${modifies ? "Change to: " : ""}${verb} ${formatQuantity(units)} ${contract.symbol}`,
    rows: [
      ["Side", terms.action],
      ["Instrument", `${contract.symbol} ${contract.exchange}`],
      ["Quantity", quantityWords(units, contract)],
      ...(split ? [["Sent as", splitWords(split)] as const] : []),
      ["Type", `${typeWords(terms)}, ${productOf(terms, contract)}`],
      ...priceRows(terms),
    ],
  };
}

function typeWords({ kind, pricetype, gttMarket }: Terms): string {
  if (kind === "ORDER") return pricetype;
  return `${kind === "SINGLE" ? "GTT" : "GTT, one cancels the other"}, ${gttMarket ? "MARKET" : "LIMIT"}`;
}

function priceRows(terms: Terms): Summary["rows"] {
  const { kind, pricetype, gttMarket } = terms;
  if (kind === "OCO") {
    return [
      ["Lower trigger", gttMarket ? terms.lower : `${terms.lower}, limit ${terms.lowerLimit}`],
      ["Upper trigger", gttMarket ? terms.upper : `${terms.upper}, limit ${terms.upperLimit}`],
    ];
  }
  const priced = kind === "SINGLE" ? !gttMarket : takesPrice(pricetype);
  const triggered = kind === "SINGLE" || takesTrigger(pricetype);
  return [
    ["Price", priced ? terms.price : "at the market"],
    ...(triggered ? [["Trigger", terms.trigger] as const] : []),
  ];
}
