import { type AnyRouter, useRouter } from "@tanstack/react-router";
import {
  ArrowDownRight,
  ArrowUpRight,
  ChartCandlestick,
  Eye,
  EyeOff,
  type LucideIcon,
  ShoppingBasket,
} from "lucide-react";
import { usePreference } from "@/lib/preferences";
import { addToBasket, basketIsOpen } from "../basket/basket";
import { askForOrder } from "../ticket/ask";
import { isTradable } from "../ticket/contract";
import {
  added,
  inList,
  removed,
  sameInstrument,
  shownList,
  WATCH_LISTS,
  type Watched,
} from "./watch-list";

export interface InstrumentAction {
  title: string;
  Icon: LucideIcon;
  run: () => void;
}

/** Pages about one instrument: those that this version of the app has. */
const PAGES = [{ path: "/trading", title: "Chart", Icon: ChartCandlestick }] as const;

export function instrumentLinks(router: AnyRouter, { symbol, exchange }: Watched) {
  const search = new URLSearchParams({ symbol, exchange });
  return PAGES.filter(({ path }) => path in router.routesByPath).map(({ path, title, Icon }) => ({
    title,
    Icon,
    href: `${path}?${search}`,
  }));
}

/** All there is to do with an instrument, wherever it stands. */
export function useInstrumentActions(instrument: Watched): readonly InstrumentAction[] {
  const router = useRouter();
  const { symbol, exchange } = instrument;
  const lists = usePreference(WATCH_LISTS);
  const list = shownList(lists.value);
  const watched = list.instruments.some((each) => sameInstrument(each, instrument));
  const trades: readonly InstrumentAction[] = isTradable(exchange)
    ? [
        {
          title: "Buy",
          Icon: ArrowUpRight,
          run: () => askForOrder({ symbol, exchange, action: "BUY" }),
        },
        {
          title: "Sell",
          Icon: ArrowDownRight,
          run: () => askForOrder({ symbol, exchange, action: "SELL" }),
        },
        {
          title: "Add to the basket",
          Icon: ShoppingBasket,
          run: () => {
            addToBasket({ symbol, exchange, action: "BUY" });
            basketIsOpen.set(true);
          },
        },
      ]
    : [];
  return [
    ...trades,
    ...instrumentLinks(router, instrument).map(({ title, Icon, href }) => ({
      title,
      Icon,
      run: () => router.history.push(href),
    })),
    watched
      ? {
          title: "Stop watching",
          Icon: EyeOff,
          run: () =>
            lists.change((all) => inList(all, list.name, (now) => removed(now, instrument))),
        }
      : {
          title: `Watch in ${list.name}`,
          Icon: Eye,
          run: () =>
            lists.change((all) =>
              inList(all, list.name, (now) => added(now, { symbol, exchange })),
            ),
        },
  ];
}
