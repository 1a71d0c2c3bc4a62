import { queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { BookOpen } from "lucide-react";
import { useRef, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Time } from "@/components/ui/figures";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { useStore } from "@/lib/store";
import type { Operation } from "./document";
import { KeyBox } from "./key-box";
import { OperationList } from "./operation-list";
import { RequestPanel } from "./request-panel";
import { SocketConsole } from "./socket-console";
import { type Sent, visits } from "./visits";
import { operations } from "./wire";

const FIRST = "quotes";

export function PlaygroundPage() {
  const [key, setKey] = useState("");
  return (
    <>
      <PageHead
        title="Playground"
        aside={
          <Button asChild>
            <a href="/api/docs" target="_blank" rel="noreferrer">
              <BookOpen /> API documentation
            </a>
          </Button>
        }
      >
        Sends real requests to this server's API, as a program would.
      </PageHead>
      <KeyBox value={key} onChange={setKey} />
      <Tabs defaultValue="requests">
        <TabsList className="mb-3" aria-label="What to speak">
          <Tab value="requests">Requests</Tab>
          <Tab value="socket">WebSocket</Tab>
        </TabsList>
        <TabPanel value="requests">
          <Requests apiKey={key} />
        </TabPanel>
        <TabPanel value="socket">
          <SocketConsole apiKey={key} />
        </TabPanel>
      </Tabs>
    </>
  );
}

const documentQuery = queryOptions({
  queryKey: ["openapi"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => operations(signal),
});

function Requests({ apiKey }: { apiKey: string }) {
  const { op } = useSearch({ from: "/desk/playground" });
  const navigate = useNavigate();
  const groups = useQuery(documentQuery);
  const [again, setAgain] = useState<Sent | null>(null);
  const list = useRef<HTMLDetailsElement>(null);
  const all = groups.data?.flatMap(({ operations }) => operations) ?? [];
  const chosen =
    all.find(({ id }) => id === op) ?? all.find(({ id }) => id === FIRST) ?? all[0] ?? null;
  if (groups.isError) return <ErrorState error={groups.error} onRetry={() => groups.refetch()} />;
  if (groups.data === undefined || chosen === null) return <SkeletonRows rows={10} />;
  const choose = (operation: Operation, sent: Sent | null = null) => {
    setAgain(sent);
    if (list.current && window.innerWidth < 1024) list.current.open = false;
    void navigate({ to: "/playground", search: { op: operation.id }, replace: true });
  };
  return (
    <div className="grid items-start gap-3 lg:grid-cols-[17rem_1fr]">
      <div className="grid min-w-0 gap-3">
        <details
          ref={list}
          open={window.innerWidth >= 1024}
          className="rounded-lg border border-line bg-surface"
        >
          <summary className="flex min-h-11 cursor-pointer items-center px-3 font-semibold lg:hidden">
            Operation: {chosen.title}
          </summary>
          <OperationList groups={groups.data} chosen={chosen} onChoose={choose} />
        </details>
        <History onChoose={(sent) => choose(sent.wanted.operation, sent)} />
      </div>
      <RequestPanel
        key={`${chosen.id}:${again?.number ?? ""}`}
        operation={chosen}
        apiKey={apiKey}
        first={again}
      />
    </div>
  );
}

/** What was sent in this visit, to look at or send again. */
function History({ onChoose }: { onChoose: (sent: Sent) => void }) {
  const sent = useStore(visits);
  if (sent.length === 0) return null;
  return (
    <Card
      title="This visit"
      bodyClassName="p-0"
      aside={
        <Button size="small" kind="ghost" onClick={() => visits.set([])}>
          Clear
        </Button>
      }
    >
      <ul className="max-h-72 overflow-y-auto">
        {sent.map((each) => (
          <li key={each.number} className="border-b border-line/60 last:border-0">
            <button
              type="button"
              onClick={() => onChoose(each)}
              className="flex w-full items-center gap-2 px-3 py-1.5 text-left hover:bg-raised"
            >
              <Badge tone={each.answer.status < 400 ? "gain" : "loss"}>{each.answer.status}</Badge>
              <span className="min-w-0 flex-1 truncate">{each.wanted.operation.title}</span>
              <Time value={each.at} className="text-xs text-quiet" />
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
