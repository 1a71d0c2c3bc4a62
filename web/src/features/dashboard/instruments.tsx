import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/ui/badge";
import { Tooltip } from "@/components/ui/tooltip";
import { formatQuantity } from "@/lib/numbers";
import { formatTime } from "@/lib/times";
import { useAccountKey } from "../accounts/queries";
import { instrumentsQuery } from "../instruments/queries";

/** Whether the instruments of the broker are there, and how far their download is. */
export function Instruments() {
  const [, account] = useAccountKey();
  const { data } = useQuery(instrumentsQuery(account));
  if (data === undefined) return null;
  if (data.status === "downloading") {
    return (
      <Badge tone="warn" role="status">
        Downloading instruments{data.rows > 0 && `: ${formatQuantity(data.rows)}`}
      </Badge>
    );
  }
  if (!data.is_ready) {
    return (
      <Badge tone="loss" role="status">
        No instruments: {data.message}
      </Badge>
    );
  }
  return (
    <Tooltip text={`${data.message}. Last update ${formatTime(data.last_updated)} IST`}>
      <Link to="/master-contract" className="rounded">
        <Badge tone="plain">{formatQuantity(data.total_symbols)} instruments</Badge>
      </Link>
    </Tooltip>
  );
}
