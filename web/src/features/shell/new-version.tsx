import { queryOptions, useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { call } from "@/api";
import { appInfo } from "@/client";
import { Button } from "@/components/ui/button";
import { isNewer } from "./version";

/** Read again with everything else when the server was away: after an update, say. */
const appInfoQuery = queryOptions({
  queryKey: ["app-info"],
  queryFn: ({ signal }) => call(() => appInfo({ signal })),
});

/** Says that the server has a newer page than this one; it is loaded when the user wants it. */
export function NewVersion() {
  const { data } = useQuery(appInfoQuery);
  const [later, putOff] = useState<string | null>(null);
  const own = document.querySelector("script[type=module][src]")?.getAttribute("src") ?? null;
  if (!data || !isNewer(data.build, own) || later === data.build) return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-raised px-3 py-2"
    >
      <p className="min-w-0 flex-1">
        OpenAlgo was updated. This page still works; reload it when it suits you.
      </p>
      <Button size="small" kind="primary" onClick={() => window.location.reload()}>
        <RotateCw /> Reload
      </Button>
      <Button size="small" onClick={() => putOff(data.build)}>
        Later
      </Button>
    </div>
  );
}
