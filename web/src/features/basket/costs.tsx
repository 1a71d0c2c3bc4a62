import { useQuery } from "@tanstack/react-query";
import { sentenceOf } from "@/api";
import { Money } from "@/components/ui/figures";
import { useDebounced } from "@/lib/debounced";
import { formatMoney } from "@/lib/numbers";
import { useAccountKey } from "../accounts/queries";
import type { LegOrder } from "./orders";
import { Figure } from "./payoff-chart";
import { MOST_POSITIONS, marginQuery } from "./queries";

const SETTLED_AFTER = 400;

/** What the basket brings or costs, and what it would block. */
export function Costs({
  orders,
  premium,
}: {
  orders: readonly LegOrder[];
  /** In rupees: above zero where it is received. `null` for unknown. */
  premium: number | null;
}) {
  // Compared by content: the same orders are made anew whenever a price moves.
  const settled = useDebounced(JSON.stringify(orders), SETTLED_AFTER);
  const wanted = JSON.parse(settled) as LegOrder[];
  const need = useQuery(marginQuery(useAccountKey(), wanted));
  const benefit = need.data?.margin_benefit;
  const alone = need.data && benefit ? need.data.total_margin_required + benefit : null;
  return (
    <>
      <Figure name={premium !== null && premium < 0 ? "Premium you pay" : "Premium you receive"}>
        {formatMoney(premium === null ? null : Math.abs(premium))}
      </Figure>
      <Figure name="Margin of all legs together">
        {need.isError ? (
          <span className="text-loss">{sentenceOf(need.error)}</span>
        ) : wanted.length > MOST_POSITIONS ? (
          `not told for more than ${MOST_POSITIONS} orders`
        ) : need.isFetching && !need.data ? (
          "asking…"
        ) : (
          <Money value={need.data?.total_margin_required} />
        )}
      </Figure>
      {need.data && (
        <Figure name="Saved by hedging">
          {benefit === undefined ? (
            "the broker does not say"
          ) : alone === null ? (
            "nothing"
          ) : (
            <>
              {formatMoney(benefit)} of {formatMoney(alone)}
            </>
          )}
        </Figure>
      )}
    </>
  );
}
