"""Candles of days past: made up, but the same whenever asked, and of one piece.

Each session is a path of straight lines through its open, low, high and close (or high, low, when
it fell). A candle of any interval is the part of the path it covers, so minutes add up to days.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from openalgo.brokers.simulator import chance
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import Px
from openalgo.twin.contracts import Contract

INTERVALS: Mapping[str, int | None] = {
    "minute": 1,
    "3minute": 3,
    "5minute": 5,
    "10minute": 10,
    "15minute": 15,
    "30minute": 30,
    "60minute": 60,
    "day": None,
}
"""Minutes of each interval."""

LONGEST_DAYS: Mapping[str, int] = {
    "minute": 60,
    "3minute": 100,
    "5minute": 100,
    "10minute": 100,
    "15minute": 200,
    "30minute": 200,
    "60minute": 400,
    "day": 2000,
}
"""The longest span of one request."""

_USUAL = (time(9, 15), 375)
_HOURS = {"MCX": (time(9, 0), 870), "NCO": (time(9, 0), 870), "CDS": (time(9, 0), 480)}
_DAILY = 0.01
_ONE_DAY = timedelta(days=1)
_VOLUME_A_MINUTE = 400


class Candle(NamedTuple):
    """Prices in 1e-6 rupee."""

    at: datetime
    open: Px
    high: Px
    low: Px
    close: Px
    volume: int


class History:
    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._calendar = ExchangeCalendar()

    def previous_close(self, contract: Contract, start: Px, today: date) -> Px:
        return self._close(contract, start, self._before(contract, today))

    def candles(
        self,
        contract: Contract,
        start: Px,
        interval: str,
        since: datetime,
        until: datetime,
        now: datetime,
    ) -> Iterator[Candle]:
        """Those that begin from `since` to `until` and before `now`, ascending."""
        opens, minutes = _HOURS.get(contract.exchange, _USUAL)
        step = INTERVALS[interval] or minutes
        day, last = since.astimezone(IST).date(), until.astimezone(IST).date()
        while day <= last:
            if self._trades(contract, day):
                path = self._path(contract, start, day, minutes)
                begin = datetime.combine(day, opens, IST)
                for first in range(0, minutes, step):
                    at = begin + timedelta(minutes=first)
                    if INTERVALS[interval] is None:
                        at = datetime.combine(day, time(), IST)
                    if since <= at <= until and at < now:
                        yield self._candle(contract, path, first, min(first + step, minutes), at)
            day += _ONE_DAY

    def _candle(
        self, contract: Contract, path: "_Path", first: int, end: int, at: datetime
    ) -> Candle:
        inner = [price for minute, price in path if first < minute < end]
        open_, close = _at(path, first, contract.tick), _at(path, end, contract.tick)
        volume = 0
        if not contract.is_index:
            key = chance.key_of(self._seed, contract.full_name, "volume", at.toordinal())
            share = 0.5 + chance.uniform(key, first)
            volume = round((end - first) * _VOLUME_A_MINUTE * share) * contract.lot
        highest, lowest = max(open_, close, *inner), min(open_, close, *inner)
        return Candle(at, open_, Px(highest), Px(lowest), close, volume)

    def _path(self, contract: Contract, start: Px, day: date, minutes: int) -> "_Path":
        opens = self._close(contract, start, self._before(contract, day))
        closes = self._close(contract, start, day)
        tick = contract.tick
        key = chance.key_of(self._seed, contract.full_name, "range", day.toordinal())
        above = int(start * _DAILY * chance.uniform(key, 0)) // tick * tick
        below = int(start * _DAILY * chance.uniform(key, 1)) // tick * tick
        high = max(opens, closes) + above
        low = max(min(opens, closes) - below, tick)
        turns = (low, high) if closes >= opens else (high, low)
        return (
            (0, opens),
            (minutes // 4, turns[0]),
            (minutes * 3 // 4, turns[1]),
            (minutes, closes),
        )

    def _close(self, contract: Contract, start: Px, day: date) -> Px:
        key = chance.key_of(self._seed, contract.base, "close", day.toordinal())
        price = int(start * (1 + _DAILY * (2 * chance.uniform(key, 0) - 1)))
        return Px(max(price // contract.tick * contract.tick, contract.tick))

    def _before(self, contract: Contract, day: date) -> date:
        day -= _ONE_DAY
        while not self._trades(contract, day):
            day -= _ONE_DAY
        return day

    def _trades(self, contract: Contract, day: date) -> bool:
        return self._calendar.is_trading_day(Exchange(contract.exchange), day)


_Path = tuple[tuple[int, int], ...]
"""Minutes of the session and prices, with straight lines between them."""


def _at(path: _Path, minute: int, tick: int) -> Px:
    for (since, start), (until, end) in pairwise(path):
        if minute <= until:
            price = start + (end - start) * (minute - since) // (until - since)
            return Px(price // tick * tick)
    return Px(path[-1][1])
