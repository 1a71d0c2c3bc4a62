import { useQuery } from "@tanstack/react-query";
import { Badge } from "@/components/ui/badge";
import { Tooltip } from "@/components/ui/tooltip";
import { formatQuantity } from "@/lib/numbers";
import { formatTime } from "@/lib/times";
import { instrumentsQuery } from "./queries";

/** Whether the instruments of the broker are there, and how far their download is. */
export function Instruments() {
  const { data } = useQuery(instrumentsQuery);
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
      <Badge tone="plain" tabIndex={0}>
        {formatQuantity(data.total_symbols)} instruments
      </Badge>
    </Tooltip>
  );
}
