import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorLine } from "@/components/ui/states";
import { useAccount } from "../accounts/queries";
import type { Outcome, Report } from "./bulk";

/**
 * Asks before something is done to many, then lists what became of each.
 *
 * It stays until the user has seen the list; `children` is the question.
 */
export function BulkDialog({
  title,
  verb,
  run,
  onClose,
  children,
  now,
}: {
  title: string;
  /** What the button does, in its own words. */
  verb: string;
  run: (report: Report) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
  /** How it stands with one of them by now, whatever was answered. */
  now?: (outcome: Outcome) => ReactNode;
}) {
  const queryClient = useQueryClient();
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const doing = useMutation({
    mutationFn: () => run((outcome) => setOutcomes((before) => [...before, outcome])),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
  const failed = outcomes.filter(({ good }) => !good).length;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={doing.isIdle ? title : title.replace(/\?$/, "")}
      closable={!doing.isPending}
    >
      {doing.isIdle && (
        <>
          <div className="grid gap-2">
            {children}
            <InWhichMoney />
          </div>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Keep as it is</Button>
            <Button kind="danger" onClick={() => doing.mutate()}>
              {verb}
            </Button>
          </div>
        </>
      )}
      {!doing.isIdle && (
        <>
          <p role="status">
            {doing.isPending && `Working: ${outcomes.length} answered.`}
            {!doing.isPending &&
              outcomes.length > 0 &&
              `${outcomes.length - failed} done, ${failed} failed.`}
          </p>
          <ResultList outcomes={outcomes} now={now} />
          <ErrorLine error={doing.error} />
          <div className="flex justify-end">
            <Button busy={doing.isPending} onClick={onClose}>
              Done
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** What became of each. */
export function ResultList({
  outcomes,
  now,
}: {
  outcomes: readonly Outcome[];
  now?: ((outcome: Outcome) => ReactNode) | undefined;
}) {
  if (outcomes.length === 0) return null;
  return (
    <ul
      aria-label="Results"
      className="max-h-[50dvh] overflow-y-auto rounded-md border border-line"
    >
      {outcomes.map((outcome) => (
        <li
          key={outcome.key}
          className="flex items-start gap-2 border-b border-line px-3 py-2 last:border-0"
        >
          {outcome.good ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-gain" />
          ) : (
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-loss" />
          )}
          <span className="min-w-0 flex-1">
            <span className="font-medium">{outcome.title}</span>{" "}
            <span className="sr-only">{outcome.good ? "done:" : "failed:"}</span>
            <span className="block break-words text-quiet">{outcome.text}</span>
          </span>
          {now?.(outcome)}
        </li>
      ))}
    </ul>
  );
}

/** Whose money it is, and whether it is real. */
export function InWhichMoney() {
  const account = useAccount();
  if (account === undefined) return null;
  return (
    <p className={account.analyze_mode ? "text-quiet" : "font-medium text-live"}>
      Of {account.name}, {account.analyze_mode ? "on paper" : "with real money"}.
    </p>
  );
}
