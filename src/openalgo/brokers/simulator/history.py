"""The past of every instrument, up to the running minute."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from openalgo.brokers.intervals import DAILY, INTRADAY, day_label
from openalgo.brokers.simulator.candles import NO_BARS, Bars, Candles, bucket_starts
from openalgo.brokers.simulator.chance import Ints
from openalgo.brokers.simulator.derived import bars
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Product, Products
from openalgo.brokers.simulator.spot import CLOSE, HIGH, LOW, OPEN
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import InstrumentKey
from openalgo.instruments.slices import Steps

_INTRADAY_REACH = timedelta(days=366)
_DAILY_REACH = timedelta(days=5 * 366)
_ONE_DAY = timedelta(days=1)
_DAYS_KEPT = 64
_DAY_BARS_KEPT = 8_192
_NONE = np.zeros(1, np.int64)

_Days = OrderedDict[tuple[InstrumentKey, date], Bars]


class History:
    """Candles of one market.

    Whole past days are kept: the last 64 by minutes, the last 8,192 as a single bar.
    """

    def __init__(self, market: Market, products: Products) -> None:
        self._market = market
        self._products = products
        self._minutes: _Days = OrderedDict()
        self._days: _Days = OrderedDict()

    def candles(
        self, key: InstrumentKey, interval: str, start: date, end: date, now: datetime
    ) -> Steps[Candles | None]:
        """The candles of `key` as they stand at `now`; `None` when there is no such instrument.

        Goes back a year, with days five; a contract only to its first day. Each day is a step,
        after a few that look at the calendar.
        """
        product = self._products.find(key)
        if product is None:
            return None
        today = session_date(now)
        reach = _INTRADAY_REACH if interval in INTRADAY else _DAILY_REACH
        first = max(start, today - reach, product.since or start)
        last = min(end, today, product.expiry or end)
        parts = []
        if first <= last:
            yield from self._market.days.remember(product.group, first)
        if interval in INTRADAY:
            for day in self._trading_days(product, first, last):
                parts.append(self._intraday(product, INTRADAY[interval], day, now))
                yield
            return Candles(parts, product.tick)
        label, labels = DAILY[interval], []
        first = max(label(first), product.since or date.min)
        for day in self._trading_days(product, first, last):
            bar = self._whole(product, day, now)
            parts.append(bar)
            labels += [day_label(label(day))] * len(bar)
            yield
        found = Bars.joined(parts).merged(np.array(labels, np.int64))
        return Candles([found], product.tick)

    def _intraday(self, product: Product, minutes: int, day: date, now: datetime) -> Bars:
        found = self._of_day(product, day, now)
        if minutes == 1:
            return found
        return found.merged(bucket_starts(found.at_s, minutes, product.key.exchange, day))

    def _whole(self, product: Product, day: date, now: datetime) -> Bars:
        """`day` as one bar; none if it has not begun."""
        key = (product.key, day)
        bar = self._days.get(key)
        if bar is None:
            minutes = self._of_day(product, day, now)
            bar = minutes.merged(np.full(len(minutes), day_label(day)))
            if day < session_date(now):
                _keep(self._days, key, bar, _DAY_BARS_KEPT)
        return bar

    def _trading_days(self, product: Product, first: date, last: date) -> Iterator[date]:
        for number in range((last - first).days + 1):
            day = first + number * _ONE_DAY
            if self._market.days.trades(product.group, day):
                yield day

    def _of_day(self, product: Product, day: date, now: datetime) -> Bars:
        """The minutes of `day` that have begun by `now`."""
        key = (product.key, day)
        found = self._minutes.get(key)
        if found is None:
            found = self._made(product, day, now)
            if day < session_date(now):
                _keep(self._minutes, key, found, _DAYS_KEPT)
        return found

    def _made(self, product: Product, day: date, now: datetime) -> Bars:
        hours = self._market.days.hours(product.key.exchange, day)
        place = hours.place(epoch_ms(now))
        if place is None:
            return NO_BARS
        begun, step = place[0] + 1, place[1]
        spot = self._market.spot(product.underlying.symbol, day)
        prices = bars(product.pricing, spot, hours.minutes[:begun])
        running = hours.minutes[begun - 1 : begun]
        way = product.pricing.prices(spot, spot.steps(int(running[0])), running)[: step + 1]
        prices[:, -1] = way[0], way.max(), way.min(), way[-1]
        return Bars(
            at_s=hours.starts_ms[:begun] // 1_000,
            open=prices[OPEN].astype(np.int32),
            high=prices[HIGH].astype(np.int32),
            low=prices[LOW].astype(np.int32),
            close=prices[CLOSE].astype(np.int32),
            volume=self._volumes(product, day, begun, step),
            oi=self._interest(product, day, begun),
        )

    def _volumes(self, product: Product, day: date, begun: int, step: int) -> Ints:
        activity = product.activity
        if activity is None:
            return np.broadcast_to(_NONE, begun)
        minutes = len(self._market.days.hours(product.key.exchange, day))
        until = activity.until(day, activity.lots(day), minutes, np.arange(begun + 1))
        volumes = np.diff(until)
        volumes[-1] = activity.within(day, begun - 1, int(volumes[-1]))[step]
        return volumes

    def _interest(self, product: Product, day: date, begun: int) -> Ints:
        activity = product.activity
        if activity is None or not activity.has_open_interest:
            return np.broadcast_to(_NONE, begun)
        minutes = len(self._market.days.hours(product.key.exchange, day))
        before = self._market.days.previous(product.group, day)
        return activity.open_interest(before, day, minutes, np.arange(begun))


def _keep(past: _Days, key: tuple[InstrumentKey, date], bars_: Bars, most: int) -> None:
    past[key] = bars_
    if len(past) > most:
        past.popitem(last=False)
