import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "@/api";
import { createApiKey, type Scope } from "@/client";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { accountsQuery, useAccount } from "../accounts/queries";
import { ShownOnce } from "./shown-once";

const SCOPES: readonly { scope: Scope; text: string }[] = [
  { scope: "read", text: "see books, funds and prices" },
  { scope: "trade", text: "place, change and cancel orders" },
  { scope: "admin", text: "change settings of the account" },
];
const LIFETIMES = [
  { days: 0, text: "Never" },
  { days: 30, text: "In 30 days" },
  { days: 90, text: "In 90 days" },
  { days: 365, text: "In a year" },
];
const DAY = 86_400_000;

export function NewKeyDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New API key">
      <KeyForm onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function KeyForm({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const account = useAccount();
  const { data: accounts } = useQuery(accountsQuery);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set(["read", "trade"]));
  const [accountId, setAccountId] = useState(account?.id);
  const [days, setDays] = useState(0);
  const [networks, setNetworks] = useState("");
  const attempt = useMutation({
    mutationFn: () =>
      call(() =>
        createApiKey({
          body: {
            name: name.trim(),
            scopes: [...scopes],
            account_id: accountId ?? null,
            expires_at: days === 0 ? null : new Date(Date.now() + days * DAY).toISOString(),
            allowed_networks: networks.split(/[\s,]+/).filter(Boolean),
          },
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (attempt.data) return <ShownOnce apiKey={attempt.data.api_key} onClose={onClose} />;
  const fields = attempt.error instanceof ApiError ? attempt.error.fields : {};
  const toggle = (scope: Scope) => {
    const next = new Set(scopes);
    if (!next.delete(scope)) next.add(scope);
    setScopes(next);
  };
  return (
    <Form attempt={attempt} verb="Make the key" ready={name.trim() !== "" && scopes.size > 0}>
      <TextField
        label="Name"
        hint="Of the program that will use it"
        error={fields.name?.[0]}
        required
        value={name}
        onChange={setName}
      />
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-[13px] font-medium">It may</legend>
        {SCOPES.map(({ scope, text }) => (
          <label key={scope} className="flex min-h-7 items-center gap-2">
            <input
              type="checkbox"
              className="accent-accent"
              checked={scopes.has(scope)}
              onChange={() => toggle(scope)}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Account">
          {(attributes) => (
            <Select
              {...attributes}
              value={accountId}
              onChange={(event) => setAccountId(Number(event.target.value))}
            >
              {accounts?.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Expires" error={fields.expires_at?.[0]}>
          {(attributes) => (
            <Select
              {...attributes}
              value={days}
              onChange={(event) => setDays(Number(event.target.value))}
            >
              {LIFETIMES.map((each) => (
                <option key={each.days} value={each.days}>
                  {each.text}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <TextField
        label="Only from these networks"
        hint="Addresses or ranges such as 10.0.0.0/8; empty for anywhere"
        error={fields.allowed_networks?.[0]}
        value={networks}
        onChange={setNetworks}
      />
    </Form>
  );
}
