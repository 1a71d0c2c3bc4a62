import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api";
import { type KeyRow, revokeApiKey, rotateApiKey } from "@/client";
import { Confirm } from "@/components/ui/confirm";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, TextField } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { toast } from "@/components/ui/toast";
import { defaultKeyQuery } from "./queries";
import { ShownOnce } from "./shown-once";

type Grace = 0 | 1 | 24;

const GRACES: readonly { hours: Grace; text: string }[] = [
  { hours: 0, text: "stops at once" },
  { hours: 1, text: "works for another hour" },
  { hours: 24, text: "works for another day" },
];

export function ReplaceKeyDialog({ row, onClose }: { row: KeyRow | null; onClose: () => void }) {
  return (
    <Dialog
      open={row !== null}
      onOpenChange={onClose}
      title={`Replace the key ${row?.name ?? ""}`}
      description="A new key with the same rights takes its place."
    >
      {row && <ReplaceForm row={row} onClose={onClose} />}
    </Dialog>
  );
}

function ReplaceForm({ row, onClose }: { row: KeyRow; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [password, setPassword] = useState("");
  const [hours, setHours] = useState<Grace>(0);
  const attempt = useMutation({
    mutationFn: () =>
      call(() =>
        rotateApiKey({ path: { key_id: row.id }, body: { password, grace_hours: hours } }),
      ),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ["keys"] }),
        queryClient.invalidateQueries({ queryKey: defaultKeyQuery.queryKey }),
      ]),
  });
  if (attempt.data) return <ShownOnce apiKey={attempt.data.api_key} onClose={onClose} />;
  return (
    <Form attempt={attempt} verb="Replace the key" ready={password !== ""}>
      <Field label="The old key">
        {(attributes) => (
          <Select
            {...attributes}
            value={hours}
            onChange={(event) =>
              setHours(GRACES.find((each) => String(each.hours) === event.target.value)?.hours ?? 0)
            }
          >
            {GRACES.map((each) => (
              <option key={each.hours} value={each.hours}>
                {each.text}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <TextField
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={setPassword}
      />
    </Form>
  );
}

export function RevokeKeyDialog({ row, onClose }: { row: KeyRow | null; onClose: () => void }) {
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: (id: number) => call(() => revokeApiKey({ path: { key_id: id } })),
    onSuccess: async () => {
      toast("good", "Key revoked");
      onClose();
      await queryClient.invalidateQueries({ queryKey: ["keys"] });
    },
  });
  return (
    <Confirm
      open={row !== null}
      onOpenChange={onClose}
      title={`Revoke the key ${row?.name ?? ""}?`}
      verb="Revoke it"
      busy={attempt.isPending}
      error={attempt.error}
      onConfirm={() => row && attempt.mutate(row.id)}
    >
      <p>Programs that use it are refused from their next call on, and their streams end.</p>
    </Confirm>
  );
}
