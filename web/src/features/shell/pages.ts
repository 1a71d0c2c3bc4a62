import {
  Activity,
  Briefcase,
  CalendarDays,
  ChartCandlestick,
  ChartLine,
  ChartNoAxesColumn,
  Database,
  FlaskConical,
  Gauge,
  KeyRound,
  Landmark,
  Layers,
  ListChecks,
  type LucideIcon,
  ReceiptText,
  ScrollText,
  ShieldAlert,
  SquareTerminal,
  Table2,
  User,
} from "lucide-react";

export interface Page {
  path:
    | "/dashboard"
    | "/orderbook"
    | "/optionchain"
    | "/tradebook"
    | "/positions"
    | "/holdings"
    | "/trading"
    | "/pnl-tracker"
    | "/action-center"
    | "/analyzer"
    | "/sandbox"
    | "/sandbox/mypnl"
    | "/risk"
    | "/accounts"
    | "/apikey"
    | "/playground"
    | "/master-contract"
    | "/calendar"
    | "/profile";
  title: string;
  /** Where there is little room. */
  short?: string;
  icon: LucideIcon;
  group: "Trade" | "Options" | "Paper" | "System";
  /** Other words people look for. */
  words: string;
  /** Whether it stands in the bar at the bottom of a phone; the first four of them do. */
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
    path: "/trading",
    title: "Trading",
    icon: ChartCandlestick,
    group: "Trade",
    words: "chart candles ladder depth dom indicators buy sell",
    bar: true,
  },
  {
    path: "/orderbook",
    title: "Orderbook",
    icon: ScrollText,
    group: "Trade",
    words: "orders cancel modify open filled rejected why gtt triggers",
    bar: true,
  },
  {
    path: "/tradebook",
    title: "Tradebook",
    icon: ReceiptText,
    group: "Trade",
    words: "trades fills executions value",
  },
  {
    path: "/positions",
    title: "Positions",
    icon: Layers,
    group: "Trade",
    words: "open close square off exit pnl profit loss long short",
    bar: true,
  },
  {
    path: "/holdings",
    title: "Holdings",
    icon: Briefcase,
    group: "Trade",
    words: "shares delivery cnc portfolio investment",
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
  },
  {
    path: "/risk",
    title: "Risk",
    icon: ShieldAlert,
    group: "Trade",
    words: "limits kill switch loss quantity stop trading",
  },
  {
    path: "/optionchain",
    title: "Option chain",
    short: "Chain",
    icon: Table2,
    group: "Options",
    words: "strikes calls puts greeks iv oi pcr max pain straddle strategy",
  },
  {
    path: "/analyzer",
    title: "Analyzer",
    icon: Activity,
    group: "Paper",
    words: "requests log calls api sandbox",
  },
  {
    path: "/sandbox/mypnl",
    title: "Paper P&L",
    icon: ChartNoAxesColumn,
    group: "Paper",
    words: "profit loss mypnl daily win rate trades holdings",
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
  },
  {
    path: "/apikey",
    title: "API Key",
    icon: KeyRound,
    group: "System",
    words: "keys token rotate sdk",
  },
  {
    path: "/playground",
    title: "Playground",
    icon: SquareTerminal,
    group: "System",
    words: "api requests openapi test curl websocket console try",
  },
  {
    path: "/master-contract",
    title: "Instruments",
    icon: Database,
    group: "System",
    words: "master contract symbols download",
  },
  {
    path: "/calendar",
    title: "Calendar",
    icon: CalendarDays,
    group: "System",
    words: "holidays timings market hours sessions open closed",
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

const IN_BAR = 4;

export const BAR: readonly Page[] = PAGES.filter((page) => page.bar).slice(0, IN_BAR);
