"""One trading day of one instrument as it goes by, minute after minute."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from openalgo.brokers.simulator import chance
from openalgo.brokers.simulator.book import Book
from openalgo.brokers.simulator.chance import Floats, Ints
from openalgo.brokers.simulator.derived import bars
from openalgo.brokers.simulator.hours import STEPS
from openalgo.brokers.simulator.market import Market
from openalgo.brokers.simulator.products import Product
from openalgo.brokers.simulator.spot import CLOSE, HIGH, LOW, OPEN

_BOOK_MINUTES = 0.1
"""A level of the book holds up to what trades in so many minutes."""
_STEP_NUMBERS = np.arange(STEPS, dtype=np.int64)
_NO_TRADES = np.zeros(STEPS, np.int64)

Small = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Minute:
    """One minute, step by step; prices are ticks, quantities units.

    `open`, `highs`, `lows` and `volumes` count from the start of the day; `sizes` are those of the
    last trade, `averages` what was paid on average so far.
    """

    number: int
    starts_ms: int
    open: int
    prices: Small
    highs: Small
    lows: Small
    volumes: Ints
    sizes: Small
    averages: Small
    interest: int
    totals: tuple[int, int]


class RunningDay:
    """`product` on the trading day `day`, which follows the trading day `before`.

    Remembers the day up to the last minute that was asked for, so minutes are asked for in order.
    """

    def __init__(self, market: Market, product: Product, day: date, before: date) -> None:
        self.date = day
        self.before = before
        self.hours = market.days.hours(product.key.exchange, day)
        self.prev_close = _close(market, product, before)
        self._product = product
        self._spot = market.spot(product.underlying.symbol, day)
        self._folded = self._open = self._high = self._low = 0
        self._turnover = 0
        """Four times the ticks paid, as far as folded: whole, so that it adds up in any order."""
        self._current: tuple[int, Ints, int] | None = None
        """The minute asked for last: its number, its bar (a column) and what it trades."""
        self._lots = 0.0
        self.book: Book | None = None
        if product.activity is not None:
            self._lots = product.activity.lots(day)
            self.book = Book(
                chance.key_of(market.seed, str(product.key), "book", day.toordinal()),
                product.tick,
                product.lot,
                self._lots / max(len(self.hours), 1) * _BOOK_MINUTES,
                product.spread,
            )

    def minute(self, number: int) -> Minute:
        """The day's minute `number`, not before the one asked for last."""
        self._fold(number)
        axis_minute = self.hours.minutes[number : number + 1]
        prices = self._product.pricing.prices(
            self._spot, self._spot.steps(int(axis_minute[0])), axis_minute
        )
        highs, lows = np.maximum.accumulate(prices), np.minimum.accumulate(prices)
        bar = np.array(((prices[0],), (highs[-1],), (lows[-1],), (prices[-1],)))
        if number:
            highs, lows = np.maximum(highs, self._high), np.minimum(lows, self._low)
        volumes, sizes, averages, traded = self._trades(number, prices)
        self._current = (number, bar, traded)
        return Minute(
            number=number,
            starts_ms=int(self.hours.starts_ms[number]),
            open=self._open if number else int(prices[0]),
            prices=prices.astype(np.int32),
            highs=highs.astype(np.int32),
            lows=lows.astype(np.int32),
            volumes=volumes,
            sizes=sizes.astype(np.int32),
            averages=averages.astype(np.int32),
            interest=self._interest(number),
            totals=self.book.totals(number) if self.book else (0, 0),
        )

    def _fold(self, number: int) -> None:
        """Add the minutes before `number` to what is known."""
        if number <= self._folded:
            return
        found, traded = self._bars_until(number)
        high, low = int(found[HIGH].max()), int(found[LOW].min())
        if self._folded:
            high, low = max(high, self._high), min(low, self._low)
        else:
            self._open = int(found[OPEN, 0])
        self._high, self._low = high, low
        self._turnover += int((found.sum(axis=0) * traded).sum())
        self._folded = number

    def _bars_until(self, number: int) -> tuple[Ints, Ints | int]:
        """The bars of the minutes that are not folded yet and before `number`, and what each
        trades."""
        if self._current is not None and self._current[0] == self._folded == number - 1:
            return self._current[1:]
        minutes = np.arange(self._folded, number)
        found = bars(self._product.pricing, self._spot, self.hours.minutes[minutes])
        return found, np.diff(self._until(np.arange(self._folded, number + 1)))

    def _trades(self, number: int, prices: Ints) -> tuple[Ints, Ints, Ints | Floats, int]:
        """The volumes, sizes and averages of a `Minute`, and what is traded in it."""
        activity = self._product.activity
        if activity is None:
            return _NO_TRADES, _NO_TRADES, prices, 0
        before, after = self._until(np.array((number, number + 1))).tolist()
        within = activity.within(self.date, number, after - before)
        volumes = before + within
        turnovers = self._turnover / 4 + np.cumsum(prices * np.diff(within, prepend=0))
        averages = np.where(volumes, turnovers / np.maximum(volumes, 1), prices)
        sizes = _last_sizes(within, self._product.lot)
        return volumes, sizes, np.rint(averages), after - before

    def _until(self, minutes: Ints) -> Ints:
        activity = self._product.activity
        if activity is None:
            return np.zeros(len(minutes), np.int64)
        return activity.until(self.date, self._lots, len(self.hours), minutes)

    def _interest(self, number: int) -> int:
        activity = self._product.activity
        if activity is None or not activity.has_open_interest:
            return 0
        minute = np.array((number,))
        return int(activity.open_interest(self.before, self.date, len(self.hours), minute)[0])


def _close(market: Market, product: Product, day: date) -> int:
    """The last price (ticks) of `product` on the trading day `day`."""
    spot = market.spot(product.underlying.symbol, day)
    minute = market.days.hours(product.key.exchange, day).minutes[-1:]
    return int(product.pricing.prices(spot, spot.bars[CLOSE, minute], minute)[0])


def _last_sizes(within: Ints, lot: int) -> Ints:
    """The size of the last trade at each step: of this one, or of the last that had one."""
    traded = np.diff(within, prepend=0)
    last = np.maximum.accumulate(np.where(traded > 0, _STEP_NUMBERS, -1))
    return np.where(last < 0, lot, traded[last])
