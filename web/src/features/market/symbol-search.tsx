import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useDeferredValue, useState } from "react";
import { call } from "@/api";
import { search } from "@/client";
import { Dialog } from "@/components/ui/dialog";
import { ErrorLine } from "@/components/ui/states";
import { useAccountKey } from "../accounts/queries";

const SHOWN = 50;

export interface Chosen {
  symbol: string;
  exchange: string;
}

/** Finds an instrument by keyboard: type, arrow down, enter. */
export function SymbolSearch({
  open,
  onOpenChange,
  title,
  onChoose,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  onChoose: (chosen: Chosen) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title}>
      <Finder
        onChoose={(chosen) => {
          onOpenChange(false);
          onChoose(chosen);
        }}
      />
    </Dialog>
  );
}

function Finder({ onChoose }: { onChoose: (chosen: Chosen) => void }) {
  const key = useAccountKey();
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: [...key, "search", query],
    enabled: query.length >= 2,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await call(() => search({ body: { query }, signal }))).data,
  });
  return (
    <Command label="Instruments" shouldFilter={false}>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Symbol or name, such as SBIN or NIFTY 24500 CE"
        className="h-10 w-full rounded-md border border-line bg-surface px-2.5"
      />
      <ErrorLine error={found.error} />
      <Command.List className="mt-2 max-h-80 overflow-y-auto">
        {query.length < 2 ? (
          <p className="p-3 text-quiet">Two letters are enough to begin.</p>
        ) : (
          found.isSuccess && (
            <Command.Empty className="p-3 text-quiet">Nothing found.</Command.Empty>
          )
        )}
        {query.length >= 2 &&
          found.data?.slice(0, SHOWN).map((row) => (
            <Command.Item
              key={`${row.exchange}:${row.symbol}`}
              value={`${row.exchange}:${row.symbol}`}
              onSelect={() => onChoose({ symbol: row.symbol, exchange: row.exchange })}
              className="flex min-h-9 cursor-default items-center justify-between gap-3 rounded px-2 data-[selected=true]:bg-raised"
            >
              <span className="min-w-0">
                <span className="font-medium">{row.symbol}</span>{" "}
                <span className="truncate text-[13px] text-quiet">{row.name}</span>
              </span>
              <span className="text-xs text-quiet">{row.exchange}</span>
            </Command.Item>
          ))}
      </Command.List>
    </Command>
  );
}
