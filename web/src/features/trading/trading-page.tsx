import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { SkeletonRows } from "@/components/ui/states";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { cn } from "@/lib/cn";
import { useMedia } from "@/lib/media";
import { changePreference, usePreference } from "@/lib/preferences";
import { namePage } from "@/lib/window-title";
import type { Instrument } from "@/live";
import { useAccountKey } from "../accounts/queries";
import { contractQuery } from "../ticket/queries";
import type { ChartHandle } from "./chart/chart-canvas";
import { ChartPane } from "./chart/chart-pane";
import { savePicture } from "./picture";
import { CHARTS, type Choices, linked, type Pane, withPane } from "./settings";
import { SidePanel } from "./side-panel";
import { Toolbar } from "./toolbar";
import { TradeButtons } from "./trade-buttons";

const NARROW = "(max-width: 1023px)";

export function TradingPage() {
  const { value, known, error } = usePreference(CHARTS);
  return (
    <div
      data-wide
      className="flex h-[calc(100dvh-5.5rem)] min-h-[30rem] flex-col gap-2 max-lg:h-[calc(100dvh-9.5rem)]"
    >
      <h1 className="sr-only">Trading</h1>
      {/* Without the server's answer the charts work as they come. */}
      {known || error ? <Desk remembered={value} /> : <SkeletonRows />}
    </div>
  );
}

function Desk({ remembered }: { remembered: Choices }) {
  const [choices, choose] = useShown(remembered);
  const { active, panes } = choices;
  const narrow = useMedia(NARROW);
  const pane = panes[active] as Pane;
  const { symbol, exchange, interval } = pane;
  const instrument: Instrument = useMemo(() => ({ symbol, exchange }), [symbol, exchange]);
  const [side, showSide] = useState(true);
  const picture = useRef<ChartHandle>(null);
  const { data: contract } = useQuery(contractQuery(useAccountKey(), instrument));
  useEffect(() => namePage(`${symbol} ${interval}`), [symbol, interval]);
  const activate = (at: number) => {
    if (at !== active) choose({ ...choices, active: at });
  };
  const charts = (layout: number) => (
    <div
      className={cn(
        "grid min-h-0 min-w-0 flex-1 gap-2",
        layout >= 2 && "grid-cols-2",
        layout === 4 && "grid-rows-2",
      )}
    >
      {panes.map(
        (each, at) =>
          (layout === 1 ? at === active : at < layout) && (
            <ChartPane
              // biome-ignore lint/suspicious/noArrayIndexKey: a pane is its place
              key={at}
              pane={each}
              chosen={layout === 1 ? null : at === active}
              onChoose={() => activate(at)}
              handle={at === active ? picture : undefined}
            />
          ),
      )}
    </div>
  );
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Toolbar
          pane={pane}
          onChange={(change) => choose(withPane(choices, active, change))}
          layout={choices.layout}
          onLayout={(layout) =>
            choose({ ...choices, layout, active: active < layout ? active : 0 })
          }
          side={side}
          onSide={showSide}
          onPicture={() => {
            const drawn = picture.current?.picture();
            if (drawn) {
              savePicture(drawn, `${symbol} ${exchange} ${interval}`, `${symbol}-${interval}.png`);
            }
          }}
        />
        {!narrow && contract && <TradeButtons instrument={instrument} grid={contract.grid} />}
      </div>
      {narrow ? (
        <>
          <Tabs defaultValue="chart" className="flex min-h-0 flex-1 flex-col">
            <TabsList aria-label="What to look at">
              <Tab value="chart">Chart</Tab>
              <Tab value="ladder">Ladder</Tab>
              <Tab value="quote">Quote</Tab>
            </TabsList>
            <TabPanel value="chart" className="flex min-h-0 flex-1 data-[state=inactive]:hidden">
              {charts(1)}
            </TabPanel>
            <TabPanel value="ladder" className="min-h-0 flex-1">
              <SidePanel instrument={instrument} show="ladder" />
            </TabPanel>
            <TabPanel value="quote">
              <SidePanel instrument={instrument} show="quote" />
            </TabPanel>
          </Tabs>
          {contract && <TradeButtons instrument={instrument} grid={contract.grid} />}
        </>
      ) : (
        <div className="flex min-h-0 flex-1 gap-2">
          {charts(choices.layout)}
          {side && (
            <aside
              aria-label="Quote and ladder"
              className="w-72 shrink-0 overflow-hidden rounded-lg border border-line bg-surface"
            >
              <SidePanel instrument={instrument} show="both" />
            </aside>
          )}
        </div>
      )}
      <p className="text-[11px] text-quiet">
        <a
          href="https://www.tradingview.com/"
          target="_blank"
          rel="noreferrer"
          className="hover:text-ink hover:underline"
        >
          TradingView Lightweight Charts™, © 2025 TradingView, Inc.
        </a>
      </p>
    </>
  );
}

/** What is shown: what was kept, with what the address names; and the address follows in turn. */
function useShown(remembered: Choices): [Choices, (next: Choices) => void] {
  const link = useSearch({ from: "/desk/trading" });
  const navigate = useNavigate({ from: "/trading" });
  const [choices, setChoices] = useState(() => linked(remembered, link));
  const [seen, setSeen] = useState(link);
  if (link !== seen) {
    setSeen(link);
    setChoices(linked(choices, link));
  }
  const { symbol, exchange, interval } = choices.panes[choices.active] as Pane;
  useEffect(() => {
    void navigate({ search: { symbol, exchange, interval }, replace: true });
  }, [navigate, symbol, exchange, interval]);
  const choose = (next: Choices) => {
    setChoices(next);
    changePreference(CHARTS, () => next);
  };
  return [choices, choose];
}
