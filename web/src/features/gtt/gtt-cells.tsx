import type { ReactNode } from "react";
import type { GttRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Price, Qty, Time } from "@/components/ui/figures";
import { InstrumentName } from "@/components/ui/instrument-name";
import type { Column } from "@/components/ui/table";
import { Side, SYMBOL_COLUMN } from "../books/cells";
import { LivePrice } from "../market/live-price";
import { isOco, isWaiting } from "./gtt-rows";

export const GTT_COLUMNS: readonly Column<GttRow>[] = [
  {
    id: "created",
    title: "Created",
    sortBy: (gtt) => `${gtt.created_at} ${gtt.trigger_id}`,
    cell: (gtt) => <Time value={gtt.created_at} />,
  },
  { id: "type", title: "Type", sortBy: (gtt) => gtt.trigger_type, cell: typeOf },
  SYMBOL_COLUMN,
  {
    id: "triggers",
    title: "Triggers",
    numeric: true,
    sortBy: (gtt) => gtt.trigger_prices[0] ?? null,
    cell: (gtt) => <Triggers gtt={gtt} />,
  },
  { id: "ltp", title: "LTP", numeric: true, cell: (gtt) => <Market gtt={gtt} /> },
  { id: "legs", title: "Orders", cell: (gtt) => <Legs gtt={gtt} /> },
  {
    id: "status",
    title: "Status",
    sortBy: (gtt) => gtt.status,
    cell: (gtt) => <Status gtt={gtt} />,
  },
  {
    id: "expires",
    title: "Expires",
    sortBy: (gtt) => gtt.expires_at,
    cell: (gtt) => <Time value={gtt.expires_at} />,
  },
  {
    id: "strategy",
    title: "Strategy",
    sortBy: (gtt) => gtt.strategy ?? null,
    cell: (gtt) => gtt.strategy,
  },
  {
    id: "trigger_id",
    title: "Trigger id",
    sortBy: (gtt) => gtt.trigger_id,
    cell: (gtt) => <span className="num">{gtt.trigger_id}</span>,
  },
];

export function GttCard({ gtt, actions }: { gtt: GttRow; actions: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <span className="flex items-center justify-between gap-2">
        <span className="min-w-0 truncate font-medium">
          {gtt.legs[0] && <Side action={gtt.legs[0].action} />}{" "}
          <Qty value={gtt.legs[0]?.quantity} /> <InstrumentName {...gtt} />
        </span>
        <Status gtt={gtt} />
      </span>
      <span className="flex flex-wrap items-center justify-between gap-2 text-[13px] text-quiet">
        <span>
          {typeOf(gtt)} at <Triggers gtt={gtt} />
          {isWaiting(gtt) && (
            <>
              {" "}
              · now <Market gtt={gtt} />
            </>
          )}
        </span>
        <span className="ml-auto">{actions}</span>
      </span>
    </div>
  );
}

function typeOf(gtt: GttRow): string {
  return isOco(gtt) ? "OCO" : "Single";
}

function Triggers({ gtt }: { gtt: GttRow }) {
  return (
    <span className="num">
      {gtt.trigger_prices.map((price, index) => (
        <span key={price}>
          {index > 0 && " / "}
          <Price value={price} />
        </span>
      ))}
    </span>
  );
}

/** The price now; of what is done, none: it matters no more. */
function Market({ gtt }: { gtt: GttRow }) {
  if (!isWaiting(gtt)) return null;
  return <LivePrice symbol={gtt.symbol} exchange={gtt.exchange} known={{ ltp: gtt.last_price }} />;
}

function Legs({ gtt }: { gtt: GttRow }) {
  const [leg] = gtt.legs;
  if (leg === undefined) return "—";
  return (
    <>
      <Side action={leg.action} /> <Qty value={leg.quantity} /> {leg.product}{" "}
      {leg.pricetype === "MARKET" ? (
        "at market"
      ) : (
        <>
          at{" "}
          {gtt.legs.map((each, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: legs have no name and keep their places
            <span key={index}>
              {index > 0 && " / "}
              <Price value={each.price} />
            </span>
          ))}
        </>
      )}
    </>
  );
}

function Status({ gtt }: { gtt: GttRow }) {
  switch (gtt.status) {
    case "active":
      return <Badge tone="warn">waits</Badge>;
    case "triggered":
      return <Badge tone="gain">✓ triggered</Badge>;
    case "rejected":
      return <Badge tone="loss">✕ rejected</Badge>;
    default:
      return <Badge>{gtt.status}</Badge>;
  }
}
