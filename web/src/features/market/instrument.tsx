import { queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/api";
import { type Exchange, symbol_ as instrument } from "@/client";
import { Qty } from "@/components/ui/figures";
import { inLots } from "@/lib/contracts";
import { formatQuantity } from "@/lib/numbers";
import { useAccountKey } from "../accounts/queries";

/** Lot size, tick size and what else is known of an instrument: the same all day. */
export function instrumentQuery(account: number | null, symbol: string, exchange: string) {
  return queryOptions({
    // Events of the account do not make it old.
    queryKey: ["instrument", account, exchange, symbol],
    queryFn: async ({ signal }) =>
      (await call(() => instrument({ body: { symbol, exchange: exchange as Exchange }, signal })))
        .data,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

export function useInstrument(symbol: string, exchange: string, enabled = true) {
  const [, account] = useAccountKey();
  return useQuery({ ...instrumentQuery(account, symbol, exchange), enabled });
}

/** Units, and lots where it is traded in lots. */
export function Quantity({
  symbol,
  exchange,
  quantity,
}: {
  symbol: string;
  exchange: string;
  quantity: number;
}) {
  const lots = inLots(exchange) && quantity !== 0;
  const { data } = useInstrument(symbol, exchange, lots);
  return (
    <span className="num">
      <Qty value={quantity} signed />
      {lots && data && data.lotsize > 1 && (
        <span className="ml-1 text-xs text-quiet">
          {formatQuantity(Math.abs(quantity) / data.lotsize)}{" "}
          {Math.abs(quantity) === data.lotsize ? "lot" : "lots"}
        </span>
      )}
    </span>
  );
}
