"""The trading minutes of the simulated market, as its calendar has them.

Exchanges whose prices hang together form a `Group`. The minutes in which any of them trades make
the group's *axis* of a day: prices move along it, and an exchange shows those in its own hours.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from openalgo.brokers.simulator.chance import Ints
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import Exchange

MINUTE_MS = 60_000
STEP_MS = 500
STEPS = MINUTE_MS // STEP_MS
"""Prices may change so many times a minute."""

MEMORY_DAYS = 512
"""How many days back a closing price looks."""

_ONE_DAY = timedelta(days=1)
_LONGEST_BREAK_DAYS = 40
_DAYS_A_STEP = 32
_SHORT_BREAK_MS = 60 * MINUTE_MS


class Group(Enum):
    EQUITY = "equity"
    CURRENCY = "currency"
    COMMODITY = "commodity"

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return _EXCHANGES[self]


_EXCHANGES = {
    Group.EQUITY: (
        Exchange.NSE,
        Exchange.BSE,
        Exchange.NFO,
        Exchange.BFO,
        Exchange.NSE_INDEX,
        Exchange.BSE_INDEX,
    ),
    Group.CURRENCY: (Exchange.CDS,),
    Group.COMMODITY: (Exchange.MCX,),
}
GROUP_OF = {exchange: group for group in Group for exchange in group.exchanges}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Trading without a break. `first` is its first minute among those of its exchange."""

    opens_ms: int
    closes_ms: int
    first: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When one exchange trades on one session day.

    `minutes` are the places of its minutes on the group's axis, `starts_ms` when they begin.
    """

    stretches: tuple[Stretch, ...]
    minutes: Ints
    starts_ms: Ints

    def __len__(self) -> int:
        return len(self.minutes)

    def place(self, at_ms: int) -> tuple[int, int] | None:
        """The minute and the step in it that show at `at_ms`; `None` before the first.

        In a break and after the close the last ones before it stay.
        """
        number = bisect_right(self.stretches, at_ms, key=_opens_ms) - 1
        if number < 0:
            return None
        stretch = self.stretches[number]
        since = min(at_ms, stretch.closes_ms - 1) - stretch.opens_ms
        minute, rest = divmod(since, MINUTE_MS)
        return stretch.first + minute, rest // STEP_MS


def _opens_ms(stretch: Stretch) -> int:
    return stretch.opens_ms


class TradingDays:
    """What `calendar` says, by minutes."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.axis = lru_cache(maxsize=64)(self._axis)
        self.hours = lru_cache(maxsize=32)(self._hours)
        self.memory = lru_cache(maxsize=512)(self._memory)
        self.overnight = lru_cache(maxsize=512)(self._overnight)
        self._trades = lru_cache(maxsize=8_192)(self._has_sessions)

    def trades(self, group: Group, day: date) -> bool:
        """Whether any exchange of `group` trades on `day`."""
        return self._trades(group, day)

    def remember(self, group: Group, day: date) -> Iterator[None]:
        """Look up what `memory` of `day` needs, a little at each step of the iteration."""
        for number in range(MEMORY_DAYS):
            self._trades(group, day - number * _ONE_DAY)
            if number % _DAYS_A_STEP == 0:
                yield

    def previous(self, group: Group, day: date) -> date:
        """The last trading day before `day`."""
        earlier = day - _ONE_DAY
        for _ in range(_LONGEST_BREAK_DAYS):
            if self._trades(group, earlier):
                return earlier
            earlier -= _ONE_DAY
        return day - _ONE_DAY

    def latest(self, group: Group, day: date) -> date:
        """`day` if it is a trading day, else the last before it."""
        return day if self._trades(group, day) else self.previous(group, day)

    def _has_sessions(self, group: Group, day: date) -> bool:
        return any(self._calendar.sessions(exchange, day) for exchange in group.exchanges)

    def _spans(self, exchanges: Sequence[Exchange], day: date) -> list[tuple[int, int]]:
        """When any of `exchanges` trades, ascending and without overlaps."""
        sessions = sorted(
            (epoch_ms(session.opens), epoch_ms(session.closes))
            for exchange in exchanges
            for session in self._calendar.sessions(exchange, day)
        )
        spans: list[tuple[int, int]] = []
        for opens, closes in sessions:
            if spans and opens <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], closes))
            else:
                spans.append((opens, closes))
        return spans

    def _axis(self, group: Group, day: date) -> Ints:
        """The beginnings of the minutes in which `group` trades, in epoch milliseconds."""
        return _minutes(self._spans(group.exchanges, day))

    def _hours(self, exchange: Exchange, day: date) -> Hours:
        spans = self._spans((exchange,), day)
        starts = _minutes(spans)
        stretches = []
        first = 0
        for opens, closes in spans:
            stretches.append(Stretch(opens, closes, first))
            first += -(-(closes - opens) // MINUTE_MS)
        axis = self.axis(GROUP_OF[exchange], day)
        return Hours(tuple(stretches), np.searchsorted(axis, starts), starts)

    def _memory(self, group: Group, day: date) -> NDArray[np.bool_]:
        """Whether each of the days up to `day` is a trading day, `day` first."""
        days = (day - number * _ONE_DAY for number in range(MEMORY_DAYS))
        return np.fromiter((self._trades(group, d) for d in days), np.bool_, MEMORY_DAYS)

    def _overnight(self, group: Group, day: date) -> bool:
        """Whether the market rested long before `day`, so that it may open with a gap."""
        axis, before = self.axis(group, day), self.axis(group, self.previous(group, day))
        if not len(axis) or not len(before):
            return False
        return int(axis[0] - before[-1]) - MINUTE_MS > _SHORT_BREAK_MS


def _minutes(spans: Sequence[tuple[int, int]]) -> Ints:
    parts = [np.arange(opens, closes, MINUTE_MS, dtype=np.int64) for opens, closes in spans]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
