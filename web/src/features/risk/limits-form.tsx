import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "@/api";
import { type RiskSettingsRow, setRiskLimits } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field, Select, TextField } from "@/components/ui/field";
import { ErrorLine } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { type Choice, FIELDS, type LimitField, requestOf, type Values, valuesOf } from "./limits";

/** All limits of the account at once; what is wrong is said at its field, and nothing is lost. */
export function LimitsForm({ state }: { state: RiskSettingsRow }) {
  const queryClient = useQueryClient();
  const [values, setValues] = useState<Values>(() => valuesOf(state.limits));
  const { body, errors } = requestOf(values);
  const save = useMutation({
    mutationFn: () => call(() => setRiskLimits({ body })),
    onSuccess: async ({ data }) => {
      setValues(valuesOf(data.limits));
      toast("good", "The limits hold from the next order on");
      await queryClient.invalidateQueries({ queryKey: ["risk"] });
    },
  });
  const refused = save.error instanceof ApiError ? save.error.fields : {};
  const change = (part: Partial<Values>) => {
    if (save.isError) save.reset();
    setValues({ ...values, ...part });
  };
  const changed = JSON.stringify(values) !== JSON.stringify(valuesOf(state.limits));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title="Limits">
      <form onSubmit={submit} noValidate className="grid gap-4">
        <div className="grid gap-x-4 gap-y-3 md:grid-cols-2">
          {FIELDS.map((field) => (
            <TextField
              key={field.name}
              label={
                <>
                  {field.title}
                  {field.unit && <span className="font-normal text-quiet"> ({field.unit})</span>}
                </>
              }
              hint={field.refuses}
              error={errors[field.name] ?? refused[field.name]?.[0]}
              inputMode="decimal"
              placeholder={placeholder(field, state)}
              value={values[field.name]}
              onChange={(text) => change({ [field.name]: text })}
            />
          ))}
          <Rule
            label="Prices off the tick"
            hint="An exchange rejects them; here they are refused at once."
            value={values.enforce_tick}
            inForce={state.in_force.enforce_tick}
            onChange={(enforce_tick) => change({ enforce_tick })}
          />
          <Rule
            label="More than the freeze quantity"
            hint="More units than the exchange takes in one order."
            value={values.enforce_freeze}
            inForce={state.in_force.enforce_freeze}
            onChange={(enforce_freeze) => change({ enforce_freeze })}
          />
        </div>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={values.count_changes}
            onChange={(event) => change({ count_changes: event.target.checked })}
          />
          Modifying an order counts as sending one
        </label>
        <ErrorLine
          error={
            Object.keys(refused).length > 0
              ? "Nothing was saved. The marked fields say why."
              : save.error
          }
        />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            kind="primary"
            busy={save.isPending}
            disabled={!changed || Object.keys(errors).length > 0}
          >
            Save the limits
          </Button>
          {changed && (
            <Button onClick={() => change(valuesOf(state.limits))}>Back to what holds now</Button>
          )}
          <span className="text-[13px] text-quiet">
            An empty field is no limit, or its default at a broker.
          </span>
        </div>
      </form>
    </Card>
  );
}

function placeholder({ name }: LimitField, { in_force }: RiskSettingsRow): string {
  const none = name === "kept_for_exits" ? "none" : "no limit";
  const value = in_force[name];
  return value === null || value === 0 ? none : `${value} by default`;
}

function Rule({
  label,
  hint,
  value,
  inForce,
  onChange,
}: {
  label: string;
  hint: string;
  value: Choice;
  inForce: boolean | null;
  onChange: (choice: Choice) => void;
}) {
  return (
    <Field label={label} hint={`${hint} Now ${inForce ? "refused" : "let through"}.`}>
      {(attributes) => (
        <Select
          {...attributes}
          value={value}
          onChange={(event) => onChange(event.target.value as Choice)}
        >
          <option value="default">Refuse at a broker only</option>
          <option value="on">Always refuse</option>
          <option value="off">Never refuse</option>
        </Select>
      )}
    </Field>
  );
}
