import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, selectAccount, selectedAccount } from "@/api";
import { type AccountRow, archiveAccount, disconnectAccount, testAccount } from "@/client";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { formatMoney } from "@/lib/numbers";
import { AccountSettings } from "./account-settings";

/** What can be done with an account that is there: try it, log it out, put it away. */
export function AccountActions({ account }: { account: AccountRow }) {
  const queryClient = useQueryClient();
  const [leaving, leave] = useState(false);
  const [changing, change] = useState(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["accounts"] });
  const path = { account_id: account.id };
  const test = useMutation({
    mutationFn: () => call(() => testAccount({ path })),
    onSuccess: ({ data }) =>
      toast("good", `${account.name} works`, `Available: ${formatMoney(data.available)}`),
    onError: (error) => toast("bad", `${account.name} does not work`, error.message),
  });
  const disconnect = useMutation({
    mutationFn: () => call(() => disconnectAccount({ path })),
    onSuccess: ({ message }) => toast("plain", message),
    onError: (error) => toast("bad", "Still connected", error.message),
    onSettled: refresh,
  });
  const archive = useMutation({
    mutationFn: () => call(() => archiveAccount({ path })),
    onSuccess: async () => {
      if (selectedAccount.get() === account.id) selectAccount(null);
      leave(false);
      toast("good", `${account.name} is put away`);
      await refresh();
    },
  });
  const connected = account.session.state === "connected" && !account.simulated;
  return (
    <>
      {(connected || account.simulated) && (
        <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
          Test
        </Button>
      )}
      {connected && (
        <Button size="small" busy={disconnect.isPending} onClick={() => disconnect.mutate()}>
          Disconnect
        </Button>
      )}
      <Button size="small" onClick={() => change(true)}>
        Settings
      </Button>
      {!account.is_default && (
        <Button size="small" kind="ghost" className="text-loss" onClick={() => leave(true)}>
          Put away
        </Button>
      )}
      {changing && <AccountSettings account={account} onClose={() => change(false)} />}
      <Confirm
        open={leaving}
        onOpenChange={leave}
        title={`Put ${account.name} away?`}
        verb="Put it away"
        busy={archive.isPending}
        error={archive.error}
        onConfirm={() => archive.mutate()}
      >
        <p>It disappears from all lists and its API keys stop. Its records are kept.</p>
      </Confirm>
    </>
  );
}
