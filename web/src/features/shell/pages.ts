import {
  Activity,
  ChartCandlestick,
  ChartLine,
  FlaskConical,
  Gauge,
  KeyRound,
  Landmark,
  ListChecks,
  type LucideIcon,
  ScrollText,
  Table2,
  User,
} from "lucide-react";

export interface Page {
  path:
    | "/dashboard"
    | "/orderbook"
    | "/optionchain"
    | "/trading"
    | "/pnl-tracker"
    | "/action-center"
    | "/analyzer"
    | "/sandbox"
    | "/accounts"
    | "/apikey"
    | "/profile";
  title: string;
  /** Where there is little room. */
  short?: string;
  icon: LucideIcon;
  group: "Trade" | "Options" | "Paper" | "System";
  /** Other words people look for. */
  words: string;
  /** Whether it stands in the bar at the bottom of a phone. */
  bar?: boolean;
}

export const PAGES: readonly Page[] = [
  {
    path: "/dashboard",
    title: "Dashboard",
    icon: Gauge,
    group: "Trade",
    words: "home funds margin pnl positions watch",
    bar: true,
  },
  {
    path: "/orderbook",
    title: "Orderbook",
    icon: ScrollText,
    group: "Trade",
    words: "orders cancel open filled rejected why",
    bar: true,
  },
  {
    path: "/trading",
    title: "Trading",
    icon: ChartCandlestick,
    group: "Trade",
    words: "chart candles ladder depth dom indicators buy sell",
  },
  {
    path: "/pnl-tracker",
    title: "P&L tracker",
    icon: ChartLine,
    group: "Trade",
    words: "profit loss curve drawdown mtm day strategy symbol",
  },
  {
    path: "/action-center",
    title: "Action Center",
    short: "Actions",
    icon: ListChecks,
    group: "Trade",
    words: "approve reject pending orders semi auto",
    bar: true,
  },
  {
    path: "/optionchain",
    title: "Option chain",
    short: "Chain",
    icon: Table2,
    group: "Options",
    words: "strikes calls puts greeks iv oi pcr max pain straddle strategy",
    bar: true,
  },
  {
    path: "/analyzer",
    title: "Analyzer",
    icon: Activity,
    group: "Paper",
    words: "requests log calls api sandbox",
  },
  {
    path: "/sandbox",
    title: "Sandbox",
    icon: FlaskConical,
    group: "Paper",
    words: "capital leverage square-off reset settings paper",
  },
  {
    path: "/accounts",
    title: "Accounts",
    icon: Landmark,
    group: "System",
    words: "broker connect login zerodha",
    bar: true,
  },
  {
    path: "/apikey",
    title: "API Key",
    icon: KeyRound,
    group: "System",
    words: "keys token rotate sdk",
  },
  {
    path: "/profile",
    title: "Profile",
    icon: User,
    group: "System",
    words: "password devices sessions logout theme",
  },
];

export const GROUPS = ["Trade", "Options", "Paper", "System"] as const;
