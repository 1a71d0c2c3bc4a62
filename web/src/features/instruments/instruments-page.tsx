import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { call } from "@/api";
import { downloadMasterContract, type SmartStatusReply } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Time } from "@/components/ui/figures";
import { EmptyState, ErrorLine, ErrorState, SkeletonRows } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { formatQuantity } from "@/lib/numbers";
import { formatDate } from "@/lib/times";
import { needsLogin, useAccount, useAccountKey } from "../accounts/queries";
import { Reconnect } from "../accounts/reconnect";
import { Progress } from "./progress";
import { instrumentsQuery } from "./queries";

export function InstrumentsPage() {
  const [, id] = useAccountKey();
  const account = useAccount();
  const status = useQuery(instrumentsQuery(id));
  const data = status.data;
  return (
    <>
      <PageHead title="Instruments" aside={data && <DownloadButton status={data} />}>
        What {account?.broker_name ?? "your broker"} can trade: symbols, lots and tick sizes. They
        are downloaded anew each trading day.
      </PageHead>
      {status.isPending && <SkeletonRows />}
      {status.isError && <ErrorState error={status.error} onRetry={() => status.refetch()} />}
      {data && (
        <div className="grid items-start gap-3 lg:grid-cols-2">
          <Card title="Status" aside={<State status={data} />}>
            <div className="grid gap-3">
              {data.status === "downloading" && <Progress status={data} />}
              {data.status === "error" && (
                <>
                  <ErrorLine error={data.message} />
                  {data.is_ready && (
                    <p>
                      The instruments of before stay in force: trading goes on, but what was listed
                      since is missing.
                    </p>
                  )}
                </>
              )}
              {account && needsLogin(account) && (
                <div className="flex flex-wrap items-center gap-2">
                  <p className="flex-1 basis-56 text-warn">
                    A download needs a session with {account.broker_name}.
                  </p>
                  <Reconnect account={account} />
                </div>
              )}
              <Facts status={data} broker={account?.broker_name ?? data.broker} />
            </div>
          </Card>
          <Counts status={data} />
        </div>
      )}
    </>
  );
}

function DownloadButton({ status }: { status: SmartStatusReply }) {
  const queryClient = useQueryClient();
  const download = useMutation({
    mutationFn: () => call(() => downloadMasterContract({ body: { force: true } })),
    onSuccess: ({ message }) => toast("plain", message),
    onError: (error) => toast("bad", "The download did not begin", error.message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["instruments"] }),
  });
  return (
    <Button
      kind={status.is_ready && !status.smart_download.should_download ? "plain" : "primary"}
      busy={download.isPending || status.status === "downloading"}
      onClick={() => download.mutate()}
    >
      <Download /> {status.is_ready ? "Download anew" : "Download"}
    </Button>
  );
}

function State({ status }: { status: SmartStatusReply }) {
  switch (status.status) {
    case "success":
      return <Badge tone="gain">✓ ready</Badge>;
    case "downloading":
      return (
        <Badge tone="warn" role="status">
          downloading
        </Badge>
      );
    case "error":
      return <Badge tone="loss">✕ download failed</Badge>;
    case "pending":
      return (
        <Badge tone={status.is_ready ? "gain" : "warn"}>
          {status.is_ready ? "✓ ready" : "none yet"}
        </Badge>
      );
  }
}

function Facts({ status, broker }: { status: SmartStatusReply; broker: string }) {
  const { smart_download: due } = status;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      <dt className="text-quiet">Broker</dt>
      <dd>{broker}</dd>
      <dt className="text-quiet">In force</dt>
      <dd>
        {status.is_ready
          ? `${formatQuantity(status.total_symbols)} instruments${status.download_date ? ` of ${formatDate(status.download_date)}` : ""}`
          : "none: no symbol is found, and no order can be placed"}
      </dd>
      <dt className="text-quiet">Downloaded</dt>
      <dd>
        <Time value={status.last_download_time} />
        {status.download_duration_seconds !== null &&
          `, in ${status.download_duration_seconds.toFixed(1)} s`}
      </dd>
      <dt className="text-quiet">Newest</dt>
      <dd>
        {due.reason}
        {due.cutoff_time && (
          <span className="text-quiet"> New ones are there from {due.cutoff_time} IST.</span>
        )}
      </dd>
      {status.message && status.status !== "error" && (
        <>
          <dt className="text-quiet">Last message</dt>
          <dd>
            {status.message} <Time value={status.last_updated} className="text-quiet" />
          </dd>
        </>
      )}
    </dl>
  );
}

/** How many there are of each exchange, largest first. */
function Counts({ status }: { status: SmartStatusReply }) {
  const counts = Object.entries(status.exchange_stats).sort(([, one], [, other]) => other - one);
  const most = counts[0]?.[1] ?? 0;
  return (
    <Card title="By exchange" bodyClassName="p-0">
      {counts.length === 0 ? (
        <EmptyState title="No instruments yet">They come with the first download.</EmptyState>
      ) : (
        <table className="w-full">
          <caption className="sr-only">Instruments by exchange</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">Exchange</th>
              <th scope="col">Share</th>
              <th scope="col">Instruments</th>
            </tr>
          </thead>
          <tbody>
            {counts.map(([exchange, count]) => (
              <tr key={exchange} className="border-b border-line/60 last:border-0">
                <th scope="row" className="w-28 px-3 py-1.5 text-left font-medium">
                  {exchange}
                </th>
                <td aria-hidden className="py-1.5">
                  <progress
                    max={most}
                    value={count}
                    className="h-2 w-full appearance-none overflow-hidden rounded-full [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent/60 [&::-moz-progress-bar]:bg-accent/60"
                  />
                </td>
                <td className="num w-28 px-3 py-1.5 text-right">{formatQuantity(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
