import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api";
import { clearAnalyzer } from "@/client";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";

/** Forgets old calls; those of the last 24 hours stay. */
export function Clear() {
  const queryClient = useQueryClient();
  const [asking, ask] = useState(false);
  const clear = useMutation({
    mutationFn: () => call(() => clearAnalyzer()),
    onSuccess: async ({ message }) => {
      ask(false);
      toast("good", message);
      await queryClient.invalidateQueries({ queryKey: ["of-account"] });
    },
  });
  return (
    <>
      <Button className="text-loss" onClick={() => ask(true)}>
        Clear
      </Button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title="Forget the calls of before?"
        verb="Forget them"
        busy={clear.isPending}
        error={clear.error}
        onConfirm={() => clear.mutate()}
      >
        <p>
          All calls older than 24 hours are deleted from this log. Orders, trades and results are
          not touched.
        </p>
      </Confirm>
    </>
  );
}
