import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api";
import { changeAccount, setOrderMode } from "@/client";
import { Card } from "@/components/ui/card";
import { ErrorLine, Skeleton } from "@/components/ui/states";
import { useAccount } from "../accounts/queries";
import { defaultKeyQuery } from "./queries";

const MODES = [
  {
    mode: "auto",
    title: "Run at once",
    text: "Orders of programs go straight to the exchange.",
  },
  {
    mode: "semi_auto",
    title: "Wait for approval",
    text: "They wait in the Action Center until you approve them.",
  },
] as const;

/** Whether orders that come with a key run, or wait for a person. */
export function OrderModeCard() {
  const queryClient = useQueryClient();
  const account = useAccount();
  const { data } = useQuery(defaultKeyQuery);
  const change = useMutation({
    mutationFn: (mode: string) => call(() => setOrderMode({ body: { mode } })),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: defaultKeyQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: ["accounts"] }),
      ]),
  });
  const rehearse = useMutation({
    mutationFn: (wanted: boolean) =>
      call(() =>
        changeAccount({
          path: { account_id: account?.id ?? 0 },
          body: { rehearse_approvals: wanted },
        }),
      ),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["accounts"] }),
  });
  return (
    <Card title="Orders that come with a key">
      {data === undefined ? (
        <Skeleton className="h-16" />
      ) : (
        <fieldset disabled={change.isPending} className="grid gap-2">
          <legend className="sr-only">Orders that come with a key</legend>
          {MODES.map(({ mode, title, text }) => (
            <label key={mode} className="flex items-start gap-2">
              <input
                type="radio"
                name="order-mode"
                className="mt-1 accent-accent"
                checked={(change.isPending ? change.variables : data.order_mode) === mode}
                onChange={() => change.mutate(mode)}
              />
              <span>
                <span className="font-medium">{title}</span>
                <span className="block text-[13px] text-quiet">{text}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {account && (change.variables ?? data?.order_mode) === "semi_auto" && (
        <label className="mt-3 flex items-start gap-2 border-t border-line pt-3">
          <input
            type="checkbox"
            className="mt-1 accent-accent"
            disabled={rehearse.isPending}
            checked={rehearse.isPending ? rehearse.variables : account.rehearse_approvals}
            onChange={(event) => rehearse.mutate(event.target.checked)}
          />
          <span>
            <span className="font-medium">On paper, too</span>
            <span className="block text-[13px] text-quiet">
              Rehearse approving with paper orders, which otherwise run at once.
            </span>
          </span>
        </label>
      )}
      <ErrorLine error={change.error ?? rehearse.error} />
    </Card>
  );
}
