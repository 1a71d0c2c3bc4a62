import type { ReactNode } from "react";
import type { AccountRow } from "@/client";
import { Confirm } from "@/components/ui/confirm";
import { formatMoney, UNKNOWN } from "@/lib/numbers";

/** What is about to be sent, said once more in whole. */
export interface Summary {
  title: string;
  rows: readonly (readonly [name: string, value: ReactNode])[];
  /** Rupees. */
  value: number | null;
  margin: number | null;
}

/**
 * Asks once more where money is real. The focus lies on closing, so that an Enter too many sends
 * nothing.
 */
export function ConfirmLive({
  open,
  account,
  summary,
  verb,
  busy,
  error,
  onClose,
  onConfirm,
}: {
  open: boolean;
  account: AccountRow;
  summary: Summary;
  verb: string;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onConfirm: () => void;
}) {
  return (
    <Confirm
      open={open}
      onOpenChange={(stays) => stays || busy || onClose()}
      title={`${summary.title}?`}
      verb={verb}
      kind="live"
      keep="Back to the ticket"
      busy={busy}
      error={error}
      onConfirm={onConfirm}
    >
      <p className="rounded-md bg-live px-3 py-1.5 font-bold text-on-live">
        REAL MONEY · {account.name}, {account.broker_name}
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {[
          ...summary.rows,
          ["Value", summary.value === null ? UNKNOWN : formatMoney(summary.value)] as const,
          ["Margin", summary.margin === null ? UNKNOWN : formatMoney(summary.margin)] as const,
        ].map(([name, value]) => (
          <div key={name} className="col-span-2 grid grid-cols-subgrid">
            <dt className="text-quiet">{name}</dt>
            <dd className="text-right font-medium">{value}</dd>
          </div>
        ))}
      </dl>
    </Confirm>
  );
}
