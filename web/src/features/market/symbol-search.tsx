import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useDeferredValue, useState } from "react";
import { call } from "@/api";
import { search } from "@/client";
import { Dialog } from "@/components/ui/dialog";
import { ErrorLine } from "@/components/ui/states";
import { useAccountKey } from "../accounts/queries";

const SHOWN = 50;
export const LEAST_LETTERS = 2;

export interface Chosen {
  symbol: string;
  exchange: string;
}

/** The instruments that `text` may mean, best first; asked for from two letters on. */
export function useFoundInstruments(text: string, shown = SHOWN) {
  const key = useAccountKey();
  const query = useDeferredValue(text.trim());
  const enabled = query.length >= LEAST_LETTERS;
  const found = useQuery({
    queryKey: [...key, "search", query],
    enabled,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await call(() => search({ body: { query }, signal }))).data,
  });
  return { ...found, rows: enabled ? (found.data?.slice(0, shown) ?? []) : [] };
}

/** Finds an instrument by keyboard: type, arrow down, enter. */
export function SymbolSearch({
  open,
  onOpenChange,
  title,
  text = "",
  accepts,
  onChoose,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What to search for at first. */
  text?: string;
  /** Which exchanges to choose from; all, without it. */
  accepts?: (exchange: string) => boolean;
  onChoose: (chosen: Chosen) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title}>
      <Finder
        text={text}
        accepts={accepts}
        onChoose={(chosen) => {
          onOpenChange(false);
          onChoose(chosen);
        }}
      />
    </Dialog>
  );
}

function Finder({
  text: first,
  accepts = () => true,
  onChoose,
}: {
  text: string;
  accepts: ((exchange: string) => boolean) | undefined;
  onChoose: (chosen: Chosen) => void;
}) {
  const [text, setText] = useState(first);
  const found = useFoundInstruments(text);
  const short = text.trim().length < LEAST_LETTERS;
  return (
    <Command label="Instruments" shouldFilter={false}>
      <Command.Input
        value={text}
        onValueChange={setText}
        onFocus={(event) => event.target.select()}
        placeholder="Symbol or name, such as SBIN or NIFTY 24500 CE"
        className="h-10 w-full rounded-md border border-line bg-surface px-2.5"
      />
      <ErrorLine error={found.error} />
      <Command.List className="mt-2 max-h-80 overflow-y-auto">
        {short ? (
          <p className="p-3 text-quiet">Two letters are enough to begin.</p>
        ) : (
          found.isSuccess && (
            <Command.Empty className="p-3 text-quiet">Nothing found.</Command.Empty>
          )
        )}
        {found.rows
          .filter((row) => accepts(row.exchange))
          .map((row) => (
            <FoundInstrument
              key={`${row.exchange}:${row.symbol}`}
              {...row}
              onSelect={() => onChoose({ symbol: row.symbol, exchange: row.exchange })}
            />
          ))}
      </Command.List>
    </Command>
  );
}

/** One line of what was found. */
export function FoundInstrument({
  symbol,
  exchange,
  name,
  onSelect,
}: Chosen & { name: string; onSelect: () => void }) {
  return (
    <Command.Item
      value={`${exchange}:${symbol}`}
      onSelect={onSelect}
      className="flex min-h-9 cursor-default items-center justify-between gap-3 rounded px-2 data-[selected=true]:bg-raised"
    >
      <span className="min-w-0 truncate">
        <span className="font-medium">{symbol}</span>{" "}
        <span className="text-[13px] text-quiet">{name}</span>
      </span>
      <span className="text-xs text-quiet">{exchange}</span>
    </Command.Item>
  );
}
