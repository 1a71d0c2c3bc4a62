import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "@/api";
import { type SettleRequest, settleUnresolved, type UnresolvedRow } from "@/client";
import { Confirm } from "@/components/ui/confirm";
import { TextField } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { formatQuantity } from "@/lib/numbers";

type Outcome = SettleRequest["outcome"];

/** The user's word on an order; programs are told what is said here. */
export function SettleDialog({
  order,
  broker,
  onClose,
}: {
  order: UnresolvedRow;
  broker: string;
  onClose: () => void;
}) {
  const queryClient = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [id, setId] = useState("");
  const settle = useMutation({
    mutationFn: (said: Outcome) =>
      call(() =>
        settleUnresolved({
          path: { reference: order.reference },
          body: { outcome: said, order_id: said === "arrived" ? id.trim() : null },
        }),
      ),
    onSuccess: ({ data }) => {
      onClose();
      toast("good", `${order.symbol}: settled`, data.message);
    },
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ["unresolved"] });
      void queryClient.invalidateQueries({ queryKey: ["of-account"] });
    },
  });
  const fields = settle.error instanceof ApiError ? settle.error.fields : {};
  const ready = outcome === "never_arrived" || (outcome === "arrived" && id.trim() !== "");
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`${order.action} ${formatQuantity(order.quantity)} ${order.symbol}: what did you find at ${broker}?`}
      verb={outcome === "never_arrived" ? "It never arrived" : "It is there"}
      kind="primary"
      busy={settle.isPending}
      disabled={!ready}
      error={settle.error}
      onConfirm={() => outcome !== null && settle.mutate(outcome)}
    >
      <fieldset className="grid gap-2">
        <legend className="sr-only">What you found</legend>
        <Choice
          checked={outcome === "arrived"}
          onChoose={() => setOutcome("arrived")}
          title="It is in the broker's book"
          text="Working, filled, cancelled or rejected: it has an id there."
        />
        {outcome === "arrived" && (
          <TextField
            label="The broker's order id"
            className="pl-6"
            error={fields.order_id?.[0]}
            hint="As the broker's app shows it"
            spellCheck={false}
            value={id}
            onChange={setId}
          />
        )}
        <Choice
          checked={outcome === "never_arrived"}
          onChoose={() => setOutcome("never_arrived")}
          title="It is not there"
          text="You looked at the whole day. A program that repeats it is told that it was refused."
        />
      </fieldset>
      <p className="text-[13px] text-quiet">
        Your name is written down with it. Should the order turn up under its tag after all, the
        broker's book is right.
      </p>
    </Confirm>
  );
}

function Choice({
  checked,
  onChoose,
  title,
  text,
}: {
  checked: boolean;
  onChoose: () => void;
  title: string;
  text: string;
}) {
  return (
    <label className="flex items-start gap-2">
      <input
        type="radio"
        name="outcome"
        className="mt-1 size-4 accent-(--accent)"
        checked={checked}
        onChange={onChoose}
      />
      <span>
        <span className="block font-medium">{title}</span>
        <span className="block text-[13px] text-quiet">{text}</span>
      </span>
    </label>
  );
}
