import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call } from "@/api";
import { cancelgttorder, type GttRow } from "@/client";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Counters } from "@/components/ui/counters";
import { EmptyState } from "@/components/ui/states";
import type { Column } from "@/components/ui/table";
import { toast } from "@/components/ui/toast";
import { useAccountKey } from "../accounts/queries";
import { Book } from "../books/book";
import { InWhichMoney } from "../books/bulk-dialog";
import { CsvButton } from "../books/csv-button";
import { Toolbar } from "../books/toolbar";
import { useView } from "../books/view";
import { GTT_COLUMNS, GttCard } from "./gtt-cells";
import { belongsTo, canChange, GTT_CSV, isWaiting, isWanted, nameOf } from "./gtt-rows";
import { ModifyGtt } from "./modify-gtt";
import { gttsQuery } from "./queries";

const NO_GTTS: readonly GttRow[] = [];
const USUAL = {
  sort: [{ id: "created", desc: true }],
  hidden: ["trigger_id"],
  filters: { status: "all" },
};
const FILTERS = [
  { value: "all", title: "All" },
  { value: "active", title: "Waiting" },
  { value: "done", title: "Done" },
];

export function GttTab() {
  const gtts = useQuery(gttsQuery(useAccountKey()));
  const all = gtts.data ?? NO_GTTS;
  const book = useView("gtt", USUAL);
  const [asked, ask] = useState<{ what: "modify" | "cancel"; gtt: GttRow } | null>(null);
  const status = book.filter("status");
  const { text } = book;
  const shown = useMemo(
    () => all.filter((gtt) => isWanted(gtt, status, text)),
    [all, status, text],
  );
  const columns = useMemo<Column<GttRow>[]>(
    () => [
      ...GTT_COLUMNS,
      {
        id: "actions",
        title: "",
        pinned: true,
        cell: (gtt) => <Actions gtt={gtt} onAsk={(what) => ask({ what, gtt })} />,
      },
    ],
    [],
  );
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-1.5">
        <Counters
          label="Status"
          counters={FILTERS.map((each) => ({
            ...each,
            count: all.filter((gtt) => belongsTo(each.value, gtt)).length,
          }))}
          value={status}
          onChange={(value) => book.setFilter("status", value)}
        />
        <CsvButton name="gtts" csv={GTT_CSV} rows={shown} />
      </div>
      <Toolbar book={book} columns={columns} placeholder="Symbol, id, strategy" />
      <Book
        asked={gtts}
        book={book}
        caption="GTTs"
        rows={all}
        shown={shown}
        columns={columns}
        rowKey={keyOf}
        instrument={(gtt) => gtt}
        card={(gtt) => (
          <GttCard gtt={gtt} actions={<Actions gtt={gtt} onAsk={(what) => ask({ what, gtt })} />} />
        )}
        nothing={
          <EmptyState title="No GTTs">
            Orders that wait, good till triggered, for a price. Programs place them with
            placegttorder.
          </EmptyState>
        }
      />
      {asked?.what === "modify" && <ModifyGtt gtt={asked.gtt} onClose={() => ask(null)} />}
      {asked?.what === "cancel" && <CancelGtt gtt={asked.gtt} onClose={() => ask(null)} />}
    </>
  );
}

function keyOf(gtt: GttRow): string {
  return gtt.trigger_id;
}

function Actions({ gtt, onAsk }: { gtt: GttRow; onAsk: (what: "modify" | "cancel") => void }) {
  if (!isWaiting(gtt)) return null;
  return (
    <span className="flex justify-end gap-1">
      {canChange(gtt) && (
        <Button size="small" onClick={() => onAsk("modify")}>
          Modify
        </Button>
      )}
      <Button size="small" className="text-loss" onClick={() => onAsk("cancel")}>
        Cancel
      </Button>
    </span>
  );
}

function CancelGtt({ gtt, onClose }: { gtt: GttRow; onClose: () => void }) {
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () =>
      call(() =>
        cancelgttorder({
          body: { strategy: gtt.strategy || "web", trigger_id: gtt.trigger_id },
        }),
      ),
    onSuccess: () => {
      toast("plain", `${nameOf(gtt)}: GTT cancelled`);
      onClose();
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["of-account"] }),
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => open || onClose()}
      title={`Cancel the GTT ${nameOf(gtt)}?`}
      verb="Cancel it"
      busy={cancel.isPending}
      error={cancel.error}
      onConfirm={() => cancel.mutate()}
    >
      <p>It no longer waits for {gtt.trigger_prices.join(" or ")}.</p>
      <InWhichMoney />
    </Confirm>
  );
}
