import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { session } from "@/api";
import { toast } from "@/components/ui/toast";
import { goLive, onEvents, ticks } from "@/live";
import { orderOnItsWay } from "../ticket/ask";

/** What each kind of event makes old. */
const MADE_OLD: Readonly<Record<string, readonly string[]>> = {
  order_update: ["of-account"],
  trade_event: ["of-account"],
  position_event: ["of-account"],
  gtt_event: ["of-account"],
  books_changed: ["of-account"],
  pending_order_created: ["approvals"],
  pending_order_updated: ["approvals"],
  app_mode_changed: ["accounts", "of-account"],
  kill_switch: ["of-account"],
  broker_session: ["accounts", "of-account"],
  account_event: ["accounts"],
  master_contract_download: ["instruments"],
};
const TOGETHER = 250;

/** Reads again what events made old, a burst of them once; ends the page with the session. */
export function useLiveUpdates(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const old = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      for (const key of old) void queryClient.invalidateQueries({ queryKey: [key] });
      old.clear();
    };
    const stopListening = onEvents(
      ({ event, data }) => {
        if (event === "force_logout") session.expired();
        if (event === "broker_session") ticks.start();
        if (event === "pending_order_created") {
          toast("plain", "An order waits for your approval", "Decide in the Action Center.");
        }
        const told = data.symbol === orderOnItsWay.get();
        if (event === "order_update" && data.order_status === "rejected" && !told) {
          toast("bad", `${data.symbol} order rejected`, String(data.rejection_reason));
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
      stopListening();
      disconnect();
      follow();
    };
  }, [queryClient]);
}
