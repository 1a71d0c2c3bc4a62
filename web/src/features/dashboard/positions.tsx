import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "@/components/ui/card";
import { EmptyState, ErrorState, SkeletonRows } from "@/components/ui/states";
import { DataTable } from "@/components/ui/table";
import { useAccountKey } from "../accounts/queries";
import { InstrumentMenu } from "../market/instrument-menu";
import { POSITION_COLUMNS, PositionCard } from "../positions/position-cells";
import { isOpen, keyOf } from "../positions/position-rows";
import { positionsQuery } from "./queries";

const SHOWN = ["symbol", "product", "quantity", "average", "ltp", "today"];
const COLUMNS = POSITION_COLUMNS.filter(({ id }) => SHOWN.includes(id));

export function Positions() {
  const positions = useQuery(positionsQuery(useAccountKey()));
  const rows = positions.data?.data ?? [];
  const open = rows.filter(isOpen).length;
  return (
    <Card
      title="Positions"
      bodyClassName="p-0"
      aside={
        positions.isSuccess && (
          <Link to="/positions" className="rounded text-[13px] text-accent hover:underline">
            {open} open, {rows.length - open} closed today
          </Link>
        )
      }
    >
      {positions.isPending && <SkeletonRows />}
      {positions.isError && (
        <ErrorState error={positions.error} onRetry={() => positions.refetch()} />
      )}
      {positions.isSuccess && (
        <DataTable
          caption="Positions"
          columns={COLUMNS}
          rows={rows}
          rowKey={keyOf}
          instrument={(row) => row}
          className="max-h-[26rem]"
          empty={
            <EmptyState title="No positions today">
              They appear here with your first filled order.
            </EmptyState>
          }
          card={(row) => <PositionCard row={row} actions={<InstrumentMenu {...row} />} />}
        />
      )}
    </Card>
  );
}
