import type { OrderRow } from "@/client";
import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";
import type { Side } from "./levels";

/** At first; from then on the bar is written by hand. */
const NO_BAR = { transform: "scaleX(0)" };

/** A place to order at, with what waits there. */
export function Level({
  side,
  price,
  first = false,
  onOrder,
}: {
  side: Side;
  price: string;
  /** Whether the keyboard comes in here. */
  first?: boolean;
  onOrder: () => void;
}) {
  const bid = side === "bid";
  return (
    <td className="h-[inherit] p-0">
      <button
        type="button"
        tabIndex={first ? 0 : -1}
        onClick={onOrder}
        className={cn(
          "relative block size-full px-1.5 outline-offset-[-2px] hover:bg-raised hover:inset-ring",
          bid ? "text-right text-accent" : "text-left text-loss",
          // On the colour of the last price the others would be too faint.
          "group-data-last/row:text-ink",
        )}
      >
        <span
          aria-hidden
          data-bar={side}
          className={cn(
            "absolute inset-y-0.5 right-0 left-0",
            bid ? "origin-right bg-accent/20" : "origin-left bg-loss/20",
          )}
          style={NO_BAR}
        />
        <span className="sr-only">{`${bid ? "Buy" : "Sell"} at ${price} `}</span>
        <span data-quantity={side} className="num relative" />
      </button>
    </td>
  );
}

/** What the user has waiting at a price. */
export function Mine({
  orders,
  action,
}: {
  orders: readonly OrderRow[] | undefined;
  action: "BUY" | "SELL";
}) {
  const own = orders?.filter((order) => order.action === action) ?? [];
  const quantity = own.reduce((sum, order) => sum + order.pending_quantity, 0);
  return (
    <td className="p-0 px-0.5 text-center">
      {quantity > 0 && (
        <span
          className={cn(
            "num block truncate rounded text-[11px] font-semibold",
            action === "BUY" ? "bg-accent text-on-accent" : "bg-loss text-surface",
          )}
          title={own.map(({ pricetype }) => `Your ${pricetype}`).join(", ")}
        >
          {formatQuantity(quantity)}
        </span>
      )}
    </td>
  );
}
