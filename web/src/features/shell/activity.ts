import { formatNumber, formatQuantity } from "@/lib/numbers";
import { Store } from "@/lib/store";
import type { AppEvent } from "@/live";

export type Subject = "Orders" | "Approvals" | "Risk" | "Broker" | "Instruments" | "Account";

/** Something that happened, in a sentence. */
export interface Notice {
  key: string;
  subject: Subject;
  tone: "good" | "bad" | "plain";
  title: string;
  text?: string;
  /** Epoch milliseconds. */
  at: number;
  account: number | null;
  /** Where more of it is seen. */
  to?: "/orderbook" | "/action-center" | "/risk" | "/accounts" | "/master-contract";
}

const KEPT = 100;

/** What has happened since this page was opened, newest first. */
export const activity = new Store<readonly Notice[]>([]);
export const unread = new Store(0);

export function remember(notice: Notice): void {
  activity.set([notice, ...activity.get()].slice(0, KEPT));
  unread.set(unread.get() + 1);
}

type Words = Omit<Notice, "key" | "at" | "account">;

/** What `event` is to somebody who reads it later; `null` for what is not worth their time. */
export function noticeOf({ event, data, ts, account, seq }: AppEvent): Notice | null {
  const words = WORDS[event]?.(data) ?? null;
  return words && { ...words, key: `${seq ?? ts}:${event}`, at: ts, account };
}

const WORDS: Readonly<Record<string, (data: AppEvent["data"]) => Words | null>> = {
  order_update: ofOrder,
  order_outcome: (data) => ({
    subject: "Orders",
    tone: data.state === "accepted" ? "good" : "bad",
    title:
      data.state === "unknown"
        ? "The broker did not answer an order"
        : `An unanswered order is ${data.state}`,
    text: String(data.message),
    to: "/orderbook",
  }),
  gtt_event: (data) => ({
    subject: "Orders",
    tone: data.event === "failed" ? "bad" : "plain",
    title: `${data.symbol}: GTT ${data.event}`,
    ...(data.reason ? { text: String(data.reason) } : {}),
    to: "/orderbook",
  }),
  pending_order_created: () => ({
    subject: "Approvals",
    tone: "plain",
    title: "An order waits for your approval",
    to: "/action-center",
  }),
  pending_order_updated: (data) => ({
    subject: "Approvals",
    tone: "plain",
    title: `A waiting order was ${data.action}`,
    to: "/action-center",
  }),
  app_mode_changed: (data) => ({
    subject: "Account",
    tone: "plain",
    title: data.analyze_mode ? "Orders go to paper" : "Orders use real money",
  }),
  kill_switch: (data) => ({
    subject: "Risk",
    tone: data.thrown ? "bad" : "good",
    title: data.thrown ? "Kill switch engaged: exits only" : "Kill switch released",
    text: `By ${data.by}`,
    to: "/risk",
  }),
  broker_session: (data) => ({
    subject: "Broker",
    tone: data.state === "connected" ? "good" : "bad",
    title:
      data.state === "connected"
        ? "Connected to the broker"
        : data.state === "expired"
          ? "The broker ended the session"
          : "Logged out of the broker",
    ...(data.reason ? { text: String(data.reason) } : {}),
    to: "/accounts",
  }),
  account_event: (data) =>
    data.name
      ? {
          subject: "Account",
          tone: "plain",
          title: `Account ${data.name} was ${data.change === "archived" ? "put away" : data.change}`,
          to: "/accounts",
        }
      : null,
  master_contract_download: ofDownload,
};

function ofOrder(data: AppEvent["data"]): Words | null {
  const order = `${data.action} ${formatQuantity(Number(data.quantity))} ${data.symbol}`;
  const venue = data.mode === "analyze" ? "on paper" : "live";
  const common = { subject: "Orders", to: "/orderbook" } as const;
  switch (data.order_status) {
    case "complete":
      return {
        ...common,
        tone: "good",
        title: `Filled: ${order}`,
        text: `At ${formatNumber(Number(data.average_price))}, ${venue}`,
      };
    case "rejected":
      return {
        ...common,
        tone: "bad",
        title: `Rejected: ${order}`,
        text: `${data.rejection_reason} (${venue})`,
      };
    case "cancelled":
      return { ...common, tone: "plain", title: `Cancelled: ${order}`, text: venue };
    default:
      return null;
  }
}

/** Its end: how far it is, the page of the instruments shows. */
function ofDownload(data: AppEvent["data"]): Words | null {
  const common = { subject: "Instruments", to: "/master-contract" } as const;
  if (data.status === "error") {
    return {
      ...common,
      tone: "bad",
      title: "Instruments were not downloaded",
      text: String(data.message),
    };
  }
  if (data.status !== "success") return null;
  return {
    ...common,
    tone: "good",
    title: `${formatQuantity(Number(data.total_symbols))} instruments in force`,
    text: String(data.broker),
  };
}
