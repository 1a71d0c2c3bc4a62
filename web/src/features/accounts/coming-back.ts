import type { QueryClient } from "@tanstack/react-query";
import { selectedAccount } from "@/api";
import { toast } from "@/components/ui/toast";
import { askAgain, asked, type Draft } from "../ticket/ask";
import { accountOf, accountsQuery } from "./queries";

const PLACE = "openalgo.before-login";

interface Place {
  page: string;
  /** The order whose ticket was open. */
  order: Draft | null;
}

/** Leaves for the broker's login page; `comeBack` leads to `page`, by itself to where the user is. */
export function leaveFor(loginPage: string, page = location.pathname + location.search): void {
  const task = asked.get();
  const place: Place = { page, order: task?.kind === "new" ? task.draft : null };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(place));
  } catch {
    // then they come back to the accounts
  }
  location.assign(loginPage);
}

/** The page that was left for the broker's, told once; its ticket is opened as it was. */
export function comeBack(): string {
  const place = takePlace();
  if (place?.order) askAgain(place.order);
  return place?.page ?? "/accounts";
}

function takePlace(): Place | null {
  try {
    const kept = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    return kept === null ? null : JSON.parse(kept);
  } catch {
    return null;
  }
}

/** Says which account was connected, and how to trade on it where another one is in use. */
export async function sayConnected(queryClient: QueryClient, id: number): Promise<void> {
  const rows = await queryClient.fetchQuery(accountsQuery).catch(() => []);
  const account = rows.find((row) => row.id === id);
  if (account === undefined) return toast("good", "Connected");
  const inUse = accountOf(rows, selectedAccount.get())?.id === id;
  toast(
    "good",
    `${account.name} is connected to ${account.broker_name}`,
    inUse ? undefined : "Choose it at the top to trade on it.",
  );
}
