import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "@/api";
import { type AccountRow, createAccount } from "@/client";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { brokersQuery } from "./queries";

export function NewAccountDialog({
  open,
  onOpenChange,
  onMade,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onMade: (account: AccountRow) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Add account">
      <AccountForm onMade={onMade} />
    </Dialog>
  );
}

function AccountForm({ onMade }: { onMade: (account: AccountRow) => void }) {
  const queryClient = useQueryClient();
  const brokers = useQuery(brokersQuery);
  const [name, setName] = useState("");
  const [broker, setBroker] = useState("");
  const chosen = brokers.data?.data.find((each) => each.id === broker);
  const attempt = useMutation({
    mutationFn: () => call(() => createAccount({ body: { name: name.trim(), broker } })),
    onSuccess: async ({ data }) => {
      await queryClient.invalidateQueries({ queryKey: ["accounts"] });
      onMade(data);
    },
  });
  const fields = attempt.error instanceof ApiError ? attempt.error.fields : {};
  return (
    <Form
      attempt={attempt}
      error={attempt.error ?? brokers.error}
      verb="Add it"
      ready={name.trim() !== "" && broker !== ""}
    >
      <Field label="Broker" error={fields.broker?.[0]}>
        {(attributes) => (
          <Select
            {...attributes}
            required
            value={broker}
            onChange={(event) => setBroker(event.target.value)}
          >
            <option value="" disabled>
              Choose one
            </option>
            {brokers.data?.data.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {chosen && chosen.notes.length > 0 && (
        <ul className="list-disc pl-5 text-[13px] text-quiet">
          {chosen.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <TextField
        label="Name"
        hint="For your eyes, such as Zerodha family"
        error={fields.name?.[0]}
        required
        value={name}
        onChange={setName}
      />
    </Form>
  );
}
