import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";

/** A key that nobody can look at again. */
export function ShownOnce({ apiKey, onClose }: { apiKey: string; onClose: () => void }) {
  return (
    <div className="grid gap-3">
      <p>Copy it now: it is not shown again.</p>
      <code className="rounded-md border border-line bg-raised p-2 font-mono text-[13px] break-all">
        {apiKey}
      </code>
      <div className="flex justify-end gap-2">
        <CopyButton text={apiKey} label="Copy key" />
        <Button kind="primary" size="small" onClick={onClose}>
          I have copied it
        </Button>
      </div>
    </div>
  );
}
