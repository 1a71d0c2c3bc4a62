import { lazy, Suspense, useEffect } from "react";
import { isBare, isBlocked, isTyping } from "@/lib/keys";
import { useStore } from "@/lib/store";
import { SymbolSearch } from "../market/symbol-search";
import { type Asked, asked, askForInstrument, askForOrder, closeTicket } from "./ask";
import { isTradable } from "./contract";

const Ticket = lazy(async () => ({ default: (await import("./ticket")).Ticket }));

const numbers = new WeakMap<NonNullable<Asked>, number>();
let last = 0;

/** The place of the ticket in the shell; its code is loaded when somebody first asks for it. */
export function TicketHost() {
  const task = useStore(asked);
  useOrderKeys();
  const search = task?.kind === "search" ? task : null;
  return (
    <>
      <SymbolSearch
        open={search !== null}
        onOpenChange={(open) => open || closeTicket()}
        title={`${search?.action === "SELL" ? "Sell" : "Buy"} which instrument?`}
        text={search?.text ?? ""}
        accepts={isTradable}
        onChoose={(chosen) => askForOrder({ ...chosen, action: search?.action ?? "BUY" })}
      />
      <Suspense fallback={null}>
        {task !== null && task.kind !== "search" && <Ticket key={numberOf(task)} task={task} />}
      </Suspense>
    </>
  );
}

/** Who asks anew gets a ticket anew, also for the same instrument. */
function numberOf(task: NonNullable<Asked>): number {
  const known = numbers.get(task);
  if (known !== undefined) return known;
  last += 1;
  numbers.set(task, last);
  return last;
}

/** B and S open the ticket for the row that has the focus, or else the pointer. */
function useOrderKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (key !== "b" && key !== "s") return;
      if (!isBare(event) || isTyping(event.target) || isBlocked()) return;
      event.preventDefault();
      const action = key === "b" ? "BUY" : "SELL";
      const instrument = pointedAt();
      if (instrument === null) askForInstrument(action);
      else if (isTradable(instrument.exchange)) askForOrder({ ...instrument, action });
      else askForInstrument(action, instrument.symbol);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

function pointedAt(): { symbol: string; exchange: string } | null {
  const row =
    document.activeElement?.closest<HTMLElement>("[data-symbol]") ??
    [...document.querySelectorAll<HTMLElement>("[data-symbol]:hover")].at(-1);
  const { symbol, exchange } = row?.dataset ?? {};
  return symbol && exchange ? { symbol, exchange } : null;
}
