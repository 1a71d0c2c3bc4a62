import { Columns3, Layers, RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { Card, PageHead } from "@/components/ui/card";
import { Time } from "@/components/ui/figures";
import {
  Menu,
  MenuCheckItem,
  MenuContent,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from "@/components/ui/menu";
import { EmptyState, ErrorLine, ErrorState, SkeletonRows } from "@/components/ui/states";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { PHONE, useMedia } from "@/lib/media";
import { useStore } from "@/lib/store";
import { ChainHead } from "./chain-head";
import { ChainList } from "./chain-list";
import { ChainTable } from "./chain-table";
import { type ChainView, columnsOf, savedHidden, saveHidden } from "./columns";
import type { ChainOf } from "./queries";
import { OptionSelector, useSelection } from "./selector";
import { StrategyDialog } from "./strategy-dialog";
import { type ClickMeans, chooseClick, clickMeans } from "./trade";
import { useChain } from "./use-chain";

export function OptionChainPage() {
  const selection = useSelection();
  const { of, expiries, nothing } = selection;
  return (
    <>
      <PageHead title="Option chain" />
      <div className="grid gap-2">
        <OptionSelector selection={selection} />
        {nothing ? (
          <EmptyState title="No options are listed here">
            Choose another exchange, or connect a broker that has options.
          </EmptyState>
        ) : of ? (
          <Chain of={of} next={expiries[expiries.indexOf(of.expiry) + 1]} />
        ) : (
          selection.error === null && <SkeletonRows rows={10} />
        )}
      </div>
    </>
  );
}

function Chain({ of, next }: { of: ChainOf; next: string | undefined }) {
  const phone = useMedia(PHONE);
  const [view, show] = useState<ChainView>("price");
  const [hidden, hide] = useState(savedHidden);
  const [adding, add] = useState(false);
  const { chain, moved } = useChain(of, view);
  const columns = useMemo(
    () => columnsOf(view).filter(({ id }) => id === "ltp" || !hidden.has(id)),
    [view, hidden],
  );
  const { data } = chain;
  if (data === undefined) {
    return chain.isError ? (
      <ErrorState error={chain.error} onRetry={() => chain.refetch()} />
    ) : (
      <SkeletonRows rows={12} />
    );
  }
  const toggle = (id: string, wanted: boolean) => {
    const now = new Set(hidden);
    if (wanted) now.delete(id);
    else now.add(id);
    saveHidden(now);
    hide(now);
  };
  const shared = {
    rows: data.chain,
    exchange: of.exchange,
    money: data.atm_strike,
    onMove: moved,
  };
  return (
    <>
      {chain.isError && <ErrorLine error={chain.error} />}
      <ChainHead chain={data} whole={of.strikes === null} />
      <Card
        aria-label="Chain"
        aria-busy={chain.isPlaceholderData || undefined}
        className={chain.isPlaceholderData ? "opacity-60" : ""}
        bodyClassName="p-0"
      >
        <Tabs value={view} onValueChange={(chosen) => show(chosen as ChainView)}>
          <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line pr-2">
            {phone ? (
              <span className="px-3 text-[13px] text-quiet">Tap to trade</span>
            ) : (
              <TabsList aria-label="View" className="border-0">
                <Tab value="price">Price</Tab>
                <Tab value="greeks">Greeks</Tab>
              </TabsList>
            )}
            <div className="flex flex-wrap gap-1.5 py-1">
              <Button size="small" onClick={() => add(true)}>
                <Layers /> Strategy
              </Button>
              <Options view={view} hidden={hidden} onToggle={toggle} columns={!phone} />
              <Button
                size="small"
                aria-label="Ask for the chain again"
                busy={chain.isFetching}
                onClick={() => chain.refetch({ cancelRefetch: false })}
              >
                <RotateCw />
              </Button>
            </div>
          </div>
          {phone ? (
            <ChainList {...shared} />
          ) : (
            <TabPanel value={view} tabIndex={-1}>
              <ChainTable {...shared} view={view} columns={columns} />
            </TabPanel>
          )}
        </Tabs>
      </Card>
      <p className="text-[13px] text-quiet">
        Prices move by themselves; greeks and totals are of <Time value={data.server_ts * 1000} />
        {data.note && <>. {data.note}</>}.
        {!phone && " Arrow keys move in the chain; B buys and S sells the option that is reached."}
      </p>
      <StrategyDialog open={adding} onOpenChange={add} chain={data} of={of} next={next} />
    </>
  );
}

function Options({
  view,
  hidden,
  onToggle,
  columns,
}: {
  view: ChainView;
  hidden: ReadonlySet<string>;
  onToggle: (id: string, wanted: boolean) => void;
  /** Whether there are columns to choose. */
  columns: boolean;
}) {
  const means = useStore(clickMeans);
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button size="small">
          <Columns3 /> Options
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>Buy and sell</MenuLabel>
        <MenuRadioGroup value={means} onValueChange={(chosen) => chooseClick(chosen as ClickMeans)}>
          <MenuRadioItem value="basket">Add a leg to the basket</MenuRadioItem>
          <MenuRadioItem value="ticket">Open the order ticket</MenuRadioItem>
        </MenuRadioGroup>
        {columns && (
          <>
            <MenuSeparator />
            <MenuLabel>Columns, where there is room</MenuLabel>
            {columnsOf(view)
              .filter(({ id }) => id !== "ltp")
              .map(({ id, title }) => (
                <MenuCheckItem
                  key={id}
                  checked={!hidden.has(id)}
                  onCheckedChange={(wanted) => onToggle(id, wanted)}
                >
                  {title}
                </MenuCheckItem>
              ))}
          </>
        )}
      </MenuContent>
    </Menu>
  );
}
