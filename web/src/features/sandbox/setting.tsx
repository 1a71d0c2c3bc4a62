import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { call } from "@/api";
import { updateSandboxConfig } from "@/client";
import { Button } from "@/components/ui/button";
import { Field, Input, Select } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { titleOf } from "./titles";

/** One value of the paper exchange, saved by itself. */
export function Setting({
  name,
  value,
  description,
  editable,
}: {
  name: string;
  value: string;
  description: string;
  editable: boolean;
}) {
  const queryClient = useQueryClient();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const label = titleOf(name);
  const save = useMutation({
    mutationFn: (wanted: string) =>
      call(() => updateSandboxConfig({ body: { config_key: name, config_value: wanted } })),
    onSuccess: async () => {
      toast("good", `${label}: saved`);
      await queryClient.invalidateQueries({ queryKey: ["of-account"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(text);
  };
  const isSwitch = value === "true" || value === "false";
  return (
    <form onSubmit={submit}>
      <Field label={label} hint={description} error={save.error?.message}>
        {(attributes) => (
          <div className="flex gap-2">
            {isSwitch ? (
              <Select
                {...attributes}
                disabled={!editable}
                value={text}
                onChange={(event) => setText(event.target.value)}
              >
                <option value="true">Yes</option>
                <option value="false">No</option>
              </Select>
            ) : (
              <Input
                {...attributes}
                className="tabular-nums"
                disabled={!editable}
                autoComplete="off"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
            {text !== value && (
              <Button type="submit" kind="primary" busy={save.isPending}>
                Save
              </Button>
            )}
          </div>
        )}
      </Field>
    </form>
  );
}
