"""When contracts expire."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from openalgo.brokers.simulator.tables import RuleRow
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST, epoch_ms
from openalgo.domain.market import Exchange

_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(weeks=1)

_CUT_OFF = {Exchange.MCX: time(23, 30), Exchange.CDS: time(12, 30)}
_USUAL_CUT_OFF = time(15, 30)


def cut_off_ms(exchange: Exchange, expiry: date) -> int:
    """The instant up to which the time to `expiry` is counted."""
    at = _CUT_OFF.get(exchange, _USUAL_CUT_OFF)
    return epoch_ms(datetime.combine(expiry, at, IST))


class Expiries:
    """The expiries of one kind of contract under `rule`, on the trading days of `calendar`."""

    def __init__(self, rule: RuleRow, calendar: ExchangeCalendar) -> None:
        self.rule = rule
        self._calendar = calendar
        self.monthly = lru_cache(maxsize=512)(self._monthly)

    def _monthly(self, year: int, month: int) -> date:
        """The expiry of the contract of that month."""
        last = _month_end(year, month)
        if self.rule.weekday is not None:
            return self._on_or_before(last - (last.weekday() - self.rule.weekday) % 7 * _ONE_DAY)
        expiry = self._on_or_before(last.replace(day=min(self.rule.day, last.day)))
        for _ in range(self.rule.back):
            expiry = self._on_or_before(expiry - _ONE_DAY)
        return expiry

    def monthlies(self, today: date, count: int) -> list[date]:
        """The next `count` expiries by month, from `today` on."""
        return [expiry for expiry, _ in zip(self._from(today), range(count), strict=False)]

    def weeklies(self, today: date, count: int) -> list[date]:
        """The next `count` expiries by week, from `today` on."""
        if self.rule.weekday is None or not count:
            return []
        day = today + (self.rule.weekday - today.weekday()) % 7 * _ONE_DAY
        found: list[date] = []
        while len(found) < count:
            expiry = self._on_or_before(day)
            if expiry >= today:
                found.append(expiry)
            day += _ONE_WEEK
        return found

    def is_monthly(self, day: date) -> bool:
        return day.month in self.rule.months and self.monthly(day.year, day.month) == day

    def is_weekly(self, day: date) -> bool:
        return self.weeklies(day, 1) == [day]

    def _from(self, today: date) -> Iterator[date]:
        year, month = today.year, today.month
        while True:
            if month in self.rule.months and (expiry := self.monthly(year, month)) >= today:
                yield expiry
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)

    def _on_or_before(self, day: date) -> date:
        while not self._calendar.is_trading_day(self.rule.exchange, day):
            day -= _ONE_DAY
        return day


def _month_end(year: int, month: int) -> date:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - _ONE_DAY
