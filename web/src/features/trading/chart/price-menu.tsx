import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "@/components/ui/menu";
import { type Instrument, ticks } from "@/live";
import { askForOrder } from "../../ticket/ask";
import type { PriceGrid } from "../../ticket/price-grid";
import { type Choice, draftAt, wouldFillAtOnce } from "../order-levels";

/** A place in the chart, in pixels from its corner, and its price. */
export interface Spot {
  left: number;
  top: number;
  price: number;
}

const ORDERS: readonly { action: "BUY" | "SELL"; choice: Choice }[] = [
  { action: "BUY", choice: "limit" },
  { action: "SELL", choice: "limit" },
  { action: "BUY", choice: "stop" },
  { action: "SELL", choice: "stop" },
];

/** What can be ordered at a price. Each opens the ticket; nothing is sent. */
export function PriceMenu({
  spot,
  instrument,
  grid,
  onClose,
}: {
  spot: Spot | null;
  instrument: Instrument;
  grid: PriceGrid;
  onClose: () => void;
}) {
  const last = ticks.peek(instrument, "Quote")?.ltp ?? null;
  return (
    <Menu open={spot !== null} onOpenChange={(open) => open || onClose()} modal={false}>
      <MenuTrigger asChild>
        <span
          aria-hidden
          tabIndex={-1}
          className="pointer-events-none absolute size-0"
          style={{ left: spot?.left ?? 0, top: spot?.top ?? 0 }}
        />
      </MenuTrigger>
      <MenuContent align="start" onCloseAutoFocus={(event) => event.preventDefault()}>
        <MenuLabel>
          {instrument.symbol} at {grid.format(spot?.price)}
        </MenuLabel>
        {spot &&
          ORDERS.map(({ action, choice }) => {
            const atOnce = wouldFillAtOnce(action, choice, spot.price, last);
            return (
              <MenuItem
                key={action + choice}
                disabled={choice === "stop" && atOnce}
                onSelect={() => askForOrder(draftAt(instrument, action, choice, spot.price))}
              >
                <span className={action === "BUY" ? "text-accent" : "text-loss"}>
                  {action === "BUY" ? "Buy" : "Sell"} {choice}
                </span>
                <span className="num">{grid.format(spot.price)}</span>
                {atOnce && (
                  <span className="ml-auto pl-3 text-xs text-quiet">
                    {choice === "limit"
                      ? "fills at once"
                      : action === "BUY"
                        ? "only above the market"
                        : "only below the market"}
                  </span>
                )}
              </MenuItem>
            );
          })}
      </MenuContent>
    </Menu>
  );
}
