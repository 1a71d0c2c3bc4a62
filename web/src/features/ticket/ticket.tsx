import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { AccountRow, OrderRow } from "@/client";
import { Button } from "@/components/ui/button";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { useAccount, useAccountKey } from "../accounts/queries";
import { LivePrice } from "../market/live-price";
import { askForInstrument, closeTicket, type Draft, type Moved } from "./ask";
import { type Contract, isTradable } from "./contract";
import { DepthPanel } from "./depth-panel";
import { draftOf, dropDraft, keepDraft, lastProduct } from "./drafts";
import { OrderForm } from "./order-form";
import { useHearOrders } from "./order-news";
import { contractQuery } from "./queries";
import { termsOfOrder } from "./requests";
import { blankTerms, suggest, type Terms } from "./terms";
import { TicketPanel } from "./ticket-panel";
import { useMarket } from "./use-market";

export type Task =
  | { kind: "new"; draft: Draft; typed?: boolean }
  | { kind: "modify"; order: OrderRow; moved?: Moved };

/** The order ticket: one instrument, its market, and an order for it. */
export function Ticket({ task }: { task: Task }) {
  useHearOrders();
  const account = useAccount();
  const { symbol, exchange } = task.kind === "new" ? task.draft : task.order;
  const tradable = isTradable(exchange);
  const contract = useQuery({
    ...contractQuery(useAccountKey(), { symbol, exchange }),
    enabled: tradable,
  });
  return (
    <TicketPanel
      title={`${task.kind === "new" ? "Order ticket" : "Change an order"}: ${symbol}`}
      account={account}
      instrument={{ symbol, exchange }}
      onClose={closeTicket}
    >
      {!tradable && (
        <ErrorState
          error={
            new Error(
              `${symbol} is an index, which nobody can trade. Choose a share, future or option.`,
            )
          }
          onRetry={() => askForInstrument("BUY", symbol)}
        />
      )}
      {tradable && contract.isPending && <SkeletonRows />}
      {contract.isError && <ErrorState error={contract.error} onRetry={() => contract.refetch()} />}
      {contract.isSuccess && account && (
        <Desk
          key={`${account.id} ${account.analyze_mode}`}
          task={task}
          contract={contract.data}
          account={account}
        />
      )}
    </TicketPanel>
  );
}

function Desk({
  task,
  contract,
  account,
}: {
  task: Task;
  contract: Contract;
  account: AccountRow;
}) {
  const order = task.kind === "modify" ? task.order : null;
  const [terms, setTerms] = useState(() => firstTerms(task, contract, account.id));
  const { market, book, error } = useMarket(contract);
  useEffect(() => {
    if (order === null) keepDraft(account.id, contract, terms);
  }, [order, account.id, contract, terms]);
  const change = (changed: Partial<Terms>) => setTerms((now) => ({ ...now, ...changed }));
  const { ltp } = market;
  const { grid } = contract;
  // Only what came from elsewhere can be a limit without a price; it begins at the market.
  const waits = terms.kind === "ORDER" && terms.pricetype === "LIMIT" && terms.price === "";
  const [begun, begin] = useState(!waits);
  useEffect(() => {
    if (begun || ltp === null) return;
    begin(true);
    setTerms((now) => ({ ...now, price: now.price || grid.snap(ltp) }));
  }, [begun, ltp, grid]);

  return (
    <>
      <div className="grid shrink-0 gap-2 border-b border-line p-3">
        <div className="flex items-start justify-between gap-2">
          <div className="min-w-0">
            <p className="truncate text-base font-semibold">
              {contract.symbol}{" "}
              <span className="text-xs font-normal text-quiet">{contract.exchange}</span>
            </p>
            <p className="truncate text-xs text-quiet">
              {contract.name}, {grid.tickText}
            </p>
          </div>
          {order === null && (
            <Button
              size="small"
              aria-label="Change the instrument"
              onClick={() => askForInstrument(terms.action, contract.symbol)}
            >
              Change
            </Button>
          )}
        </div>
        <p className="text-lg leading-6 font-semibold">
          <LivePrice
            symbol={contract.symbol}
            exchange={contract.exchange}
            withChange
            decimals={grid.decimals}
            {...(book ? { known: book } : {})}
          />
        </p>
        {error && <p className="text-xs text-warn">No market depth: {error.message}</p>}
        <DepthPanel
          instrument={contract}
          grid={grid}
          first={book}
          onPick={(price) => change(pickedPrice(terms, grid.snap(price)))}
        />
      </div>
      <OrderForm
        contract={contract}
        account={account}
        market={market}
        order={order}
        terms={terms}
        change={change}
        onSent={() => dropDraft(account.id, contract)}
        onClose={closeTicket}
      />
    </>
  );
}

/** Where a price of the depth goes: a market order becomes a limit, a stop gets its limit. */
function pickedPrice(terms: Terms, price: string): Partial<Terms> {
  if (terms.kind === "ORDER" && terms.pricetype === "MARKET") return { pricetype: "LIMIT", price };
  if (terms.kind === "ORDER" && terms.pricetype === "SL-M") return { trigger: price };
  if (terms.kind === "OCO") return {};
  return { price };
}

function firstTerms(task: Task, contract: Contract, account: number): Terms {
  if (task.kind === "modify") {
    const blank = blankTerms(contract, task.order.action, null);
    return suggest({ ...blank, ...termsOfOrder(task.order, contract) }, task.moved ?? {}, contract);
  }
  const blank = blankTerms(contract, task.draft.action, lastProduct(contract.exchange));
  const typed = draftOf(account, contract);
  const terms = { ...blank, ...typed };
  return task.typed && typed ? terms : suggest(terms, task.draft, contract);
}
