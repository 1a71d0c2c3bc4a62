import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleX, Clock3, Loader, type LucideIcon, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { call } from "@/api";
import { cancelgttorder, cancelorder } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ErrorLine } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { formatQuantity } from "@/lib/numbers";
import { onEvents } from "@/live";
import { isOpen } from "../orders/order-rows";
import type { Contract } from "./contract";
import { type OrderNews, useFoundOrder, useOrderNews } from "./order-news";
import type { PriceGrid } from "./price-grid";
import { STRATEGY } from "./requests";
import type { Sent, SentOrder, UnsureOrder } from "./send";

/** Of an order that the server keeps a record of. */
export const SEARCHED =
  "The server looks for it in the broker's order book and says here what it finds.";

const TONES = { good: "text-gain", bad: "text-loss", waits: "text-warn", plain: "text-quiet" };

/** What became of what was sent, line by line, as the exchange tells it. */
export function OrderLines({
  sent,
  contract,
  onFound,
}: {
  sent: Sent;
  contract: Contract;
  onFound: (reference: string) => void;
}) {
  if (sent.kind === "queued") {
    return (
      <Line Icon={Clock3} tone="waits" title="Waits for your approval">
        Nothing was sent yet. Decide in the{" "}
        <Link to="/action-center" className="underline">
          Action Center
        </Link>
        .
      </Line>
    );
  }
  if (sent.kind === "gtt") return <GttLine triggerId={sent.triggerId} paper={sent.paper} />;
  return (
    <div className="grid gap-2">
      {sent.orders.map((order) => (
        <OrderLine
          key={order.orderid}
          order={order}
          grid={contract.grid}
          changed={sent.changed}
          paper={sent.paper}
        />
      ))}
      {sent.unsure.map((order, number) => (
        <UnsureLine
          // biome-ignore lint/suspicious/noArrayIndexKey: the list does not change
          key={number}
          order={order}
          grid={contract.grid}
          paper={sent.paper}
          onFound={onFound}
        />
      ))}
      {sent.refused.map(({ quantity, message }, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list does not change
        <Line key={number} Icon={CircleX} tone="bad" title={`${formatQuantity(quantity)} rejected`}>
          {message}
        </Line>
      ))}
    </div>
  );
}

/** A part that was not answered, until the server has found out at the broker. */
function UnsureLine({
  order: { quantity, message, reference },
  grid,
  paper,
  onFound,
}: {
  order: UnsureOrder;
  grid: PriceGrid;
  paper: boolean;
  onFound: (reference: string) => void;
}) {
  const orderid = useFoundOrder(reference);
  useEffect(() => {
    if (orderid !== undefined && reference !== null) onFound(reference);
  }, [orderid, reference, onFound]);
  if (orderid !== undefined) {
    return <OrderLine order={{ orderid, quantity }} grid={grid} changed={false} paper={paper} />;
  }
  return (
    <Line
      Icon={TriangleAlert}
      tone="bad"
      title={`Outcome unknown: ${formatQuantity(quantity)}`}
      aside={<ModeWord paper={paper} />}
    >
      <p>{message}</p>
      {reference !== null && <p className="mt-1">{SEARCHED}</p>}
    </Line>
  );
}

function OrderLine({
  order: { orderid, quantity },
  grid,
  changed,
  paper,
}: {
  order: SentOrder;
  grid: PriceGrid;
  changed: boolean;
  paper: boolean;
}) {
  const { news, error } = useOrderNews(orderid);
  const cancel = useMutation({
    mutationFn: (strategy: string) => call(() => cancelorder({ body: { strategy, orderid } })),
  });
  const { title, text, tone, Icon } = wordsFor(news, quantity, grid, changed);
  return (
    <Line Icon={Icon} tone={tone} title={title} aside={<ModeWord paper={paper} />}>
      {text}
      <span className="block text-xs text-quiet">Order {orderid}</span>
      {error && (
        <span className="block text-warn">
          How it stands could not be read: {error.message} Look at the{" "}
          <Link to="/orderbook" className="underline">
            orderbook
          </Link>
          .
        </span>
      )}
      <ErrorLine error={cancel.error} />
      {news && isOpen(news) && (
        <Button
          size="small"
          className="mt-1 text-loss"
          busy={cancel.isPending}
          onClick={() => cancel.mutate(news.strategy)}
        >
          Cancel order
        </Button>
      )}
    </Line>
  );
}

