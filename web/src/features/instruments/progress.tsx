import type { MasterContractReply } from "@/client";
import { formatQuantity } from "@/lib/numbers";

const MEGABYTE = 1_000_000;

/** How far the download is; where the broker does not say how much comes, that it goes on. */
export function Progress({ status }: { status: MasterContractReply }) {
  const { received_bytes: received, total_bytes: total, rows } = status;
  const percent = total === null ? null : Math.min(100, Math.round((received / total) * 100));
  return (
    <div className="grid gap-1">
      <progress
        aria-label="Download of the instruments"
        {...(percent === null ? {} : { max: 100, value: percent })}
        className="h-2.5 w-full overflow-hidden rounded-full accent-(--accent)"
      />
      {received === 0 ? (
        <p className="text-[13px] text-quiet">Downloading: the broker has sent nothing yet</p>
      ) : (
        <p className="num text-[13px] text-quiet">
          {percent !== null && `${percent}% · `}
          {(received / MEGABYTE).toFixed(1)} MB · {formatQuantity(rows)} instruments read
        </p>
      )}
    </div>
  );
}
