import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api";

const RETRIES = 2;
const FRESH_FOR = 15_000;

/** What the server refused is not asked again by itself; what did not reach it is. */
function worthRetrying(failures: number, error: Error): boolean {
  if (failures >= RETRIES) return false;
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: FRESH_FOR, retry: worthRetrying, refetchOnWindowFocus: true },
    mutations: { retry: false, networkMode: "always" },
  },
});
