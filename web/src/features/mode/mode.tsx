import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, shownMode } from "@/api";
import { setAnalyzeMode } from "@/client";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { cn } from "@/lib/cn";
import { nameMode } from "@/lib/window-title";
import { useAccount } from "../accounts/queries";

/** The edge of the whole window in the colour of the mode: seen without looking. */
export function ModeFrame() {
  const account = useAccount();
  const paper = account?.analyze_mode;
  useEffect(() => {
    nameMode(paper === undefined ? "" : paper ? "PAPER" : "LIVE");
    shownMode.set(paper === undefined ? null : paper ? "analyze" : "live");
  }, [paper]);
  if (account === undefined) return null;
  return (
    <div
      aria-hidden
      className={cn(
        "pointer-events-none fixed inset-0 z-30 border-t-[3px]",
        account.analyze_mode ? "border-paper" : "border-x-[3px] border-b-[3px] border-live",
      )}
    />
  );
}

/** Says which mode the account is in, and switches it; going live is asked about. */
export function ModeSwitch() {
  const account = useAccount();
  const queryClient = useQueryClient();
  const [asking, ask] = useState(false);
  const change = useMutation({
    mutationFn: (analyze: boolean) =>
      call(() => setAnalyzeMode({ path: { switch: analyze ? "1" : "0" } })),
    onSuccess: async ({ analyze_mode }) => {
      ask(false);
      toast(
        "plain",
        analyze_mode ? "Paper: orders go to the simulated exchange" : "LIVE: orders use real money",
      );
      await queryClient.invalidateQueries();
    },
    onError: (error) => asking || toast("bad", "The mode was not changed", error.message),
  });
  if (account === undefined) return null;
  const paper = account.analyze_mode;
  const press = () => {
    change.reset();
    if (paper) ask(true);
    else change.mutate(true);
  };
  return (
    <>
      <button
        type="button"
        onClick={press}
        disabled={change.isPending}
        className={cn(
          "flex h-8 shrink-0 items-center gap-1.5 rounded-md px-2.5 text-[13px] font-bold",
          paper ? "bg-paper text-on-paper" : "bg-live text-on-live",
        )}
      >
        {paper ? "PAPER" : "LIVE"}
        <span className="font-medium max-md:sr-only">
          {paper ? "simulated money" : "real money"}
        </span>
        <span className="sr-only">. Switch to {paper ? "live" : "paper"}</span>
      </button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`Trade ${account.name} with real money?`}
        verb="Go live"
        kind="live"
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate(false)}
      >
        <p>
          From now on every order of this account, also those of programs with its API keys, goes to{" "}
          <strong>{account.broker_name}</strong>. Paper positions stay on paper.
        </p>
        {account.simulated && (
          <p className="text-quiet">
            This account is with the simulated broker, which has no real market to send orders to.
          </p>
        )}
      </Confirm>
    </>
  );
}
