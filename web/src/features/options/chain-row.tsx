import { memo, useRef } from "react";
import type { ChainRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/numbers";
import type { ChainColumn } from "./columns";
import { type LiveCells, type Side, useLiveCells } from "./live-cells";
import { trade } from "./trade";

interface RowProps extends LiveCells {
  atTheMoney: boolean;
  /** The side the tab key leads to, if it is in this row. */
  reached: Side | null;
}

/** Ticks go straight into the cells: React does not hear of them. */
export const ChainTableRow = memo(function ChainTableRow(props: RowProps) {
  const { row, exchange, columns, atTheMoney, reached } = props;
  const place = useRef<HTMLTableRowElement>(null);
  const shown = useLiveCells(place, props);
  const press = (side: Side, action: "BUY" | "SELL") => {
    const [leg, now] = [row[side], shown(side)];
    if (leg && now) trade(leg, now, exchange, action);
  };
  const cells = (side: Side, list: readonly ChainColumn[]) =>
    list.map(({ id }) =>
      id === "ltp" ? (
        <PriceCell
          key={id}
          row={row}
          side={side}
          reached={reached === side}
          onPress={(action) => press(side, action)}
        />
      ) : (
        <td
          key={id}
          className={cn(
            "relative border-b border-line/60 px-2 text-right num",
            isInTheMoney(row, side) && ITM,
          )}
        >
          {id === "oi" && <OiBar side={side} className="inset-y-[5px]" />}
          <span data-cell={`${side}.${id}`} className="relative" />
        </td>
      ),
    );
  return (
    <tr ref={place} data-strike={row.strike} className="group h-[30px] hover:bg-raised/60">
      {cells("ce", columns)}
      <th
        scope="row"
        className={cn(
          "border-x border-b border-line px-2 text-center font-semibold num",
          atTheMoney ? "bg-accent/15" : "bg-raised",
        )}
      >
        <Strike strike={row.strike} atTheMoney={atTheMoney} />
      </th>
      {cells("pe", [...columns].reverse())}
    </tr>
  );
});

/** The last price, and the buttons that appear beside it. By keyboard, B and S do the same. */
function PriceCell({
  row,
  side,
  reached,
  onPress,
}: {
  row: ChainRow;
  side: Side;
  reached: boolean;
  onPress: (action: "BUY" | "SELL") => void;
}) {
  const leg = row[side];
  const name = `${row.strike} ${side.toUpperCase()}`;
  return (
    <td
      data-side={leg ? side : undefined}
      tabIndex={leg ? (reached ? 0 : -1) : undefined}
      className={cn(
        "group/price border-b border-line/60 px-1.5 focus-visible:outline-offset-[-2px]",
        isInTheMoney(row, side) && ITM,
      )}
    >
      <span
        className={cn(
          "flex items-center justify-between gap-1",
          side === "pe" && "flex-row-reverse",
        )}
      >
        {leg && (
          <span className="flex gap-1 opacity-0 group-focus-within/price:opacity-100 group-hover:opacity-100 group-focus/price:opacity-100">
            <TradeButton action="BUY" name={name} onPress={onPress} />
            <TradeButton action="SELL" name={name} onPress={onPress} />
          </span>
        )}
        <span data-cell={`${side}.ltp`} className="font-medium num" />
      </span>
    </td>
  );
}

function TradeButton({
  action,
  name,
  onPress,
}: {
  action: "BUY" | "SELL";
  name: string;
  onPress: (action: "BUY" | "SELL") => void;
}) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={`${action === "BUY" ? "Buy" : "Sell"} ${name}`}
      onClick={() => onPress(action)}
      className={cn(
        "size-6 rounded border text-xs font-bold",
        action === "BUY"
          ? "border-accent/50 bg-surface text-accent hover:bg-accent hover:text-on-accent"
          : "border-loss/50 bg-surface text-loss hover:bg-loss hover:text-surface",
      )}
    >
      {action.charAt(0)}
    </button>
  );
}

export function Strike({ strike, atTheMoney }: { strike: number; atTheMoney: boolean }) {
  return (
    <>
      {formatNumber(strike, { decimals: Number.isInteger(strike) ? 0 : 2 })}
      {atTheMoney && (
        <Badge tone="accent" className="ml-1.5 px-1 py-0">
          ATM
        </Badge>
      )}
    </>
  );
}

/** Calls are written by those who expect a top there, puts by those who expect a floor. */
export function OiBar({ side, className }: { side: Side; className: string }) {
  return (
    <span
      data-bar={side}
      aria-hidden
      className={cn(
        "absolute rounded-sm",
        side === "ce" ? "right-0 bg-loss/18" : "left-0 bg-gain/18",
        className,
      )}
    />
  );
}

export const ITM = "bg-warn-soft/60";

export function isInTheMoney(row: ChainRow, side: Side): boolean {
  return row[side]?.label.startsWith("ITM") ?? false;
}
