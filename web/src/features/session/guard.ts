import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { sessionQuery, setupQuery } from "./queries";

/** Lets users who are logged in pass; the others go to the login, or to the setup of a new server. */
export async function mustBeLoggedIn(queryClient: QueryClient, next: string): Promise<void> {
  const status = await queryClient.ensureQueryData(sessionQuery);
  if (status.authenticated) return;
  const { needs_setup } = await queryClient.fetchQuery(setupQuery);
  queryClient.removeQueries({ queryKey: sessionQuery.queryKey });
  if (needs_setup) throw redirect({ to: "/setup" });
  throw redirect({ to: "/login", search: { next } });
}
