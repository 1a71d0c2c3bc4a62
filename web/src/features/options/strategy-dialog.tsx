import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { OptionChainReply } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { ErrorLine } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/numbers";
import { useAccountKey } from "../accounts/queries";
import { addToBasket, basketIsOpen } from "../basket/basket";
import { NumberInput } from "../basket/number-input";
import { hasWidth, isCalendar, resolve, TEMPLATES, type Template } from "../basket/templates";
import { type ChainOf, chainQuery } from "./queries";
import { spoken } from "./selector";

const WIDTHS = [1, 2, 3, 4, 5, 6, 8, 10] as const;
/** Enough to find the strike at the money in the next expiry. */
const FEW = 20;

/** Puts a well-known strategy into the basket, around the strike at the money. */
export function StrategyDialog({
  open,
  onOpenChange,
  ...chosen
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  chain: OptionChainReply;
  of: ChainOf;
  /** The expiry after this one. */
  next: string | undefined;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add a strategy"
      description={`${chosen.of.underlying}, ${spoken(chosen.of.expiry)}, around ${formatNumber(chosen.chain.atm_strike, { decimals: 0 })}. Nothing is sent yet.`}
      className="max-w-2xl"
    >
      <Choice {...chosen} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Choice({
  chain,
  of,
  next,
  onDone,
}: {
  chain: OptionChainReply;
  of: ChainOf;
  next: string | undefined;
  onDone: () => void;
}) {
  const [template, choose] = useState<Template | undefined>(TEMPLATES[0]);
  const [width, setWidth] = useState<number>(2);
  const [lots, setLots] = useState<number | null>(1);
  const calendar = template !== undefined && isCalendar(template);
  const later = useQuery(
    chainQuery(
      useAccountKey(),
      calendar && next ? { ...of, expiry: next, strikes: FEW } : undefined,
    ),
  );
  const waits = calendar && next !== undefined && later.isPending;
  const found =
    template &&
    !waits &&
    resolve(template, chain.chain, chain.atm_strike, width, later.data?.chain);
  const legs = found && "legs" in found ? found.legs : [];
  const count = lots !== null && Number.isInteger(lots) && lots > 0 ? lots : null;
  const add = () => {
    if (count === null) return;
    addToBasket(
      ...legs.map(({ symbol, action, price }) => ({
        symbol,
        action,
        price,
        exchange: of.exchange,
        lots: count,
      })),
    );
    basketIsOpen.set(true);
    onDone();
  };
  return (
    <>
      <fieldset className="grid grid-cols-2 gap-1.5 sm:grid-cols-3">
        <legend className="sr-only">Strategy</legend>
        {TEMPLATES.map((each) => (
          <button
            key={each.id}
            type="button"
            aria-pressed={each === template}
            onClick={() => choose(each)}
            className={cn(
              "rounded-md border px-2.5 py-1.5 text-left hover:bg-raised",
              each === template ? "border-accent bg-accent/8" : "border-line",
            )}
          >
            <span className="block font-medium">{each.title}</span>
            <span className="text-[13px] text-quiet">it {each.outlook}</span>
          </button>
        ))}
      </fieldset>
      <div className="flex flex-wrap gap-3">
        {template && hasWidth(template) && (
          <Field label="Distance" className="w-40">
            {(attributes) => (
              <Select
                {...attributes}
                value={width}
                onChange={({ target }) => setWidth(Number(target.value))}
              >
                {WIDTHS.map((each) => (
                  <option key={each} value={each}>
                    {each === 1 ? "1 strike" : `${each} strikes`}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <div className="grid w-24 gap-1">
          <span aria-hidden className="text-[13px] font-medium">
            Lots
          </span>
          <NumberInput label="Lots" value={lots} onChange={setLots} className="text-right num" />
        </div>
      </div>
      {waits && <p className="text-quiet">Looking at {next && spoken(next)}…</p>}
      <ErrorLine error={later.error} />
      {found && "problem" in found && !later.isError && (
        <p className="text-warn">{found.problem}</p>
      )}
      {legs.length > 0 && (
        <ul className="rounded-md border border-line">
          {legs.map(({ symbol, action, strike, type, price }) => (
            <li
              key={symbol}
              className="flex items-center justify-between gap-3 border-b border-line px-3 py-1.5 last:border-0"
            >
              <span>
                <Badge tone={action === "BUY" ? "accent" : "loss"}>{action}</Badge>{" "}
                <span className="num">
                  {formatNumber(strike, { decimals: 0 })} {type}
                </span>{" "}
                <span className="text-[13px] text-quiet">{symbol}</span>
              </span>
              <span className="num">{formatNumber(price)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button kind="primary" disabled={legs.length === 0 || count === null} onClick={add}>
          Add {legs.length > 0 ? `${legs.length} legs` : ""} to the basket
        </Button>
      </div>
    </>
  );
}
