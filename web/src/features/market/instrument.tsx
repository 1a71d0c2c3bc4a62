import { useQuery } from "@tanstack/react-query";
import { Qty } from "@/components/ui/figures";
import { inLots } from "@/lib/contracts";
import { formatQuantity } from "@/lib/numbers";
import { useAccountKey } from "../accounts/queries";
import { contractQuery } from "../ticket/queries";

/** Units, and lots where it is traded in lots. */
export function Quantity({
  symbol,
  exchange,
  quantity,
  multiplier = 1,
}: {
  symbol: string;
  exchange: string;
  quantity: number;
  multiplier?: number;
}) {
  // Where one of them is many units, brokers count in lots themselves.
  const asked = inLots(exchange) && quantity !== 0 && multiplier === 1;
  const { data } = useQuery({
    ...contractQuery(useAccountKey(), { symbol, exchange }),
    enabled: asked,
  });
  const lots = Math.abs(quantity) / (data?.lot ?? 1);
  return (
    <span className="num">
      <Qty value={quantity} signed />
      {asked && data && data.lot > 1 && (
        <span className="ml-1 text-xs text-quiet">
          {formatQuantity(lots)} {lots === 1 ? "lot" : "lots"}
        </span>
      )}
    </span>
  );
}
