import {
  AreaSeries,
  CandlestickSeries,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type PriceFormat,
  type SeriesType,
  type UTCTimestamp,
} from "lightweight-charts";
import { type Candle, clockTime, type Interval } from "../candles/candle";
import { heikinAshi } from "../candles/heikin-ashi";
import { CATALOGUE, type Indicator, type Line, type Look, linesOf } from "../indicators/catalogue";
import type { ChartType } from "../settings";
import { type Colours, faint } from "./colours";

export interface Looks {
  type: ChartType;
  indicators: readonly Indicator[];
  /** An index has none. */
  volume: boolean;
  colours: Colours;
  priceFormat: PriceFormat;
}

const VOLUME_SHARE = 0.18;
const VOLUME = "volume";
const PERCENT = { minValue: 0, maxValue: 100 };

/** A series of the chart, and how candles become its points. */
interface Layer {
  series: ISeriesApi<SeriesType>;
  /** All points, or only the last one. */
  draw(candles: readonly Candle[], all: boolean): void;
}

/** Everything that is drawn of one list of candles. */
export class Layers {
  readonly main: ISeriesApi<SeriesType>;
  private readonly layers: Layer[] = [];

  constructor(
    private readonly chart: IChartApi,
    private readonly interval: Interval,
    private readonly looks: Looks,
  ) {
    const prices = this.prices();
    this.main = prices.series;
    if (looks.volume) this.layers.push(this.volume());
    this.layers.push(prices);
    for (const indicator of looks.indicators) this.layers.push(...this.lines(indicator));
    this.main.priceScale().applyOptions({
      scaleMargins: { top: 0.12, bottom: looks.volume ? VOLUME_SHARE + 0.04 : 0.06 },
    });
  }

  draw(candles: readonly Candle[], all: boolean): void {
    if (candles.length === 0) return;
    for (const layer of this.layers) layer.draw(candles, all);
  }

  remove(): void {
    for (const { series } of this.layers) this.chart.removeSeries(series);
  }

  private prices(): Layer {
    const { type, colours, priceFormat } = this.looks;
    const { gain, loss, accent, quiet } = colours;
    const common = { priceFormat, priceLineColor: quiet };
    if (type === "candles" || type === "heikin") {
      const series = this.chart.addSeries(CandlestickSeries, {
        ...common,
        // Hollow where it rose: the colour only repeats it.
        upColor: this.looks.colours.surface,
        downColor: loss,
        borderUpColor: gain,
        borderDownColor: loss,
        wickUpColor: gain,
        wickDownColor: loss,
      });
      return this.layer(series, (candles) => {
        const shown = type === "heikin" ? heikinAshi(candles) : candles;
        return (at) => shown[at];
      });
    }
    const series =
      type === "line"
        ? this.chart.addSeries(LineSeries, { ...common, color: accent, lineWidth: 2 })
        : this.chart.addSeries(AreaSeries, {
            ...common,
            lineColor: accent,
            topColor: faint(accent, 0.3),
            bottomColor: faint(accent, 0.02),
            lineWidth: 2,
          });
    return this.layer(series, (candles) => (at) => ({ value: candles[at]?.close }));
  }

  private volume(): Layer {
    const { gain, loss } = this.looks.colours;
    const [up, down] = [faint(gain, 0.35), faint(loss, 0.45)];
    const series = this.chart.addSeries(HistogramSeries, {
      priceFormat: { type: "volume" },
      priceScaleId: VOLUME,
      lastValueVisible: false,
      priceLineVisible: false,
    });
    series.priceScale().applyOptions({ scaleMargins: { top: 1 - VOLUME_SHARE, bottom: 0 } });
    return this.layer(series, (candles) => (at) => {
      const candle = candles[at];
      return candle && { value: candle.volume, color: candle.close < candle.open ? down : up };
    });
  }

  private lines(indicator: Indicator): Layer[] {
    const below = CATALOGUE[indicator.kind].below === true;
    const place = this.looks.indicators.indexOf(indicator);
    const { gain, loss } = this.looks.colours;
    const memory = new Remembered((candles: readonly Candle[]) =>
      linesOf(indicator, candles, this.interval, place),
    );
    return linesOf(indicator, [], this.interval, place).map(({ look }, number) => {
      const series = this.chart.addSeries(
        LineSeries,
        {
          color: this.colourOf(look),
          lineWidth: 1,
          lineStyle: look === "quiet" ? LineStyle.Dashed : LineStyle.Solid,
          lastValueVisible: below,
          priceLineVisible: false,
          crosshairMarkerVisible: false,
          ...(below && { autoscaleInfoProvider: () => ({ priceRange: PERCENT }) }),
          priceFormat: below
            ? { type: "price", precision: 1, minMove: 0.1 }
            : this.looks.priceFormat,
        },
        below ? 1 : 0,
      );
      if (below) {
        series.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.08 } });
        for (const price of [30, 70]) {
          const color = faint(this.looks.colours.quiet, 0.5);
          const lineStyle = LineStyle.Dotted;
          series.createPriceLine({
            price,
            color,
            lineStyle,
            lineWidth: 1,
            axisLabelVisible: false,
          });
        }
      }
      return this.layer(series, (candles) => {
        const line: Line | undefined = memory.of(candles)[number];
        return (at) => {
          const value = line?.values[at] ?? null;
          if (value === null) return {};
          return line?.rising ? { value, color: line.rising[at] ? gain : loss } : { value };
        };
      });
    });
  }

  private colourOf(look: Look): string {
    const { accent, warn, paper, quiet } = this.looks.colours;
    return { first: accent, second: warn, third: paper, trend: quiet, quiet }[look];
  }

  /** `pointsOf` looks at all candles, and then gives the point of each place. */
  private layer(
    series: ISeriesApi<SeriesType>,
    pointsOf: (candles: readonly Candle[]) => (at: number) => object | undefined,
  ): Layer {
    const at = (candles: readonly Candle[], place: number) => {
      const time = clockTime(candles[place] ?? { time: 0 }, this.interval) as UTCTimestamp;
      return time;
    };
    return {
      series,
      draw: (candles, all) => {
        const point = pointsOf(candles);
        if (all) {
          series.setData(
            candles.map((_, place) => ({ ...point(place), time: at(candles, place) })),
          );
          return;
        }
        const last = candles.length - 1;
        series.update({ ...point(last), time: at(candles, last) });
      },
    };
  }
}

/** What was computed of a list, until it changes: several lines come of one computation. */
class Remembered<T> {
  private last: { length: number; end: Candle | undefined; first: Candle | undefined } | null =
    null;
  private value: T | undefined;

  constructor(private readonly compute: (candles: readonly Candle[]) => T) {}

  of(candles: readonly Candle[]): T {
    const now = { length: candles.length, end: candles.at(-1), first: candles[0] };
    const same =
      this.last !== null &&
      this.last.length === now.length &&
      this.last.end === now.end &&
      this.last.first === now.first;
    if (!same || this.value === undefined) {
      this.value = this.compute(candles);
      this.last = now;
    }
    return this.value;
  }
}
