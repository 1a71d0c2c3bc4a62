import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { ErrorState, SkeletonRows } from "@/components/ui/states";
import { toast } from "@/components/ui/toast";
import { comeBack, sayConnected } from "@/features/accounts/coming-back";
import { mustBeLoggedIn } from "@/features/session/guard";
import { NotFound } from "./not-found";
import { queryClient } from "./queries";

interface Context {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFound,
});

/** Also where a broker's login page sends the user back to. */
const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, "connected"),
    ...text(search, "error"),
    account: Number(search.account) || 0,
  }),
  beforeLoad: ({ context, search }) => {
    if (!search.connected && !search.error) throw redirect({ to: "/dashboard" });
    if (search.connected) void sayConnected(context.queryClient, search.account);
    if (search.error) toast("bad", "The broker's login did not succeed", search.error);
    throw redirect({ href: comeBack() });
  },
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("@/features/setup/setup-page"), "SetupPage"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>) => {
    const { next } = text(search, "next");
    // Only to a page of ours: `//host` would be somebody else's.
    return next?.startsWith("/") && !/^\/[/\\]/.test(next) ? { next } : {};
  },
  component: lazyRouteComponent(() => import("@/features/session/login-page"), "LoginPage"),
});

const desk = createRoute({
  getParentRoute: () => root,
  id: "desk",
  beforeLoad: ({ context, location }) => mustBeLoggedIn(context.queryClient, location.href),
  component: lazyRouteComponent(() => import("@/features/shell/shell"), "Shell"),
});

const dashboard = createRoute({
  getParentRoute: () => desk,
  path: "/dashboard",
  component: lazyRouteComponent(
    () => import("@/features/dashboard/dashboard-page"),
    "DashboardPage",
  ),
});

const orderbook = createRoute({
  getParentRoute: () => desk,
  path: "/orderbook",
  validateSearch: (search: Record<string, unknown>): { tab?: "gtt" } =>
    search.tab === "gtt" ? { tab: "gtt" } : {},
  component: lazyRouteComponent(() => import("@/features/orders/orderbook-page"), "OrderbookPage"),
});

const optionChain = createRoute({
  getParentRoute: () => desk,
  path: "/optionchain",
  component: lazyRouteComponent(() => import("@/features/options/chain-page"), "OptionChainPage"),
});

const tradebook = createRoute({
  getParentRoute: () => desk,
  path: "/tradebook",
  component: lazyRouteComponent(() => import("@/features/trades/tradebook-page"), "TradebookPage"),
});

const positions = createRoute({
  getParentRoute: () => desk,
  path: "/positions",
  component: lazyRouteComponent(
    () => import("@/features/positions/positions-page"),
    "PositionsPage",
  ),
});

const holdings = createRoute({
  getParentRoute: () => desk,
  path: "/holdings",
  component: lazyRouteComponent(() => import("@/features/holdings/holdings-page"), "HoldingsPage"),
});

const trading = createRoute({
  getParentRoute: () => desk,
  path: "/trading",
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, "symbol"),
    ...text(search, "exchange"),
    ...text(search, "interval"),
  }),
  component: lazyRouteComponent(() => import("@/features/trading/trading-page"), "TradingPage"),
});

const pnlTracker = createRoute({
  getParentRoute: () => desk,
  path: "/pnl-tracker",
  component: lazyRouteComponent(() => import("@/features/pnl/pnl-tracker-page"), "PnlTrackerPage"),
});

const actionCenter = createRoute({
  getParentRoute: () => desk,
  path: "/action-center",
  component: lazyRouteComponent(
    () => import("@/features/approvals/action-center-page"),
    "ActionCenterPage",
  ),
});

const analyzer = createRoute({
  getParentRoute: () => desk,
  path: "/analyzer",
  component: lazyRouteComponent(() => import("@/features/analyzer/analyzer-page"), "AnalyzerPage"),
});

const sandbox = createRoute({
  getParentRoute: () => desk,
  path: "/sandbox",
  component: lazyRouteComponent(() => import("@/features/sandbox/sandbox-page"), "SandboxPage"),
});

const paperProfit = createRoute({
  getParentRoute: () => desk,
  path: "/sandbox/mypnl",
  component: lazyRouteComponent(() => import("@/features/paper/paper-page"), "PaperPage"),
});

const risk = createRoute({
  getParentRoute: () => desk,
  path: "/risk",
  component: lazyRouteComponent(() => import("@/features/risk/risk-page"), "RiskPage"),
});

const playground = createRoute({
  getParentRoute: () => desk,
  path: "/playground",
  validateSearch: (search: Record<string, unknown>) => text(search, "op"),
  component: lazyRouteComponent(
    () => import("@/features/playground/playground-page"),
    "PlaygroundPage",
  ),
});

const masterContract = createRoute({
  getParentRoute: () => desk,
  path: "/master-contract",
  component: lazyRouteComponent(
    () => import("@/features/instruments/instruments-page"),
    "InstrumentsPage",
  ),
});

const calendar = createRoute({
  getParentRoute: () => desk,
  path: "/calendar",
  component: lazyRouteComponent(() => import("@/features/calendar/calendar-page"), "CalendarPage"),
});

const accounts = createRoute({
  getParentRoute: () => desk,
  path: "/accounts",
  validateSearch: (search: Record<string, unknown>): { connect?: number } =>
    typeof search.connect === "number" ? { connect: search.connect } : {},
  component: lazyRouteComponent(() => import("@/features/accounts/accounts-page"), "AccountsPage"),
});

const broker = createRoute({
  getParentRoute: () => root,
  path: "/broker",
  beforeLoad: () => {
    throw redirect({ to: "/accounts" });
  },
});

const apikey = createRoute({
  getParentRoute: () => desk,
  path: "/apikey",
  component: lazyRouteComponent(() => import("@/features/keys/keys-page"), "KeysPage"),
});

const profile = createRoute({
  getParentRoute: () => desk,
  path: "/profile",
  component: lazyRouteComponent(() => import("@/features/profile/profile-page"), "ProfilePage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    start,
    setup,
    login,
    broker,
    desk.addChildren([
      dashboard,
      orderbook,
      optionChain,
      tradebook,
      positions,
      holdings,
      trading,
      pnlTracker,
      actionCenter,
      analyzer,
      sandbox,
      paperProfit,
      risk,
      accounts,
      apikey,
      playground,
      masterContract,
      calendar,
      profile,
    ]),
  ]),
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: () => <SkeletonRows rows={8} />,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function text<Name extends string>(search: Record<string, unknown>, name: Name) {
  const value = search[name];
  return (typeof value === "string" ? { [name]: value } : {}) as { [_ in Name]?: string };
}
