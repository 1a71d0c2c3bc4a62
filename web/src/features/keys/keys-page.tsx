import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { KeyRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Time } from "@/components/ui/figures";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { type Column, DataTable } from "@/components/ui/table";
import { textColumn } from "@/components/ui/table-columns";
import { DefaultKey } from "./default-key";
import { NewKeyDialog } from "./new-key-dialog";
import { OrderModeCard } from "./order-mode";
import { keysQuery } from "./queries";
import { ReplaceKeyDialog, RevokeKeyDialog } from "./replace-key";

export function KeysPage() {
  const keys = useQuery(keysQuery);
  const [making, make] = useState(false);
  const [replacing, replace] = useState<KeyRow | null>(null);
  const [revoking, revoke] = useState<KeyRow | null>(null);
  const actions = (key: KeyRow) => (
    <span className="flex justify-end gap-1">
      <Button size="small" onClick={() => replace(key)}>
        Replace
      </Button>
      {!key.is_default && (
        <Button size="small" kind="ghost" className="text-loss" onClick={() => revoke(key)}>
          Revoke
        </Button>
      )}
    </span>
  );
  const columns: Column<KeyRow>[] = [
    { id: "name", title: "Name", sortBy: (key) => key.name, cell: (key) => <KeyName row={key} /> },
    {
      id: "prefix",
      title: "Begins with",
      cell: (key) => <code className="font-mono text-[13px]">{key.prefix}…</code>,
    },
    { id: "scopes", title: "May", cell: (key) => <Scopes row={key} /> },
    textColumn("account", "Account", (key) => key.account),
    { id: "networks", title: "From", cell: (key) => key.allowed_networks.join(", ") || "anywhere" },
    {
      id: "used",
      title: "Last used",
      sortBy: (key) => key.last_used_at ?? "",
      cell: (key) => (key.last_used_at ? <Time value={key.last_used_at} /> : "never"),
    },
    {
      id: "expires",
      title: "Expires",
      sortBy: (key) => key.expires_at ?? "9",
      cell: (key) => (key.expires_at ? <Time value={key.expires_at} /> : "never"),
    },
    { id: "actions", title: "", cell: actions },
  ];
  return (
    <>
      <PageHead
        title="API Key"
        aside={
          <Button kind="primary" onClick={() => make(true)}>
            <Plus /> New key
          </Button>
        }
      >
        What programs show to trade as you. Give each of them a key of its own that may do no more
        than it needs.
      </PageHead>
      <div className="grid gap-3">
        <div className="grid gap-3 lg:grid-cols-2">
          <DefaultKey />
          <OrderModeCard />
        </div>
        <Card title="All keys" bodyClassName="p-0">
          {keys.isPending && <SkeletonRows rows={3} />}
          {keys.isError && <ErrorState error={keys.error} onRetry={() => keys.refetch()} />}
          {keys.isSuccess && (
            <DataTable
              caption="API keys"
              columns={columns}
              rows={keys.data}
              rowKey={(key) => String(key.id)}
              empty={<EmptyState title="No keys">Make one for your first program.</EmptyState>}
              card={(key) => (
                <div className="flex items-center justify-between gap-2">
                  <div className="grid gap-1">
                    <KeyName row={key} />
                    <Scopes row={key} />
                  </div>
                  {actions(key)}
                </div>
              )}
            />
          )}
        </Card>
      </div>
      <NewKeyDialog open={making} onOpenChange={make} />
      <ReplaceKeyDialog row={replacing} onClose={() => replace(null)} />
      <RevokeKeyDialog row={revoking} onClose={() => revoke(null)} />
    </>
  );
}

function KeyName({ row }: { row: KeyRow }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      {row.name}
      {row.is_default && <Badge tone="accent">default</Badge>}
      {row.replaced && <Badge tone="warn">replaced</Badge>}
    </span>
  );
}

function Scopes({ row }: { row: KeyRow }) {
  return (
    <span className="inline-flex gap-1">
      {row.scopes.map((scope) => (
        <Badge key={scope}>{scope}</Badge>
      ))}
    </span>
  );
}
