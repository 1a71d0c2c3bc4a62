import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Menu, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { session } from "@/api";
import { useChosenTheme } from "@/app/theme";
import { Logo } from "@/components/logo";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useStore } from "@/lib/store";
import { pendingCountQuery } from "../approvals/queries";
import { BasketButton, BasketDrawer, useBasketBeside } from "../basket/basket-drawer";
import { ModeFrame, ModeSwitch } from "../mode/mode";
import { KillSwitchDialog } from "../risk/kill-switch";
import { SessionDialog } from "../session/session-dialog";
import { askForInstrument } from "../ticket/ask";
import { TicketHost } from "../ticket/ticket-host";
import { AccountMenu } from "./account-menu";
import { Banners } from "./banners";
import { Bell } from "./bell";
import { Connection } from "./connection";
import { IndexStrip } from "./index-strip";
import { useLiveUpdates } from "./live-updates";
import { MoreSheet } from "./more-sheet";
import { NewVersion } from "./new-version";
import { BAR, GROUPS, PAGES, type Page } from "./pages";
import { Palette } from "./palette";
import { UserMenu } from "./user-menu";

/** Everything around a page, for a user who is logged in. */
export function Shell() {
  useLiveUpdates();
  useLeaveWithSession();
  useChosenTheme();
  const beside = useBasketBeside();
  return (
    <div
      className={cn(
        "min-h-dvh lg:grid lg:grid-cols-[11.5rem_1fr]",
        beside && "lg:grid-cols-[11.5rem_1fr_26rem]",
      )}
    >
      <a
        href="#page"
        className="sr-only z-50 rounded bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <SideNavigation />
      <div className="min-w-0 pr-(--beside)">
        <header className="@container sticky top-0 z-20 flex h-14 items-center gap-2 border-b border-line bg-surface px-3 pt-[3px]">
          <Link to="/dashboard" aria-label="Dashboard" className="lg:hidden">
            <Logo short />
          </Link>
          <ModeSwitch />
          <AccountMenu />
          <IndexStrip />
          <div className="ml-auto flex items-center gap-1">
            <Button className="max-md:hidden" onClick={() => askForInstrument("BUY")}>
              <Plus /> Order
            </Button>
            <Connection />
            <BasketButton />
            <Palette />
            <Bell />
            <UserMenu />
          </div>
        </header>
        <NewVersion />
        <Banners />
        <main
          id="page"
          tabIndex={-1}
          className="mx-auto max-w-[1800px] has-data-wide:max-w-none p-3 pb-24 outline-none lg:p-4"
        >
          <Outlet />
        </main>
      </div>
      <BasketDrawer />
      <BottomBar />
      <ModeFrame />
      <KillSwitchDialog />
      <TicketHost />
      <SessionDialog />
    </div>
  );
}

function SideNavigation() {
  return (
    <aside className="sticky top-0 flex h-dvh flex-col gap-4 overflow-y-auto border-r border-line bg-surface p-3 pt-4 max-lg:hidden">
      <Link to="/dashboard" className="px-2">
        <Logo />
      </Link>
      <nav aria-label="Pages" className="grid gap-4">
        {GROUPS.filter((group) => PAGES.some((page) => page.group === group)).map((group) => (
          <div key={group} className="grid gap-0.5">
            <p className="px-2 text-xs text-quiet">{group}</p>
            {PAGES.filter((page) => page.group === group).map((page) => (
              <PageLink key={page.path} page={page} className="h-8 gap-2 rounded-md px-2" />
            ))}
          </div>
        ))}
      </nav>
    </aside>
  );
}

const IN_BAR = "h-14 min-w-0 flex-col justify-center gap-0.5 text-[11px]";

function BottomBar() {
  const [more, showMore] = useState(false);
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-20 grid auto-cols-fr grid-flow-col border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {BAR.map((page) => (
        <PageLink
          key={page.path}
          page={page.short ? { ...page, title: page.short } : page}
          className={IN_BAR}
        />
      ))}
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => showMore(true)}
        className={cn(IN_BAR, "flex items-center text-quiet hover:bg-raised hover:text-ink")}
      >
        <Menu aria-hidden className="size-4" />
        More
      </button>
      <MoreSheet open={more} onOpenChange={showMore} />
    </nav>
  );
}

function PageLink({ page, className }: { page: Page; className: string }) {
  const { path, title, icon: Icon } = page;
  return (
    <Link
      to={path}
      activeOptions={{ exact: true, includeSearch: false }}
      className={cn(
        "flex items-center text-quiet hover:bg-raised hover:text-ink data-[status=active]:bg-raised data-[status=active]:font-medium data-[status=active]:text-ink",
        className,
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className="max-w-full truncate">{title}</span>
      {path === "/action-center" && <Waiting />}
    </Link>
  );
}

/** How many orders wait for approval. */
function Waiting() {
  const { data } = useQuery(pendingCountQuery);
  if (!data) return null;
  return (
    <Badge
      tone="warn"
      className="ml-auto max-lg:absolute max-lg:translate-x-4 max-lg:-translate-y-3"
    >
      {data}
      <span className="sr-only"> waiting</span>
    </Badge>
  );
}

/** Who logged out, here or in another tab, sees the login. */
function useLeaveWithSession(): void {
  const navigate = useNavigate();
  const phase = useStore(session.phase);
  useEffect(() => {
    if (phase === "ended") void navigate({ to: "/login" });
  }, [phase, navigate]);
}
