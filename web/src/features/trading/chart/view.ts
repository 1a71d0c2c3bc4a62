import {
  ColorType,
  CrosshairMode,
  createChart,
  type IChartApi,
  type IPriceLine,
  type ISeriesPrimitive,
  LineStyle,
  type Time,
} from "lightweight-charts";
import type { CandleBook } from "../candles/book";
import { Layers, type Looks } from "./layers";

/** A price that matters: an order that waits there, or what a position was bought at. */
export interface Mark {
  price: number;
  colour: string;
}

const NEAR_START = 40;
const RIGHT_OFFSET = 6;
/** Of the height, where there is something below the prices. */
const PRICES_SHARE = 0.78;

/** The chart of one list of candles, drawn on canvases in `place`. It follows the list until it is removed. */
export class ChartView {
  private readonly chart: IChartApi;
  private readonly followers = new Set<() => void>();
  private readonly stop: () => void;
  private layers: Layers | null = null;
  private marks: readonly Mark[] = [];
  private lines: IPriceLine[] = [];

  constructor(
    place: HTMLElement,
    private readonly book: CandleBook,
    told: {
      /** The oldest candles come into view. */
      nearStart(): void;
      /** The candle under the crosshair, by its place in the list; `null` without a crosshair. */
      pointed(at: number | null): void;
    },
  ) {
    this.chart = createChart(place, {
      autoSize: true,
      // The library would write a style element for its logo, which our policy refuses: the page
      // has the link and the notice instead.
      layout: {
        attributionLogo: false,
        fontSize: 11,
        fontFamily: getComputedStyle(place).fontFamily,
      },
      crosshair: { mode: CrosshairMode.Normal },
      handleScroll: { vertTouchDrag: false },
      timeScale: {
        timeVisible: book.interval.seconds !== null,
        secondsVisible: book.interval.unit === "s",
        rightOffset: RIGHT_OFFSET,
      },
    });
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < NEAR_START && book.candles.length > 0) told.nearStart();
    });
    this.chart.subscribeCrosshairMove(({ logical, point }) => {
      const at = logical === undefined || point === undefined ? null : Math.round(logical);
      told.pointed(at !== null && at >= 0 && at < book.candles.length ? at : null);
    });
    this.stop = book.listen((change) => this.layers?.draw(book.candles, change === "all"));
  }

  /** Draws everything anew, in the part that is in view. */
  restyle(looks: Looks): void {
    const { colours } = looks;
    const view = this.layers === null ? null : this.chart.timeScale().getVisibleLogicalRange();
    this.layers?.remove();
    this.lines = [];
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colours.surface },
        textColor: colours.quiet,
        panes: { separatorColor: colours.line, separatorHoverColor: colours.raised },
      },
      grid: { vertLines: { color: colours.raised }, horzLines: { color: colours.raised } },
      crosshair: {
        vertLine: { color: colours.quiet, labelBackgroundColor: colours.ink },
        horzLine: { color: colours.quiet, labelBackgroundColor: colours.ink },
      },
      rightPriceScale: { borderColor: colours.line },
      timeScale: { borderColor: colours.line },
    });
    this.layers = new Layers(this.chart, this.book.interval, looks);
    this.layers.draw(this.book.candles, true);
    this.layers.main.attachPrimitive(this.watcher());
    this.chart.panes().forEach((pane, number) => {
      pane.setStretchFactor(number === 0 ? PRICES_SHARE : 1 - PRICES_SHARE);
    });
    this.setMarks(this.marks);
    if (view !== null) this.chart.timeScale().setVisibleLogicalRange(view);
  }

  /** Lines across the chart, each with its price at the axis. */
  setMarks(marks: readonly Mark[]): void {
    this.marks = marks;
    const main = this.layers?.main;
    for (const line of this.lines) main?.removePriceLine(line);
    this.lines =
      main === undefined
        ? []
        : marks.map(({ price, colour }) =>
            main.createPriceLine({
              price,
              color: colour,
              lineWidth: 1,
              lineStyle: LineStyle.Dashed,
              axisLabelVisible: true,
            }),
          );
  }

  /** Calls `follower` now and whenever a price may stand elsewhere; returns how to stop it. */
  follow(follower: () => void): () => void {
    this.followers.add(follower);
    follower();
    return () => this.followers.delete(follower);
  }

  /** Pixels from the top of the chart; `null` before there is anything. */
  heightOf(price: number): number | null {
    return this.layers?.main.priceToCoordinate(price) ?? null;
  }

  priceAt(height: number): number | null {
    return this.layers?.main.coordinateToPrice(height) ?? null;
  }

  /** Pixels of the part that shows prices, without axes and what stands below. */
  get size(): { width: number; height: number } {
    const { width, height } = this.chart.paneSize(0);
    return { width, height };
  }

  toNewest(): void {
    this.chart.timeScale().scrollToRealTime();
  }

  picture(): HTMLCanvasElement {
    return this.chart.takeScreenshot();
  }

  remove(): void {
    this.stop();
    this.followers.clear();
    this.chart.remove();
  }

  /** The library tells what is attached to a series whenever it draws. */
  private watcher(): ISeriesPrimitive<Time> {
    return {
      updateAllViews: () => {
        for (const follower of this.followers) follower();
      },
    };
  }
}
