import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Time } from "@/components/ui/figures";
import { ErrorLine } from "@/components/ui/states";
import { formatNumber, formatQuantity } from "@/lib/numbers";
import { useStore } from "@/lib/store";
import { useAccount } from "../accounts/queries";
import { type Attempt, basket } from "./basket";
import type { LegOrder } from "./orders";
import { usePlace } from "./place";

/** Sends the orders: at once on paper, after a question with real money. */
export function PlaceBasket({
  orders,
  hindrance,
  split,
}: {
  orders: readonly LegOrder[];
  /** Why they cannot be sent now; `null` for nothing. */
  hindrance: string | null;
  /** Whether some leg is sent in parts. */
  split: boolean;
}) {
  const account = useAccount();
  const { attempt } = useStore(basket);
  const { place, askAgain, forget, error } = usePlace();
  const [asking, ask] = useState(false);
  const paper = account?.analyze_mode ?? false;
  const count = `${orders.length} ${orders.length === 1 ? "order" : "orders"}`;
  const send = () => {
    ask(false);
    place(orders);
  };
  if (attempt && !attempt.sending) {
    return <Unanswered attempt={attempt} error={error} onAsk={askAgain} onForget={forget} />;
  }
  return (
    <div className="sticky bottom-0 mt-auto grid gap-2 border-t border-line bg-surface px-3 pt-2 pb-3">
      <ErrorLine error={error} />
      {hindrance && <p className="text-[13px] text-warn">{hindrance}</p>}
      <p className="text-[13px] text-quiet">
        What buys is sent before what sells, so that hedges are there first.
        {split && " Legs above the freeze quantity go in several orders."}
      </p>
      <Button
        kind={paper ? "paper" : "live"}
        size="large"
        busy={attempt !== null}
        disabled={hindrance !== null || orders.length === 0 || account === undefined}
        onClick={() => (paper ? send() : ask(true))}
      >
        {attempt ? "Sending…" : paper ? `Place ${count} on paper` : `Place ${count}: real money`}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`Send ${count} with real money?`}
        verb="Send with real money"
        kind="live"
        busy={attempt !== null}
        onConfirm={send}
      >
        <p>
          {account?.name}, at {account?.broker_name}:
        </p>
        <ul className="max-h-[40dvh] overflow-y-auto rounded-md border border-line">
          {orders.map((order, place) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of one leg are alike
              key={place}
              className="flex flex-wrap justify-between gap-2 border-b border-line px-3 py-1.5 last:border-0"
            >
              <span className="font-medium">
                {order.action} {formatQuantity(order.quantity)} {order.symbol}
              </span>
              <span className="num">
                {order.product}{" "}
                {order.pricetype === "LIMIT" ? formatNumber(order.price) : "at market"}
              </span>
            </li>
          ))}
        </ul>
      </Confirm>
    </div>
  );
}

/** The answer never came: nothing more is sent before the user knows, or says so. */
function Unanswered({
  attempt,
  error,
  onAsk,
  onForget,
}: {
  attempt: Attempt;
  error: unknown;
  onAsk: () => void;
  onForget: () => void;
}) {
  return (
    <div
      role="alert"
      className="sticky bottom-0 mt-auto grid gap-2 border-t border-line bg-warn-soft px-3 pt-2 pb-3"
    >
      <p className="font-medium text-warn">
        Nobody knows what became of the {attempt.orders.length} orders sent{" "}
        {attempt.paper ? "on paper" : "with real money"} at <Time value={attempt.at} />.
      </p>
      <p>
        Asking again finishes the same basket: what was sent is not sent twice, what never arrived
        is sent now. Or look into the{" "}
        <Link to="/orderbook" className="underline">
          order book
        </Link>{" "}
        yourself.
      </p>
      <ErrorLine error={error} />
      <div className="flex flex-wrap gap-2">
        <Button kind={attempt.paper ? "primary" : "live"} onClick={onAsk}>
          Finish this basket
        </Button>
        <Button onClick={onForget}>I have looked: go on</Button>
      </div>
    </div>
  );
}
