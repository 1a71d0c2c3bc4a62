import { useQuery } from "@tanstack/react-query";
import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { defaultKeyQuery } from "./queries";

export function DefaultKey() {
  const key = useQuery(defaultKeyQuery);
  const [shown, show] = useState(false);
  if (key.isError) {
    return (
      <Card title="Your default key">
        <ErrorState error={key.error} onRetry={() => key.refetch()} />
      </Card>
    );
  }
  const text = key.data?.api_key ?? null;
  return (
    <Card title="Your default key">
      {key.isPending ? (
        <Skeleton className="h-9" />
      ) : text === null ? (
        <p className="text-quiet">This account has no default key.</p>
      ) : (
        <div className="flex flex-wrap items-center gap-2">
          <code
            data-testid="default-key"
            className="min-w-0 flex-1 rounded-md border border-line bg-raised px-2 py-1.5 font-mono text-[13px] break-all"
          >
            {shown ? text : "•".repeat(24)}
          </code>
          <Button size="small" onClick={() => show(!shown)} aria-pressed={shown}>
            {shown ? <EyeOff /> : <Eye />} {shown ? "Hide" : "Show"}
          </Button>
          <CopyButton text={text} />
        </div>
      )}
      <p className="mt-2 text-[13px] text-quiet">
        It may do everything you may do. Replace it, below, if somebody else has seen it.
      </p>
    </Card>
  );
}
