/** What a ticket says, as the server's operations want it. */

import type {
  Exchange,
  MarginPosition,
  ModifyOrderRequest,
  OrderRow,
  PlaceGttRequest,
  PlaceOrderRequest,
} from "@/client";
import { type Contract, type Product, productsOf, quantityText, unitsOf } from "./contract";
import { type Action, productOf, type Terms, takesPrice, takesTrigger, triggerSide } from "./terms";

/** What orders of this app are called in the books. */
export const STRATEGY = "web";

function whatOf(terms: Terms, contract: Contract) {
  return {
    symbol: contract.symbol,
    exchange: contract.exchange as Exchange,
    action: terms.action,
    quantity: unitsOf(terms.quantity, contract) ?? 0,
  };
}

function pricesOf(terms: Terms, { grid }: Contract) {
  return {
    price: takesPrice(terms.pricetype) ? (grid.read(terms.price) ?? 0) : 0,
    trigger_price: takesTrigger(terms.pricetype) ? (grid.read(terms.trigger) ?? 0) : 0,
  };
}

/** The order as the ticket says; of a ticket without mistakes. */
export function orderRequest(terms: Terms, contract: Contract) {
  return {
    strategy: STRATEGY,
    ...whatOf(terms, contract),
    pricetype: terms.pricetype,
    product: terms.product,
    ...pricesOf(terms, contract),
    disclosed_quantity: unitsOf(terms.disclosed, contract) ?? 0,
  } satisfies PlaceOrderRequest;
}

/** All of the order as it shall be: what is left out would be taken for gone. */
export function modifyRequest(
  terms: Terms,
  contract: Contract,
  order: OrderRow,
): ModifyOrderRequest {
  return {
    ...orderRequest(terms, contract),
    strategy: order.strategy,
    product: order.product as Product,
    orderid: order.orderid,
  };
}

export function gttRequest(
  terms: Terms,
  contract: Contract,
  ltp: number | null,
): Omit<PlaceGttRequest, "client_order_id"> {
  const { grid } = contract;
  const [carry] = productsOf(contract.exchange);
  const head = {
    strategy: STRATEGY,
    ...whatOf(terms, contract),
    product: carry as PlaceGttRequest["product"],
    pricetype: terms.gttMarket ? ("MARKET" as const) : ("LIMIT" as const),
  };
  if (terms.kind === "SINGLE") {
    const trigger = grid.read(terms.trigger) ?? 0;
    const below = triggerSide(terms, contract, ltp) === "below";
    return {
      ...head,
      trigger_type: "SINGLE",
      price: terms.gttMarket ? 0 : (grid.read(terms.price) ?? 0),
      ...(below ? { triggerprice_sl: trigger } : { triggerprice_tg: trigger }),
    };
  }
  const [lower, upper] = [grid.read(terms.lower) ?? 0, grid.read(terms.upper) ?? 0];
  return {
    ...head,
    trigger_type: "OCO",
    price: 0,
    triggerprice_sl: lower,
    triggerprice_tg: upper,
    // The server wants a limit of every leg, also where it trades at the market.
    stoploss: terms.gttMarket ? lower : (grid.read(terms.lowerLimit) ?? 0),
    target: terms.gttMarket ? upper : (grid.read(terms.upperLimit) ?? 0),
  };
}

/** What the order would block, as a question; a GTT blocks for the dearer of its orders. */
export function marginRequest(terms: Terms, contract: Contract): MarginPosition {
  const what = { ...whatOf(terms, contract), product: productOf(terms, contract) };
  if (terms.kind === "ORDER") {
    return { ...what, pricetype: terms.pricetype, ...pricesOf(terms, contract) };
  }
  return { ...what, pricetype: "LIMIT", price: gttPrice(terms, contract) };
}

function gttPrice(terms: Terms, { grid }: Contract): number {
  const texts =
    terms.kind === "SINGLE"
      ? [terms.gttMarket ? terms.trigger : terms.price]
      : terms.gttMarket
        ? [terms.lower, terms.upper]
        : [terms.lowerLimit, terms.upperLimit];
  return Math.max(...texts.map((text) => grid.read(text) ?? 0));
}

/** The terms of an order that waits, to be changed. */
export function termsOfOrder(order: OrderRow, contract: Contract): Partial<Terms> {
  const { grid } = contract;
  return {
    action: order.action as Action,
    product: order.product as Product,
    quantity: quantityText(order.quantity, contract),
    pricetype: order.pricetype,
    price: takesPrice(order.pricetype) ? grid.snap(order.price) : "",
    trigger: takesTrigger(order.pricetype) ? grid.snap(order.trigger_price) : "",
  };
}

/** Whether changed terms differ from those the order has. */
export function changes(terms: Terms, contract: Contract, order: OrderRow): boolean {
  const wanted = modifyRequest(terms, contract, order);
  return (
    wanted.quantity !== order.quantity ||
    wanted.pricetype !== order.pricetype ||
    (takesPrice(order.pricetype) && wanted.price !== order.price) ||
    (takesTrigger(order.pricetype) && wanted.trigger_price !== order.trigger_price) ||
    wanted.disclosed_quantity !== 0
  );
}

/** Rupees that change hands if it trades at `price`: the limit, or where there is none the market. */
export function worthOf(terms: Terms, contract: Contract, market: number | null): number | null {
  const units = unitsOf(terms.quantity, contract);
  const { grid } = contract;
  const price =
    terms.kind !== "ORDER"
      ? gttPrice(terms, contract) || null
      : takesPrice(terms.pricetype)
        ? grid.read(terms.price)
        : takesTrigger(terms.pricetype)
          ? grid.read(terms.trigger)
          : market;
  return units === null || price === null ? null : units * price;
}
