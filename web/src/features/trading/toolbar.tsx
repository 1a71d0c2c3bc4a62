import { useQuery } from "@tanstack/react-query";
import { Activity, Camera, ChevronDown, PanelRight } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { Segments } from "@/components/ui/segments";
import { SymbolSearch } from "../market/symbol-search";
import { IndicatorsDialog } from "./indicators-dialog";
import { intervalsQuery, useMarketKey } from "./queries";
import { CHART_TYPES, type ChartType, LAYOUTS, type Layout, type Pane } from "./settings";

const LAYOUT_TITLES: Readonly<Record<Layout, string>> = { 1: "1", 2: "2", 4: "4" };

/** The tools of the active chart. */
export function Toolbar({
  pane,
  onChange,
  layout,
  onLayout,
  side,
  onSide,
  onPicture,
}: {
  pane: Pane;
  onChange: (change: Partial<Pane>) => void;
  layout: Layout;
  onLayout: (layout: Layout) => void;
  side: boolean;
  onSide: (side: boolean) => void;
  onPicture: () => void;
}) {
  const [searching, search] = useState(false);
  const [choosing, choose] = useState(false);
  const known = useQuery(intervalsQuery(useMarketKey()));
  const intervals = known.data ?? [];
  const offered = intervals.includes(pane.interval) ? intervals : [pane.interval, ...intervals];
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Button onClick={() => search(true)} className="font-semibold" aria-haspopup="dialog">
        <span className="sr-only">Instrument: </span>
        {pane.symbol} <span className="text-xs font-normal text-quiet">{pane.exchange}</span>
        <ChevronDown />
      </Button>
      <Segments
        label="Interval"
        className="max-xl:hidden [&>label]:px-1.5"
        segments={offered.map((value) => ({ value, title: value }))}
        value={pane.interval}
        onChange={(interval) => onChange({ interval })}
      />
      <Select
        aria-label="Interval"
        className="w-auto px-1.5 pr-0 max-sm:w-16 xl:hidden"
        value={pane.interval}
        onChange={({ target }) => onChange({ interval: target.value })}
      >
        {offered.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
      <Select
        aria-label="Chart type"
        className="w-auto px-1.5 pr-0 max-sm:w-24"
        value={pane.type}
        onChange={({ target }) => onChange({ type: target.value as ChartType })}
      >
        {Object.entries(CHART_TYPES).map(([type, title]) => (
          <option key={type} value={type}>
            {title}
          </option>
        ))}
      </Select>
      <Button onClick={() => choose(true)} aria-haspopup="dialog" className="max-sm:px-2">
        <Activity />
        <span className="max-sm:sr-only xl:max-2xl:sr-only">Indicators</span>
        {pane.indicators.length > 0 && (
          <span className="num text-quiet">{pane.indicators.length}</span>
        )}
      </Button>
      <Segments
        label="Charts side by side"
        className="max-lg:hidden"
        segments={LAYOUTS.map((each) => ({ value: String(each), title: LAYOUT_TITLES[each] }))}
        value={String(layout)}
        onChange={(value) => onLayout(LAYOUTS.find((each) => String(each) === value) ?? 1)}
      />
      <Button
        kind="ghost"
        size="icon"
        aria-label="Save a picture of the chart"
        className="max-sm:hidden"
        onClick={onPicture}
      >
        <Camera />
      </Button>
      <Button
        kind="ghost"
        size="icon"
        aria-label="Quote and ladder"
        aria-pressed={side}
        className="max-lg:hidden"
        onClick={() => onSide(!side)}
      >
        <PanelRight />
      </Button>
      <SymbolSearch
        open={searching}
        onOpenChange={search}
        title="Chart of an instrument"
        onChoose={onChange}
      />
      <IndicatorsDialog
        open={choosing}
        onOpenChange={choose}
        symbol={pane.symbol}
        indicators={pane.indicators}
        onChange={(indicators) => onChange({ indicators })}
      />
    </div>
  );
}
