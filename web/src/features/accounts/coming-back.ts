import type { QueryClient } from "@tanstack/react-query";
import { selectedAccount } from "@/api";
import { toast } from "@/components/ui/toast";
import { accountOf, accountsQuery } from "./queries";

const PLACE = "openalgo.before-login";

/** Leaves for the broker's login page; `comeBack` leads to `back`, by itself to where the user is. */
export function leaveFor(loginPage: string, back = location.pathname + location.search): void {
  try {
    sessionStorage.setItem(PLACE, back);
  } catch {
    // then they come back to the accounts
  }
  location.assign(loginPage);
}

/** The page that was left for the broker's; of this tab, and told once. */
export function comeBack(): string {
  try {
    const place = sessionStorage.getItem(PLACE);
    sessionStorage.removeItem(PLACE);
    return place ?? "/accounts";
  } catch {
    return "/accounts";
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
