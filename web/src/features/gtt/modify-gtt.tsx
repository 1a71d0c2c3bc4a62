import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, call } from "@/api";
import { type GttRow, modifygttorder } from "@/client";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorLine } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { ticks } from "@/live";
import { useAccountKey } from "../accounts/queries";
import { InWhichMoney } from "../books/bulk-dialog";
import { LivePrice } from "../market/live-price";
import { NumberField } from "../ticket/number-field";
import { PriceGrid } from "../ticket/price-grid";
import { contractQuery } from "../ticket/queries";
import { changed, faultsOf, formOf, type GttForm, isOco, nameOf, sideOf } from "./gtt-rows";

const NO_GRID = new PriceGrid(0.05);

/** Changes quantity, triggers and limits of a GTT that waits. */
export function ModifyGtt({ gtt, onClose }: { gtt: GttRow; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [form, setForm] = useState<GttForm>(() => formOf(gtt));
  const [tried, setTried] = useState(false);
  const market = useMarket(gtt);
  const { data: contract } = useQuery(contractQuery(useAccountKey(), gtt));
  const modify = useMutation({
    mutationFn: () => {
      const body = changed(gtt, form, market);
      if (body === null) throw new Error("This GTT can only be changed at the broker.");
      return call(() => modifygttorder({ body }));
    },
    onSuccess: () => {
      toast("good", `${nameOf(gtt)}: GTT modified`);
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
  const faults = tried ? faultsOf(gtt, form) : {};
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(faultsOf(gtt, form)).length === 0) modify.mutate();
  };
  const limited = gtt.legs[0]?.pricetype === "LIMIT";
  const refused = modify.error instanceof ApiError ? modify.error.fields : {};
  const grid = contract?.grid ?? NO_GRID;
  const lot = contract?.lot ?? 1;
  const number = (name: keyof GttForm, label: string, sent: string) => (
    <NumberField
      label={label}
      error={faults[name] ?? refused[sent]?.[0]}
      whole={name === "quantity"}
      value={form[name]}
      onChange={(text) => setForm({ ...form, [name]: text.replaceAll(",", "") })}
      onStep={(steps) =>
        name === "quantity"
          ? String(Math.max(lot, (Number(form.quantity) || 0) + steps * lot))
          : grid.step(form[name], steps)
      }
    />
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={`Modify ${isOco(gtt) ? "OCO" : "GTT"}: ${nameOf(gtt)}`}
      description={gtt.trigger_id}
    >
      <form noValidate onSubmit={send} className="grid gap-3">
        <p>
          {gtt.symbol} is at{" "}
          <LivePrice symbol={gtt.symbol} exchange={gtt.exchange} known={{ ltp: gtt.last_price }} />
          {contract && contract.lot > 1 && `, traded in lots of ${contract.lot}`}
        </p>
        {number("quantity", "Quantity", "quantity")}
        {isOco(gtt) ? (
          <>
            <div className="grid grid-cols-2 gap-3">
              {number("slTrigger", "Stop-loss trigger", "triggerprice_sl")}
              {limited && number("slPrice", "Stop-loss limit", "stoploss")}
            </div>
            <div className="grid grid-cols-2 gap-3">
              {number("tgTrigger", "Target trigger", "triggerprice_tg")}
              {limited && number("tgPrice", "Target limit", "target")}
            </div>
          </>
        ) : (
          <>
            <div className="grid grid-cols-2 gap-3">
              {number("slTrigger", "Trigger", "triggerprice_sl")}
              {limited && number("slPrice", "Limit", "price")}
            </div>
            {Number(form.slTrigger) > 0 && (
              <p className="text-quiet">
                Fires when {gtt.symbol}{" "}
                {sideOf(Number(form.slTrigger), market) === "below" ? "falls" : "rises"} to{" "}
                {form.slTrigger}.
              </p>
            )}
          </>
        )}
        <InWhichMoney />
        <ErrorLine error={modify.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep as it is</Button>
          <Button type="submit" kind="primary" busy={modify.isPending}>
            Modify
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The last price; one form may hear of every tick. */
function useMarket({ symbol, exchange, last_price }: GttRow): number {
  const [price, setPrice] = useState(last_price);
  useEffect(
    () => ticks.watch({ symbol, exchange }, "LTP", ({ ltp }) => ltp !== undefined && setPrice(ltp)),
    [symbol, exchange],
  );
  return price;
}
