import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api";
import { type AccountRow, type BrokerRow, connectAccount, type FormField, setApp } from "@/client";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Sheet } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Skeleton } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { leaveFor } from "./coming-back";
import { brokersQuery } from "./queries";

/** Connects an account: first the app at the broker, once; then the login, each day. */
export function BrokerSheet({
  account,
  onClose,
}: {
  account: AccountRow | null;
  onClose: () => void;
}) {
  const { data } = useQuery(brokersQuery);
  const broker = data?.data.find((each) => each.id === account?.broker);
  return (
    <Sheet
      open={account !== null && !account.simulated}
      onOpenChange={(open) => open || onClose()}
      title={`Connect ${account?.name ?? ""}`}
      description={broker?.name}
    >
      {account && broker ? (
        <Steps key={account.id} account={account} broker={broker} onClose={onClose} />
      ) : (
        <Skeleton className="h-40" />
      )}
    </Sheet>
  );
}

function Steps({
  account,
  broker,
  onClose,
}: {
  account: AccountRow;
  broker: BrokerRow;
  onClose: () => void;
}) {
  const named = broker.app_fields.every(
    (field) => (account.app.find((value) => value.name === field.name)?.length ?? 0) > 0,
  );
  const [editing, edit] = useState(!named);
  return (
    <div className="grid gap-6">
      {broker.app_fields.length > 0 && (
        <section className="grid gap-3">
          <h3 className="font-semibold">1. Your app at {broker.name}</h3>
          {editing || !named ? (
            <AppForm account={account} broker={broker} onSaved={() => edit(false)} />
          ) : (
            <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1">
              {account.app.map((value) => (
                <div key={value.name} className="contents">
                  <dt className="text-quiet">{value.label}</dt>
                  <dd className="font-mono text-[13px]">{value.shown}</dd>
                </div>
              ))}
              <Button
                size="small"
                className="col-span-2 justify-self-start"
                onClick={() => edit(true)}
              >
                Change
              </Button>
            </dl>
          )}
        </section>
      )}
      <section className="grid gap-3">
        <h3 className="font-semibold">
          {broker.app_fields.length > 0 ? "2. Log in" : `Log in at ${broker.name}`}
        </h3>
        {broker.session_ends_at && (
          <p className="text-[13px] text-quiet">
            {broker.name} ends every login at {broker.session_ends_at.slice(0, 5)} IST.
          </p>
        )}
        <LoginStep account={account} broker={broker} ready={named} onDone={onClose} />
      </section>
      {broker.notes.length > 0 && (
        <ul className="list-disc pl-5 text-[13px] text-quiet">
          {broker.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function AppForm({
  account,
  broker,
  onSaved,
}: {
  account: AccountRow;
  broker: BrokerRow;
  onSaved: () => void;
}) {
  const queryClient = useQueryClient();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const save = useMutation({
    mutationFn: () =>
      call(() => setApp({ path: { account_id: account.id }, body: { values: { ...values } } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["accounts"] });
      onSaved();
    },
  });
  return (
    <Form attempt={save} verb="Save">
      {broker.redirect_url && (
        <div className="grid gap-1">
          <p className="text-[13px] text-quiet">
            Make an app in {broker.name}'s developer console and register this redirect URL there:
          </p>
          <div className="flex flex-wrap items-center gap-2">
            <code className="min-w-0 flex-1 rounded-md border border-line bg-raised px-2 py-1.5 font-mono text-[13px] break-all">
              {broker.redirect_url}
            </code>
            <CopyButton text={broker.redirect_url} />
          </div>
        </div>
      )}
      <FieldList
        fields={broker.app_fields}
        values={values}
        onChange={setValues}
        kept={(name) => account.app.find((value) => value.name === name)?.shown ?? ""}
      />
    </Form>
  );
}

function LoginStep({
  account,
  broker,
  ready,
  onDone,
}: {
  account: AccountRow;
  broker: BrokerRow;
  ready: boolean;
  onDone: () => void;
}) {
  const queryClient = useQueryClient();
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({});
  const connect = useMutation({
    mutationFn: () =>
      call(() =>
        connectAccount({ path: { account_id: account.id }, body: { answers: { ...answers } } }),
      ),
    onSuccess: async ({ redirect }) => {
      if (redirect !== null) {
        leaveFor(redirect, "/accounts");
        return;
      }
      toast("good", `${account.name} is connected`);
      await queryClient.invalidateQueries({ queryKey: ["accounts"] });
      onDone();
    },
  });
  return (
    <Form
      attempt={connect}
      verb={broker.auth === "oauth" ? `Continue at ${broker.name}` : "Connect"}
      ready={ready}
    >
      {broker.auth === "form" && (
        <FieldList fields={broker.login_fields} values={answers} onChange={setAnswers} />
      )}
    </Form>
  );
}

/** Inputs for the fields that a broker asks for; the server says which those are. */
function FieldList({
  fields,
  values,
  onChange,
  kept = () => "",
}: {
  fields: readonly FormField[];
  values: Readonly<Record<string, string>>;
  onChange: (values: Readonly<Record<string, string>>) => void;
  /** What is stored already, as far as it may be shown. */
  kept?: (name: string) => string;
}) {
  return fields.map((field) => (
    <TextField
      key={field.name}
      label={field.label}
      hint={field.hint || undefined}
      type={field.secret ? "password" : "text"}
      inputMode={/otp|pin/i.test(field.name) ? "numeric" : undefined}
      autoComplete={/otp/i.test(field.name) ? "one-time-code" : "off"}
      spellCheck={false}
      placeholder={kept(field.name)}
      required={!kept(field.name)}
      value={values[field.name] ?? ""}
      onChange={(text) => {
        const { [field.name]: _old, ...others } = values;
        onChange(text === "" ? others : { ...others, [field.name]: text });
      }}
    />
  ));
}
