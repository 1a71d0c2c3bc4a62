import { type FormEvent, useEffect, useRef, useState } from "react";
import type { AccountRow, OrderRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Segments } from "@/components/ui/segments";
import { ErrorLine } from "@/components/ui/states";
import { PHONE } from "@/lib/media";
import { formatMoney, formatQuantity } from "@/lib/numbers";
import { ConfirmLive } from "./confirm-live";
import { type Contract, quantityWords, splitFits, splitOf, splitWords, unitsOf } from "./contract";
import { rememberProduct } from "./drafts";
import { Disclosed, Held, stepWhole, TypeAndProduct, Waiting } from "./form-parts";
import { MarginStrip } from "./margin-strip";
import { NumberField } from "./number-field";
import { Outcome } from "./outcome";
import { PriceFields } from "./price-fields";
import {
  changes,
  gttRequest,
  marginRequest,
  modifyRequest,
  orderRequest,
  worthOf,
} from "./requests";
import type { Plan } from "./send";
import { fieldsOf, type Kind, type Mistakes, mistakesOf, type Terms } from "./terms";
import { useMargin } from "./use-margin";
import type { Market } from "./use-market";
import { useSending } from "./use-sending";
import { buttonWords, summaryOf } from "./words";

const SIDES = [
  { value: "BUY", title: "BUY", className: "has-checked:bg-accent has-checked:text-on-accent" },
  { value: "SELL", title: "SELL", className: "has-checked:bg-loss has-checked:text-surface" },
] as const;
const KINDS = [
  { value: "ORDER", title: "Order" },
  { value: "SINGLE", title: "GTT" },
  { value: "OCO", title: "GTT OCO" },
] as const;

