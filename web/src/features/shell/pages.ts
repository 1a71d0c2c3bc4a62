import {
  Activity,
  Briefcase,
  ChartCandlestick,
  FlaskConical,
  Gauge,
  KeyRound,
  Landmark,
  Layers,
  ListChecks,
  type LucideIcon,
  ReceiptText,
  ScrollText,
  User,
} from "lucide-react";

export interface Page {
  path:
    | "/dashboard"
    | "/orderbook"
    | "/tradebook"
    | "/positions"
    | "/holdings"
    | "/trading"
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
  group: "Trade" | "Paper" | "System";
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
    path: "/trading",
    title: "Trading",
    icon: ChartCandlestick,
    group: "Trade",
    words: "chart candles ladder depth dom indicators buy sell",
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

export const GROUPS = ["Trade", "Paper", "System"] as const;
