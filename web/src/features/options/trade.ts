import type { ChainLegRow } from "@/client";
import { toast } from "@/components/ui/toast";
import { saveChoice, savedChoice } from "@/lib/saved";
import { Store } from "@/lib/store";
import { addToBasket, basketIsOpen } from "../basket/basket";
import { askForOrder } from "../ticket/ask";
import { type ShownLeg, touchOf } from "./live-leg";

export type ClickMeans = "basket" | "ticket";

/** What B and S in the chain do. Neither sends anything by itself. */
export const clickMeans = new Store<ClickMeans>(
  savedChoice("chain.click") === "ticket" ? "ticket" : "basket",
);

export function chooseClick(means: ClickMeans): void {
  clickMeans.set(means);
  saveChoice("chain.click", means);
}

/** One lot of an option of the chain, at the touch. */
export function trade(
  leg: ChainLegRow,
  shown: ShownLeg,
  exchange: string,
  action: "BUY" | "SELL",
): void {
  const price = touchOf(shown, action);
  const { symbol } = leg;
  if (clickMeans.get() === "ticket") {
    askForOrder({
      symbol,
      exchange,
      action,
      quantity: leg.lotsize,
      product: "NRML",
      ...(price === null ? {} : { pricetype: "LIMIT", price }),
    });
    return;
  }
  addToBasket({ symbol, exchange, action, price });
  if (!basketIsOpen.get()) toast("plain", `In the basket: ${action} 1 lot of ${symbol}`);
}
