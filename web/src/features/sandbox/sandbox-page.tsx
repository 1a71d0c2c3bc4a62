import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api";
import { resetSandbox, sandboxConfigs, squareoffStatus } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Confirm } from "@/components/ui/confirm";
import { Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { useAccount, useAccountKey } from "../accounts/queries";
import { Setting } from "./setting";

export function SandboxPage() {
  const key = useAccountKey();
  const settings = useQuery({
    queryKey: [...key, "sandbox"],
    queryFn: ({ signal }) => call(() => sandboxConfigs({ signal })),
  });
  return (
    <>
      <PageHead title="Sandbox" aside={<Reset />}>
        How the simulated exchange treats your paper orders. Changes hold at once.
      </PageHead>
      <div className="grid items-start gap-3 xl:grid-cols-[2fr_1fr]">
        <div className="grid gap-3">
          {settings.isPending && <SkeletonRows />}
          {settings.isError && (
            <ErrorState error={settings.error} onRetry={() => settings.refetch()} />
          )}
          {settings.data && !settings.data.editable && (
            <p className="text-warn">Only an administrator may change these.</p>
          )}
          {Object.entries(settings.data?.configs ?? {}).map(([group, { title, configs }]) => (
            <Card key={group} title={title} bodyClassName="grid gap-x-4 gap-y-3 md:grid-cols-2">
              {Object.entries(configs).map(([name, config]) => (
                <Setting
                  key={name}
                  name={name}
                  value={config.value}
                  description={config.description}
                  editable={settings.data?.editable ?? false}
                />
              ))}
            </Card>
          ))}
        </div>
        <Schedule />
      </div>
    </>
  );
}

function Schedule() {
  const key = useAccountKey();
  const schedule = useQuery({
    queryKey: [...key, "schedule"],
    queryFn: async ({ signal }) => (await call(() => squareoffStatus({ signal }))).data,
  });
  return (
    <Card
      title="What is due"
      bodyClassName="p-0"
      aside={
        schedule.data && (
          <Badge tone={schedule.data.running ? "gain" : "warn"}>
            {schedule.data.running ? "running" : "stopped"}
          </Badge>
        )
      }
    >
      {schedule.isPending && <SkeletonRows rows={4} />}
      {schedule.isError && <ErrorState error={schedule.error} onRetry={() => schedule.refetch()} />}
      {schedule.data?.jobs.length === 0 && <EmptyState title="Nothing is due" />}
      <ul>
        {schedule.data?.jobs.map((job) => (
          <li
            key={job.id}
            className="flex justify-between gap-3 border-b border-line px-3 py-2 last:border-0"
          >
            <span>{job.name}</span>
            <Time value={job.next_run} className="text-quiet" />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Reset() {
  const account = useAccount();
  const queryClient = useQueryClient();
  const [asking, ask] = useState(false);
  const reset = useMutation({
    mutationFn: () => call(() => resetSandbox()),
    onSuccess: async ({ message }) => {
      ask(false);
      toast("good", message);
      await queryClient.invalidateQueries();
    },
  });
  return (
    <>
      <Button className="text-loss" onClick={() => ask(true)}>
        Start anew
      </Button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`Start the paper money of ${account?.name ?? "this account"} anew?`}
        verb="Delete and start anew"
        busy={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate()}
      >
        <p>
          All paper orders, trades, positions and holdings of this account are deleted, and it gets
          its starting capital back. Live orders are not touched.
        </p>
      </Confirm>
    </>
  );
}
