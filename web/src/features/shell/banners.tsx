import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { OctagonX, RotateCw, TriangleAlert, Unplug, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Time } from "@/components/ui/figures";
import { cn } from "@/lib/cn";
import { useStore } from "@/lib/store";
import { type LinkState, ticks } from "@/live";
import { needsLogin, useAccount } from "../accounts/queries";
import { Reconnect } from "../accounts/reconnect";
import { askToRelease, useKillSwitch } from "../risk/kill-switch";
import { unresolvedQuery } from "../unresolved/queries";
import { tryNow } from "./connection";

/** What stands in the way of trading now, worst first, on every page. */
export function Banners() {
  return (
    <>
      <KillSwitchBanner />
      <BrokerBanner />
      <UnresolvedBanner />
      <StaleBanner />
    </>
  );
}

function Banner({
  tone,
  icon,
  children,
  action,
  sticky = false,
}: {
  /** Seen wherever the page is scrolled to. */
  sticky?: boolean;
  tone: "loss" | "warn";
  icon: ReactNode;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div
      role="status"
      className={cn(
        "flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b px-3 py-1.5 [&>svg]:size-4 [&>svg]:shrink-0 lg:px-4",
        sticky && "sticky top-14 z-10",
        tone === "loss"
          ? "border-loss/40 bg-[color-mix(in_oklab,var(--loss)_12%,var(--surface))] [&>svg]:text-loss"
          : "border-warn/40 bg-warn-soft text-warn",
      )}
    >
      {icon}
      <p className="min-w-0 flex-1 basis-56">{children}</p>
      {action}
    </div>
  );
}

function KillSwitchBanner() {
  const thrown = useKillSwitch();
  if (thrown === null) return null;
  return (
    <Banner
      sticky
      tone="loss"
      icon={<OctagonX />}
      action={
        <Button size="small" onClick={askToRelease}>
          Release
        </Button>
      }
    >
      <strong>Kill switch engaged: only exits are taken.</strong>{" "}
      <span className="text-quiet">
        By {thrown.by} since <Time value={thrown.at} />.
      </span>
    </Banner>
  );
}

function BrokerBanner() {
  const account = useAccount();
  if (account === undefined || !needsLogin(account)) return null;
  const { session } = account;
  const expired = session.state === "expired";
  return (
    <Banner
      tone={account.analyze_mode ? "warn" : "loss"}
      icon={<Unplug />}
      action={<Reconnect account={account} />}
    >
      <strong>
        {expired
          ? `${account.broker_name} ended the session`
          : `${account.name} is not connected to ${account.broker_name}`}
      </strong>
      {session.ended_at && (
        <>
          {" "}
          {expired ? "at" : "since"} <Time value={session.ended_at} />
        </>
      )}
      . {!expired && session.reason && `${session.reason.replace(/\.$/, "")}. `}
      {account.analyze_mode
        ? "Paper trading gets no prices until you log in."
        : "Orders are refused, and books and prices stand still until you log in."}
    </Banner>
  );
}

function UnresolvedBanner() {
  const account = useAccount();
  const { data } = useQuery({
    ...unresolvedQuery(account?.id ?? null),
    enabled: account !== undefined,
  });
  if (!data?.length) return null;
  return (
    <Banner
      tone="loss"
      icon={<TriangleAlert />}
      action={
        <Button asChild size="small">
          <Link to="/orderbook" hash="unresolved">
            Look at {data.length === 1 ? "it" : "them"}
          </Link>
        </Button>
      }
    >
      <strong>
        Nobody knows what became of {data.length} {data.length === 1 ? "order" : "orders"}
      </strong>{" "}
      at {account?.broker_name}. {data.length === 1 ? "It" : "They"} may be working there.
    </Banner>
  );
}

const BEARABLE = 3000;

/** Prices do not come, for longer than a reconnection usually takes. */
function StaleBanner() {
  const link = useStore(ticks.state);
  const stale = useStore(ticks.stale);
  const trouble = useStore(ticks.trouble);
  const account = useAccount();
  const onPaper = account?.analyze_mode;
  const since = useSince(stale);
  if (since === null || link.phase === "off") return null;
  // The banner about the login says so already.
  if (trouble !== null && account !== undefined && needsLogin(account)) return null;
  return (
    <Banner
      tone="warn"
      icon={<WifiOff />}
      action={
        trouble === null && (
          <Button size="small" onClick={tryNow}>
            <RotateCw /> Try now
          </Button>
        )
      }
    >
      <strong>
        Prices stand still since <Time value={since} />
      </strong>
      {whyStill(link, trouble)}{" "}
      {trouble !== null && onPaper ? "Paper orders wait for prices." : "Orders are not affected."}
    </Banner>
  );
}

function whyStill(link: LinkState, trouble: string | null): string {
  if (trouble !== null) return `: ${trouble.replace(/\.$/, "")}. The server goes on trying.`;
  return link.phase === "refused" ? `: ${link.reason}.` : ". Reconnecting by itself.";
}

/** When `state` became true, once it has been so for a while. */
function useSince(state: boolean): number | null {
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    if (!state) return setSince(null);
    const began = Date.now();
    const timer = setTimeout(() => setSince(began), BEARABLE);
    return () => clearTimeout(timer);
  }, [state]);
  return since;
}
