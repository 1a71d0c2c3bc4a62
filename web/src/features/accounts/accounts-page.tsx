import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { selectAccount } from "@/api";
import type { AccountRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { formatQuantity } from "@/lib/numbers";
import { Progress } from "../instruments/progress";
import { instrumentsQuery } from "../instruments/queries";
import { AccountActions } from "./account-actions";
import { BrokerSheet } from "./broker-sheet";
import { NewAccountDialog } from "./new-account";
import { accountsQuery, brokersQuery, useAccount } from "./queries";

export function AccountsPage() {
  const { connect } = useSearch({ from: "/desk/accounts" });
  const navigate = useNavigate();
  const accounts = useQuery(accountsQuery);
  const { data: brokers } = useQuery(brokersQuery);
  const [making, make] = useState(false);
  const connecting = accounts.data?.find((account) => account.id === connect);
  const open = (account: AccountRow | null) =>
    navigate({ to: "/accounts", search: account ? { connect: account.id } : {} });
  return (
    <>
      <PageHead
        title="Accounts"
        aside={
          <Button kind="primary" onClick={() => make(true)}>
            <Plus /> Add account
          </Button>
        }
      >
        Each account belongs to one broker and has its own mode, limits and API keys. A new one
        begins on paper.
      </PageHead>
      {accounts.isPending && <SkeletonRows />}
      {accounts.isError && <ErrorState error={accounts.error} onRetry={() => accounts.refetch()} />}
      {accounts.data?.length === 0 && <EmptyState title="No accounts yet" />}
      <div className="grid items-start gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {accounts.data?.map((account) => (
          <AccountCard key={account.id} account={account} onBroker={() => open(account)} />
        ))}
      </div>
      {brokers && brokers.broken.length > 0 && (
        <p className="mt-3 text-[13px] text-warn">
          Not available: {brokers.broken.map(({ id, error }) => `${id} (${error})`).join("; ")}
        </p>
      )}
      <NewAccountDialog
        open={making}
        onOpenChange={make}
        onMade={(account) => {
          make(false);
          void open(account);
        }}
      />
      <BrokerSheet account={connecting ?? null} onClose={() => open(null)} />
    </>
  );
}

function AccountCard({ account, onBroker }: { account: AccountRow; onBroker: () => void }) {
  const selected = useAccount()?.id === account.id;
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {account.name}
          {account.is_default && <Badge>default</Badge>}
          <Badge tone={account.analyze_mode ? "paper" : "live"}>
            {account.analyze_mode ? "PAPER" : "LIVE"}
          </Badge>
        </span>
      }
      aside={
        selected ? (
          <Badge tone="accent">in use here</Badge>
        ) : (
          <Button size="small" onClick={() => selectAccount(account.id)}>
            Use here
          </Button>
        )
      }
    >
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <dt className="text-quiet">Broker</dt>
        <dd>{account.broker_name}</dd>
        <dt className="text-quiet">Session</dt>
        <dd>
          <SessionState account={account} />
        </dd>
        <InstrumentsLine account={account} selected={selected} />
        <dt className="text-quiet">Orders of programs</dt>
        <dd>{account.order_mode === "auto" ? "run at once" : "wait for approval"}</dd>
      </dl>
      <div className="mt-3 flex flex-wrap gap-2">
        {!account.simulated && (
          <Button
            size="small"
            kind={account.session.state === "connected" ? "plain" : "primary"}
            onClick={onBroker}
          >
            {account.session.state === "connected" ? "Broker settings" : "Connect"}
          </Button>
        )}
        <AccountActions account={account} />
      </div>
    </Card>
  );
}

/** What there is to trade; the page about it is about the account in use here. */
function InstrumentsLine({ account, selected }: { account: AccountRow; selected: boolean }) {
  const { data, error } = useQuery(instrumentsQuery(account.id));
  const told = data && (
    <>
      {data.is_ready ? formatQuantity(data.total_symbols) : "none yet"}
      {data.status === "error" && ", the last download failed"}
    </>
  );
  return (
    <>
      <dt className="text-quiet">Instruments</dt>
      <dd>
        {error && <span className="text-loss">{error.message}</span>}
        {data?.status === "downloading" ? (
          <Progress status={data} />
        ) : selected && told ? (
          <Link to="/master-contract" className="underline">
            {told}
          </Link>
        ) : (
          told
        )}
      </dd>
    </>
  );
}

export function SessionState({ account }: { account: AccountRow }) {
  const { session } = account;
  if (account.simulated) return <span>always on (simulated)</span>;
  if (session.state === "connected") {
    return (
      <span>
        <Badge tone="gain">connected</Badge> {session.client_id}
        {session.expires_at && (
          <span className="text-quiet">
            {" "}
            until <Time value={session.expires_at} />
          </span>
        )}
      </span>
    );
  }
  return (
    <span>
      <Badge tone="warn">{session.state === "expired" ? "expired" : "not connected"}</Badge>{" "}
      <span className="text-quiet">{session.reason}</span>
    </span>
  );
}