/** What is typed, the rules it follows, and the one button that sends it. */
export function OrderForm({
  contract,
  account,
  market,
  order,
  terms,
  change,
  onSent,
  onClose,
}: {
  contract: Contract;
  account: AccountRow;
  market: Market;
  /** The order that is to change; without it, a new one is made. */
  order: OrderRow | null;
  terms: Terms;
  change: (changed: Partial<Terms>) => void;
  onSent: () => void;
  onClose: () => void;
}) {
  const paper = account.analyze_mode;
  const { ltp } = market;
  const [tried, setTried] = useState(false);
  const [unchanged, sayUnchanged] = useState(false);
  const [confirming, confirm] = useState<Plan | null>(null);
  const sending = useSending(account, contract.symbol, () => {
    confirm(null);
    setTried(false);
    if (terms.kind === "ORDER") rememberProduct(contract.exchange, terms.product);
    onSent();
  });
  const quantity = useFirstFocus();

  const all = mistakesOf(terms, contract, { ltp, ...alreadyOf(order, contract) });
  const complete = Object.keys(all).length === 0;
  const shown = tried ? all : onlyTyped(all, terms);
  const fields = fieldsOf(terms);
  const units = unitsOf(terms.quantity, contract);
  const split = terms.kind === "ORDER" && units !== null ? splitOf(units, contract) : null;
  const margin = useMargin(complete && order === null ? marginRequest(terms, contract) : null);
  const worth = worthOf(terms, contract, terms.action === "BUY" ? market.ask : market.bid);
  const asking = { terms, contract, paper, modifies: order !== null };
  const tooLarge = tooLargeWords(split, order !== null);

  if (sending.sent || sending.unknown) {
    return (
      <Outcome
        sending={sending}
        contract={contract}
        title={summaryOf(asking).title}
        modifies={order !== null}
        onClose={onClose}
        onAgain={() => {
          confirm(null);
          sending.again();
        }}
      />
    );
  }

  const planned = (): Plan => {
    if (order) return { kind: "modify", body: modifyRequest(terms, contract, order) };
    if (terms.kind !== "ORDER") return { kind: "gtt", body: gttRequest(terms, contract, ltp) };
    const body = orderRequest(terms, contract);
    return split ? { kind: "split", body, size: split.size } : { kind: "order", body };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const nothing = order !== null && !changes(terms, contract, order);
    sayUnchanged(nothing);
    if (!complete || nothing || tooLarge || sending.busy) return;
    if (paper) sending.send(planned());
    else confirm(planned());
  };
  const edit = (changed: Partial<Terms>) => {
    sayUnchanged(false);
    change(changed);
  };

  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label={order ? "Change of the order" : "Order"}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div className="grid min-h-0 content-start gap-3 overflow-y-auto p-3">
        <Segments
          label="Side"
          segments={SIDES}
          value={terms.action}
          disabled={order !== null}
          onChange={(action) => edit({ action })}
          className="text-sm font-bold"
        />
        {order ? (
          <Waiting order={order} contract={contract} />
        ) : (
          <Segments
            label="Kind"
            segments={KINDS}
            value={terms.kind}
            onChange={(kind: Kind) => edit({ kind })}
          />
        )}
        <TypeAndProduct terms={terms} contract={contract} order={order} ltp={ltp} edit={edit} />
        <div className="grid gap-1">
          <NumberField
            whole={!contract.fractional}
            inputRef={quantity}
            label={contract.inLots ? "Lots" : "Quantity"}
            value={terms.quantity}
            error={shown.quantity}
            beside={
              <span className="text-quiet">
                {contract.inLots
                  ? `1 lot = ${formatQuantity(contract.lot)} units`
                  : units !== null && quantityWords(units, contract)}
              </span>
            }
            onChange={(text) => edit({ quantity: text })}
            onStep={(steps) => stepWhole(terms.quantity, steps)}
          />
          {contract.inLots && units !== null && (
            <p className="text-[13px] font-medium">= {quantityWords(units, contract)}</p>
          )}
          {tooLarge ? (
            <p role="alert" className="text-xs text-loss">
              {tooLarge}
            </p>
          ) : (
            split && (
              <p className="rounded bg-warn-soft px-2 py-1 text-xs text-warn">
                The exchange takes at most {formatQuantity(contract.freeze)} units at once, so this
                goes as {splitWords(split)}.
              </p>
            )
          )}
        </div>
        <PriceFields
          fields={fields}
          terms={terms}
          contract={contract}
          mistakes={shown}
          ltp={ltp}
          change={edit}
        />
        {fields.includes("disclosed") && (
          <Disclosed terms={terms} contract={contract} mistakes={shown} edit={edit} />
        )}
      </div>
      <div className="mt-auto grid shrink-0 gap-2 border-t border-line p-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        {order === null && <MarginStrip margin={margin} paper={paper} />}
        <p className="flex justify-between gap-2 text-[13px]">
          <span className="text-quiet">Value</span>
          <span className="num font-medium">{formatMoney(worth)}</span>
        </p>
        <Held contract={contract} />
        {!confirming && sending.error && (
          <div className="grid gap-1">
            <p className="text-[13px] font-bold text-loss">
              {order ? "Not changed" : "Not placed"}
            </p>
            <ErrorLine error={sending.error} />
          </div>
        )}
        {unchanged && (
          <p role="status" className="text-[13px] text-warn">
            Nothing is changed yet.
          </p>
        )}
        <Button
          type="submit"
          kind={paper ? "paper" : "live"}
          size="large"
          busy={sending.busy}
          className="font-bold whitespace-normal"
        >
          {sending.busy ? "Sending…" : `${buttonWords(asking)}${paper ? "" : "…"}`}
        </Button>
      </div>
      {!paper && (
        <ConfirmLive
          open={confirming !== null}
          account={account}
          summary={{
            ...summaryOf(asking),
            value: worth,
            margin: margin.busy ? null : margin.required,
          }}
          verb={buttonWords(asking)}
          busy={sending.busy}
          error={sending.error}
          onClose={() => confirm(null)}
          onConfirm={() => confirming && sending.send(confirming)}
        />
      )}
    </form>
  );
}

/** The quantity has the focus first, but on a phone, where that opens the keyboard over the form. */
function useFirstFocus() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!window.matchMedia(PHONE).matches) field.current?.focus();
  }, []);
  return field;
}

function alreadyOf(order: OrderRow | null, contract: Contract) {
  if (order === null) return {};
  const reached = order.order_status === "open" && order.trigger_price > 0;
  return {
    filled: order.filled_quantity,
    ...(reached && { triggered: contract.grid.snap(order.trigger_price) }),
  };
}

/** Mistakes of fields that are still empty are not told before the first attempt. */
function onlyTyped(mistakes: Mistakes, terms: Terms): Mistakes {
  return Object.fromEntries(
    Object.entries(mistakes).filter(([field]) => terms[field as keyof Mistakes].trim() !== ""),
  );
}

function tooLargeWords(split: ReturnType<typeof splitOf>, modifies: boolean): string | null {
  if (split === null) return null;
  if (modifies) {
    return `At most ${formatQuantity(split.size)} units: an order that waits cannot be split.`;
  }
  return splitFits(split) ? null : `This would be ${split.parts.length} orders; 100 go at once.`;
}
