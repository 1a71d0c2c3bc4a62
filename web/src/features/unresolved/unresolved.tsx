import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { UnresolvedRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy";
import { Qty, Time } from "@/components/ui/figures";
import { ErrorLine } from "@/components/ui/states";
import { useAccount } from "../accounts/queries";
import { Side } from "../books/cells";
import { unresolvedQuery } from "./queries";
import { SettleDialog } from "./settle-dialog";

/** Orders that were sent and never answered for; nothing is shown while there are none. */
export function Unresolved() {
  const account = useAccount();
  const orders = useQuery({
    ...unresolvedQuery(account?.id ?? null),
    enabled: account !== undefined,
  });
  const [settling, settle] = useState<UnresolvedRow | null>(null);
  if (orders.isError) return <ErrorLine error={orders.error} />;
  if (!orders.data?.length) return null;
  const broker = account?.broker_name ?? "the broker";
  return (
    <Card
      id="unresolved"
      className="mb-3 border-loss/50"
      title={`Nobody knows what became of ${orders.data.length === 1 ? "this order" : `these ${orders.data.length} orders`}`}
    >
      <div className="grid gap-3">
        <p className="max-w-prose">
          It was sent to {broker}, no answer came, and the order book shown to us could not tell. It
          may be working there. Do not send it again before you have looked.
        </p>
        <ol className="max-w-prose list-decimal pl-5">
          <li>
            Open the order book of {broker}'s own app or web page, of the day the order was sent.
          </li>
          <li>
            Look for its tag, or for the same symbol, side and quantity within a minute of the time
            below.
          </li>
          <li>Say here what you found. Programs that repeat the order are told so.</li>
        </ol>
        <ul className="grid gap-2">
          {orders.data.map((order) => (
            <li
              key={order.reference}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-line p-3"
            >
              <div className="min-w-0 flex-1 basis-64">
                <p className="font-medium">
                  <Side action={order.action} /> <Qty value={order.quantity} /> {order.symbol}{" "}
                  <span className="text-xs text-quiet">
                    {order.exchange} · {order.product} · {order.pricetype}
                    {order.kind === "placegttorder" && " · GTT"}
                  </span>
                </p>
                <p className="text-[13px] text-quiet">
                  Sent <Time value={order.sent_at} /> by {order.strategy || "no strategy"}.{" "}
                  {order.message}
                </p>
                <p className="flex flex-wrap items-center gap-2 text-[13px]">
                  Tag <code className="font-mono">{order.reference}</code>
                  <CopyButton text={order.reference} label="Copy tag" />
                </p>
              </div>
              <Button onClick={() => settle(order)}>Say what became of it</Button>
            </li>
          ))}
        </ul>
      </div>
      {settling && (
        <SettleDialog
          key={settling.reference}
          order={settling}
          broker={broker}
          onClose={() => settle(null)}
        />
      )}
    </Card>
  );
}
