import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call, undone } from "@/api";
import { type CloseRow, closeposition, type PositionRow } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { formatMoney, formatQuantity } from "@/lib/numbers";
import { useAccount } from "../accounts/queries";
import { type Outcome, oneByOne, type Report } from "../books/bulk";
import { BulkDialog, InWhichMoney } from "../books/bulk-dialog";
import { closable, isOpen, isOrdered, keyOf, worthOf } from "./position-rows";

const STRATEGY = "web";

/**
 * Closes one position at the market, and says what was sent for it.
 *
 * `closeposition` reads the position and sends the exit in one go, one caller at a time, and withdraws the
 * exits that wait: two presses, or a program that closes too, never turn the position around.
 */
async function closeOne(row: PositionRow): Promise<string> {
  const { exchange, symbol, product } = row;
  if (!isOrdered(product)) throw new Error(`${product} is closed at the broker.`);
  const reply = await call(() =>
    closeposition({ body: { strategy: STRATEGY, exchange, symbol, product } }),
  ).catch((error: unknown) => {
    const [failed] = rowsIn(error);
    throw failed === undefined ? error : failureOf(failed);
  });
  const [result] = reply.results;
  if (result === undefined) return reply.message;
  if (result.status === "error") throw failureOf(result);
  return sentenceOf(result);
}

/** Closes all that is open, in the order that frees margin; tells of each. */
async function closeAll(report: Report): Promise<void> {
  let rows: readonly CloseRow[];
  try {
    rows = (await call(() => closeposition({ body: { strategy: STRATEGY } }))).results;
  } catch (error) {
    rows = rowsIn(error);
    if (rows.length === 0) throw error;
  }
  for (const row of rows) {
    const good = row.status === "success";
    report({
      key: keyOf(row),
      title: titleOf(row),
      good,
      text: good ? sentenceOf(row) : (row.message ?? "It was refused without a reason."),
    });
  }
}

/** The rows of a reply that tells of no exit that was placed for sure. */
function rowsIn(error: unknown): readonly CloseRow[] {
  if (!(error instanceof ApiError) || !Array.isArray(error.reply.results)) return [];
  return error.reply.results as CloseRow[];
}

function failureOf({
  message = "It was refused without a reason.",
  code = "",
}: CloseRow): ApiError {
  return new ApiError(message, 502, code, null);
}

function sentenceOf({ action, quantity, orderid }: CloseRow): string {
  return `${action} ${formatQuantity(quantity)} at market${orderid ? `, order ${orderid}` : ""}`;
}

function titleOf({ symbol, product }: Pick<PositionRow, "symbol" | "product">): string {
  return `${symbol} ${product}`;
}

/** One press on paper; a question where money is real. */
export function CloseButton({ row }: { row: PositionRow }) {
  const account = useAccount();
  const queryClient = useQueryClient();
  const [asking, ask] = useState(false);
  const close = useMutation({
    mutationFn: () => closeOne(row),
    onSuccess: (text) => {
      ask(false);
      toast("good", `${titleOf(row)}: exit sent`, text);
    },
    onError: (error) => {
      if (!asking) toast("bad", `${titleOf(row)}: ${undone(error, "closed")}`, error.message);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
  if (!closable(row)) return null;
  const press = () => {
    close.reset();
    if (account?.analyze_mode) close.mutate();
    else ask(true);
  };
  return (
    <>
      <Button
        size="small"
        className="text-loss"
        busy={close.isPending}
        aria-label={`Close ${titleOf(row)}`}
        onClick={press}
      >
        Close
      </Button>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`Close ${titleOf(row)}?`}
        verb={row.quantity > 0 ? "Sell at market" : "Buy at market"}
        busy={close.isPending}
        error={close.error}
        onConfirm={() => close.mutate()}
      >
        <p>
          {formatQuantity(Math.abs(row.quantity))} worth about {formatMoney(worthOf([row]))}. Its
          exit orders that wait are cancelled.
        </p>
        <InWhichMoney />
      </Confirm>
    </>
  );
}

/** Closes everything that is open in the account, shown or not. */
export function CloseAll({ rows, hiding }: { rows: readonly PositionRow[]; hiding: boolean }) {
  const open = rows.filter(isOpen);
  return (
    <Closing
      rows={rows}
      asking={open}
      label={`Close all ${open.length}`}
      run={(report) => closeAll(report)}
      note={hiding ? "Also those that the filters hide." : ""}
    />
  );
}

/** Closes the chosen positions and no other. */
export function CloseChosen({
  rows,
  chosen,
}: {
  rows: readonly PositionRow[];
  chosen: readonly PositionRow[];
}) {
  return (
    <Closing
      rows={rows}
      asking={chosen}
      label={`Close ${chosen.length}`}
      // What is bought back frees the margin that the others may need.
      run={(report, asked) =>
        oneByOne(
          [...asked]
            .sort((one, other) => Number(one.quantity > 0) - Number(other.quantity > 0))
            .map((row) => ({ row, key: keyOf(row), title: titleOf(row) })),
          ({ row }) => closeOne(row),
          report,
        )
      }
      note=""
    />
  );
}

function Closing({
  rows,
  asking,
  label,
  run,
  note,
}: {
  /** All positions as they are now. */
  rows: readonly PositionRow[];
  asking: readonly PositionRow[];
  label: string;
  run: (report: Report, asked: readonly PositionRow[]) => Promise<void>;
  note: string;
}) {
  const [asked, ask] = useState<readonly PositionRow[] | null>(null);
  return (
    <>
      {asking.length > 0 && (
        <Button size="small" className="h-8 text-loss" onClick={() => ask(asking)}>
          {label}
        </Button>
      )}
      {asked && (
        <BulkDialog
          title={`Close ${asked.length} ${asked.length === 1 ? "position" : "positions"}?`}
          verb="Close at market"
          onClose={() => ask(null)}
          run={(report) => run(report, asked)}
          now={(outcome) => <Now outcome={outcome} rows={rows} />}
        >
          <p>
            Worth about {formatMoney(worthOf(asked))} at last prices: {sidesOf(asked)}. {note} Exit
            orders that wait are cancelled.
          </p>
        </BulkDialog>
      )}
    </>
  );
}

function sidesOf(rows: readonly PositionRow[]): string {
  const long = rows.filter(({ quantity }) => quantity > 0).length;
  return `${long} long, ${rows.length - long} short`;
}

/** What the book says of it by now: an order that was sent is not yet a position that is closed. */
function Now({ outcome, rows }: { outcome: Outcome; rows: readonly PositionRow[] }) {
  const quantity = rows.find((row) => keyOf(row) === outcome.key)?.quantity ?? 0;
  return quantity === 0 ? (
    <Badge tone="gain">✓ flat</Badge>
  ) : (
    <Badge tone="warn">{formatQuantity(quantity, { signed: true })} open</Badge>
  );
}
