import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "@/api";
import { type AccountRow, changeAccount } from "@/client";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { toast } from "@/components/ui/toast";

/** What an account is called, how paper orders are approved, and how calls leave this machine. */
export function AccountSettings({
  account,
  onClose,
}: {
  account: AccountRow;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const [name, setName] = useState(account.name);
  const [rehearse, setRehearse] = useState(account.rehearse_approvals);
  const [address, setAddress] = useState(account.route.source_ip ?? "");
  const [proxy, setProxy] = useState(account.route.proxy ?? "");
  const rerouted =
    address.trim() !== (account.route.source_ip ?? "") ||
    proxy.trim() !== (account.route.proxy ?? "");
  const save = useMutation({
    mutationFn: () =>
      call(() =>
        changeAccount({
          path: { account_id: account.id },
          body: {
            name: name.trim(),
            rehearse_approvals: rehearse,
            // The proxy is shown without its password: it is sent only where somebody typed it anew.
            ...(rerouted && {
              route: { source_ip: address.trim() || null, proxy: proxy.trim() || null },
            }),
          },
        }),
      ),
    onSuccess: async () => {
      toast("good", `${name.trim()} is changed`);
      await queryClient.invalidateQueries({ queryKey: ["accounts"] });
      onClose();
    },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  return (
    <Dialog open onOpenChange={onClose} title={`Settings of ${account.name}`}>
      <Form attempt={save} verb="Save" ready={name.trim() !== ""}>
        <TextField label="Name" error={fields.name?.[0]} required value={name} onChange={setName} />
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            className="mt-1 size-4 accent-(--accent)"
            checked={rehearse}
            onChange={(event) => setRehearse(event.target.checked)}
          />
          <span>
            Rehearse approvals
            <span className="block text-[13px] text-quiet">
              Where orders of programs wait for you, paper orders wait too.
            </span>
          </span>
        </label>
        {!account.simulated && (
          <fieldset className="grid gap-3">
            <legend className="mb-1 font-medium">How calls leave</legend>
            <p className="text-[13px] text-quiet">
              Brokers take orders only from an address that you registered with them. One of these
              is enough; empty is the usual way.
            </p>
            <TextField
              label="From this address of the server"
              error={fields["route.source_ip"]?.[0]}
              placeholder="203.0.113.7"
              value={address}
              onChange={setAddress}
            />
            <TextField
              label="Through this proxy"
              hint="With user and password if it needs them; they are not shown again."
              error={fields["route.proxy"]?.[0]}
              spellCheck={false}
              placeholder="http://user:password@proxy.example:3128"
              value={proxy}
              onChange={setProxy}
            />
          </fieldset>
        )}
      </Form>
    </Dialog>
  );
}
