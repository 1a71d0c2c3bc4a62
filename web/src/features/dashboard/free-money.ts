import type { FundsReply } from "@/client";
import { numberOf } from "@/lib/numbers";

type Funds = FundsReply["data"];

/**
 * What new orders may use, in rupees; `null` where it is not known.
 *
 * A broker tells its cash with what is in use, and the collateral beside it, all as texts; the paper
 * exchange tells what is free.
 */
export function freeMoney(funds: Funds | undefined): number | null {
  if (funds === undefined) return null;
  const cash = numberOf(funds.availablecash);
  if (typeof funds.availablecash === "number") return cash;
  const [collateral, used] = [numberOf(funds.collateral), numberOf(funds.utiliseddebits)];
  return cash === null || collateral === null || used === null ? null : cash + collateral - used;
}
