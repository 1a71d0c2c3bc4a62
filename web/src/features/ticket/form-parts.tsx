/** The parts of the form that are not about prices. */

import { useQuery } from "@tanstack/react-query";
import type { OrderRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Qty } from "@/components/ui/figures";
import { Segments } from "@/components/ui/segments";
import { formatQuantity } from "@/lib/numbers";
import { useAccountKey } from "../accounts/queries";
import { positionsQuery } from "../dashboard/queries";
import { type Contract, productsOf, quantityWords } from "./contract";
import { NumberField } from "./number-field";
import { type Mistakes, PRICE_TYPES, type PriceType, productOf, type Terms } from "./terms";

/** How it trades, and as what; a GTT is never for the day only. */
export function TypeAndProduct({
  terms,
  contract,
  order,
  ltp,
  edit,
}: {
  terms: Terms;
  contract: Contract;
  order: OrderRow | null;
  ltp: number | null;
  edit: (changed: Partial<Terms>) => void;
}) {
  const [carry] = productsOf(contract.exchange);
  const product = productOf(terms, contract);
  if (terms.kind !== "ORDER") {
    return (
      <div className="grid grid-cols-2 gap-2">
        <Segments
          label="Type"
          segments={[
            { value: "LIMIT", title: "LIMIT" },
            { value: "MARKET", title: "MARKET" },
          ]}
          value={terms.gttMarket ? "MARKET" : "LIMIT"}
          onChange={(type) => edit({ gttMarket: type === "MARKET" })}
        />
        <p className="self-center text-xs text-quiet">
          {product}: a GTT waits for days, so it is never {carry === "CNC" ? "intraday" : "MIS"}.
        </p>
      </div>
    );
  }
  const choose = (pricetype: PriceType) => {
    const starts = pricetype === "LIMIT" && terms.price === "" && ltp !== null;
    edit({ pricetype, ...(starts && { price: contract.grid.snap(ltp) }) });
  };
  return (
    <div className="grid gap-2">
      <Segments
        label="Type"
        segments={PRICE_TYPES.map((type) => ({ value: type, title: type }))}
        value={terms.pricetype}
        onChange={choose}
      />
      <Segments
        label="Product"
        segments={productsOf(contract.exchange).map((each) => ({
          value: each,
          title: PRODUCT_WORDS[each],
        }))}
        value={product}
        disabled={order !== null}
        onChange={(chosen) => edit({ product: chosen })}
      />
    </div>
  );
}

const PRODUCT_WORDS = { CNC: "CNC delivery", NRML: "NRML carry", MIS: "MIS intraday" } as const;

/** How much of the quantity the market gets to see. */
export function Disclosed({
  terms,
  contract,
  mistakes,
  edit,
}: {
  terms: Terms;
  contract: Contract;
  mistakes: Mistakes;
  edit: (changed: Partial<Terms>) => void;
}) {
  return (
    <details open={terms.disclosed !== "" || undefined} className="text-[13px]">
      <summary className="w-fit cursor-pointer rounded text-quiet hover:text-ink">
        More: disclosed quantity
      </summary>
      <NumberField
        whole
        className="mt-2"
        label={contract.inLots ? "Disclosed lots" : "Disclosed quantity"}
        value={terms.disclosed}
        placeholder="all of it"
        error={mistakes.disclosed}
        hint="What others see of it at a time"
        onChange={(text) => edit({ disclosed: text })}
        onStep={(steps) => stepWhole(terms.disclosed, steps)}
      />
    </details>
  );
}

/** The order that is to change, as it stands. */
export function Waiting({ order, contract }: { order: OrderRow; contract: Contract }) {
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-[13px]">
      <Badge tone="warn">{order.order_status}</Badge>
      <span>
        {formatQuantity(order.filled_quantity)} of {quantityWords(order.quantity, contract)} filled
      </span>
      <span className="text-quiet">Order {order.orderid}</span>
    </p>
  );
}

/** What the account holds of the instrument already. */
export function Held({ contract }: { contract: Contract }) {
  const positions = useQuery(positionsQuery(useAccountKey()));
  const held = (positions.data?.data ?? []).filter(
    (row) =>
      row.symbol === contract.symbol && row.exchange === contract.exchange && row.quantity !== 0,
  );
  if (held.length === 0) return null;
  return (
    <p className="flex justify-between gap-2 text-[13px]">
      <span className="text-quiet">Position now</span>
      <span>
        {held.map((row) => (
          <span key={row.product} className="ml-2">
            <Qty value={row.quantity} signed className="font-medium" /> {row.product} at{" "}
            {contract.grid.format(row.average_price)}
          </span>
        ))}
      </span>
    </p>
  );
}

/** A whole number so many steps further, never below 1. */
export function stepWhole(text: string, steps: number): string {
  const now = Number(text.replaceAll(",", ""));
  return String(Math.max(1, (Number.isFinite(now) ? Math.floor(now) : 0) + steps));
}
