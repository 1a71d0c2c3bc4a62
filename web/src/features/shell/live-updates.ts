import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { session } from "@/api";
import { toast } from "@/components/ui/toast";
import { goLive, onEvents, ticks } from "@/live";
import { orderOnItsWay } from "../ticket/ask";
import { noticeOf, remember } from "./activity";
import { sound } from "./sounds";

/** What each kind of event makes old. */
const MADE_OLD: Readonly<Record<string, readonly string[]>> = {
  order_update: ["of-account"],
  order_outcome: ["of-account", "unresolved"],
  trade_event: ["of-account", "paper-pnl"],
  position_event: ["of-account", "paper-pnl"],
  account_marked: ["paper-pnl"],
  gtt_event: ["of-account"],
  books_changed: ["of-account", "paper-pnl"],
  pending_order_created: ["approvals"],
  pending_order_updated: ["approvals"],
  app_mode_changed: ["accounts", "of-account", "risk"],
  kill_switch: ["of-account", "risk"],
  broker_session: ["accounts", "of-account"],
  account_event: ["accounts"],
  master_contract_download: ["instruments"],
};
const TOGETHER = 250;
/** So long after it was sent, an order without an answer counts as unresolved. */
const UNRESOLVED_AFTER = 61_000;

/** Reads again what events made old, a burst of them once; ends the page with the session. */
export function useLiveUpdates(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const old = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let unresolved: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      for (const key of old) void queryClient.invalidateQueries({ queryKey: [key] });
      old.clear();
    };
    const stopListening = onEvents(
      (happened) => {
        const { event, data } = happened;
        if (event === "force_logout") session.expired();
        if (event === "broker_session") ticks.start();
        if (event === "pending_order_created") {
          toast("plain", "An order waits for your approval", "Decide in the Action Center.");
        }
        const told = data.symbol === orderOnItsWay.get();
        if (event === "order_update" && data.order_status === "rejected" && !told) {
          toast("bad", `${data.symbol} order rejected`, String(data.rejection_reason));
        }
        if (event === "order_outcome") {
          clearTimeout(unresolved);
          unresolved = setTimeout(
            () => void queryClient.invalidateQueries({ queryKey: ["unresolved"] }),
            UNRESOLVED_AFTER,
          );
        }
        const notice = noticeOf(happened);
        if (notice !== null) {
          remember(notice);
          sound(notice);
        }
        for (const key of MADE_OLD[event] ?? []) old.add(key);
        timer ??= setTimeout(refresh, TOGETHER);
      },
      () => void queryClient.invalidateQueries(),
    );
    const disconnect = goLive();
    const follow = session.phase.subscribe(() => {
      if (session.phase.get() === "active") void queryClient.invalidateQueries();
    });
    return () => {
      clearTimeout(timer);
      clearTimeout(unresolved);
      stopListening();
      disconnect();
      follow();
    };
  }, [queryClient]);
}
