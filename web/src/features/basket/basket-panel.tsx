import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/states";
import { useStore } from "@/lib/store";
import { useAccountKey } from "../accounts/queries";
import { SymbolSearch } from "../market/symbol-search";
import { addToBasket, basket, changeLegs, outcome } from "./basket";
import { Costs } from "./costs";
import { LegRow } from "./leg-row";
import type { Leg } from "./legs";
import { MOST_ORDERS, ordersOf, problemOf, type Terms } from "./orders";
import { OutcomeList } from "./outcome-list";
import { payoffOf } from "./payoff";
import { PayoffChart, PayoffWords } from "./payoff-chart";
import { PlaceBasket } from "./place-basket";
import { payoffLegs, premiumOf } from "./position";
import { useLegPrices } from "./prices";
import { nameOf, underlyingQuery, useInstruments } from "./queries";

/** What a leg cannot be without, before its instrument is known: nothing is sent meanwhile. */
const NO_TERMS: Terms = { lotsize: 1, tick_size: 0, freeze_qty: 1, freeze_qty_known: false };

/** The basket: its legs, what they cost and come to together, and sending them. */
export function BasketPanel() {
  const { legs, attempt } = useStore(basket);
  const result = useStore(outcome);
  const [searching, search] = useState(false);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-3 py-2">
        <Button size="small" onClick={() => search(true)}>
          <Plus /> Add an instrument
        </Button>
        {legs.length > 0 && (
          <>
            <Button size="small" onClick={() => priceAll("MARKET")}>
              All at market
            </Button>
            <Button
              size="small"
              className="ml-auto text-loss"
              disabled={attempt !== null}
              onClick={() => changeLegs(() => [])}
            >
              Clear
            </Button>
          </>
        )}
      </div>
      {result && <OutcomeList outcome={result} />}
      {legs.length === 0 && !result && !attempt && (
        <EmptyState title="The basket is empty">
          Add options with the B and S of the option chain, a strategy from there, or any
          instrument.
        </EmptyState>
      )}
      {(legs.length > 0 || attempt) && <Filled legs={legs} />}
      <SymbolSearch
        open={searching}
        onOpenChange={search}
        title="Add to the basket"
        onChoose={(chosen) => addToBasket({ ...chosen, action: "BUY" })}
      />
    </>
  );
}

function Filled({ legs }: { legs: readonly Leg[] }) {
  const prices = useLegPrices(legs);
  const { rows, errors } = useInstruments(legs);
  const rowOf = (leg: Leg) => rows.get(nameOf(leg));
  const quotedOf = (leg: Leg) => prices.get(nameOf(leg));
  const problems = legs.map((leg) => {
    const row = rowOf(leg);
    return row ? problemOf(leg, row) : (errors.get(nameOf(leg))?.message ?? null);
  });
  const known = legs.every(rowOf);
  const sound = known && problems.every((problem) => problem === null);
  const orders = sound ? ordersOf(legs, (leg) => rowOf(leg) ?? NO_TERMS) : [];
  const position = payoffLegs(legs, rowOf, quotedOf);
  const option = "option" in position ? position.option : undefined;
  const underlying = useQuery(underlyingQuery(useAccountKey(), option)).data;
  const spot = underlying?.underlying_ltp || null;
  const payoff = "legs" in position ? payoffOf(position.legs) : null;
  return (
    <>
      <ol className="border-t border-line">
        {legs.map((leg, place) => (
          <LegRow
            key={leg.id}
            leg={leg}
            row={rowOf(leg)}
            quoted={quotedOf(leg)}
            problem={problems[place] ?? null}
            place={place}
            count={legs.length}
          />
        ))}
      </ol>
      {legs.length > 0 && (
        <div className="grid gap-1 px-3 py-2 text-[13px]">
          <dl className="grid gap-1">
            <Costs orders={orders} premium={premiumOf(legs, rowOf, quotedOf)} />
          </dl>
          {payoff && "legs" in position ? (
            <>
              <PayoffChart legs={position.legs} payoff={payoff} spot={spot} />
              <dl className="grid gap-1">
                <PayoffWords legs={position.legs} payoff={payoff} spot={spot} />
              </dl>
            </>
          ) : (
            <p className="text-quiet">{"why" in position && position.why}</p>
          )}
        </div>
      )}
      <PlaceBasket
        orders={orders}
        hindrance={
          sound
            ? orders.length > MOST_ORDERS
              ? `These are ${orders.length} orders; ${MOST_ORDERS} can be sent at once.`
              : null
            : known
              ? "Put the marked legs right first."
              : "Some instruments are not known yet."
        }
        split={orders.length > legs.length}
      />
    </>
  );
}

function priceAll(pricetype: "MARKET"): void {
  changeLegs((legs) => legs.map((leg) => ({ ...leg, pricetype })));
}