interface Words {
  title: string;
  text?: string;
  tone: keyof typeof TONES;
  Icon: LucideIcon;
}

function wordsFor(
  news: OrderNews | undefined,
  quantity: number,
  grid: PriceGrid,
  changed: boolean,
): Words {
  const accepted = changed ? "Changed" : "Accepted";
  if (news === undefined) {
    return { title: `${accepted}: ${formatQuantity(quantity)}`, tone: "plain", Icon: Loader };
  }
  const all = formatQuantity(news.quantity);
  const part = formatQuantity(news.filled_quantity);
  const filled = `${part} of ${all} filled${
    news.filled_quantity ? ` at ${grid.format(news.average_price)} on average` : ""
  }`;
  switch (news.order_status) {
    case "complete":
      return {
        title: `Filled: ${all} at ${grid.format(news.average_price)}`,
        tone: "good",
        Icon: CircleCheck,
      };
    case "rejected":
      return { title: `Rejected: ${all}`, text: news.rejection_reason, tone: "bad", Icon: CircleX };
    case "cancelled":
      return { title: `Cancelled: ${filled}`, tone: "plain", Icon: CircleX };
    case "trigger pending":
      return {
        title: `${accepted}: ${all}`,
        text: `Waits for its trigger at ${grid.format(news.trigger_price)}`,
        tone: "waits",
        Icon: Clock3,
      };
    case "open":
      return {
        title:
          news.pricetype === "MARKET"
            ? `Open: ${all}`
            : `Open: ${all} at ${grid.format(news.price)}`,
        text: filled,
        tone: "waits",
        Icon: Clock3,
      };
  }
}

function GttLine({ triggerId, paper }: { triggerId: string; paper: boolean }) {
  const cancel = useMutation({
    mutationFn: () =>
      call(() => cancelgttorder({ body: { strategy: STRATEGY, trigger_id: triggerId } })),
  });
  const [heard, hear] = useState("placed");
  useEffect(
    () =>
      onEvents(
        ({ event, data }) => {
          if (event === "gtt_event" && data.trigger_id === triggerId) hear(String(data.event));
        },
        () => {},
      ),
    [triggerId],
  );
  const now = cancel.isSuccess ? "cancelled" : heard;
  const waits = now === "placed" || now === "modified";
  return (
    <Line
      Icon={waits ? Clock3 : now === "triggered" ? CircleCheck : CircleX}
      tone={waits ? "waits" : now === "triggered" ? "good" : "plain"}
      title={waits ? "GTT set: waits for the price" : `GTT ${now}`}
      aside={<ModeWord paper={paper} />}
    >
      <span className="block text-xs text-quiet">{triggerId}</span>
      <ErrorLine error={cancel.error} />
      {waits && (
        <Button
          size="small"
          className="mt-1 text-loss"
          busy={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          Cancel GTT
        </Button>
      )}
    </Line>
  );
}

function ModeWord({ paper }: { paper: boolean }) {
  return <Badge tone={paper ? "paper" : "live"}>{paper ? "PAPER" : "REAL MONEY"}</Badge>;
}

export function Line({
  Icon,
  tone,
  title,
  aside,
  children,
}: {
  Icon: LucideIcon;
  tone: keyof typeof TONES;
  title: string;
  aside?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="grid grid-cols-[auto_1fr_auto] gap-x-2 rounded-md border border-line p-2.5">
      <Icon aria-hidden className={cn("mt-0.5 size-4", TONES[tone])} />
      <div className="min-w-0">
        <p className={cn("font-semibold", TONES[tone])}>{title}</p>
        {children}
      </div>
      <span>{aside}</span>
    </div>
  );
}
