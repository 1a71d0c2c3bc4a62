"""When markets trade: session days, sessions and holidays.

A *session day* runs from 03:00 to 03:00 IST. No Indian market trades across that boundary, so
evening sessions that end after midnight still belong to the day they opened on.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

from openalgo.domain.calendars.tables import (
    CalendarTables,
    DayRow,
    HolidayType,
    SessionKind,
    SessionRule,
    shipped_tables,
)
from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange

__all__ = [
    "SESSION_BOUNDARY",
    "AlwaysOpenCalendar",
    "Calendar",
    "ExchangeCalendar",
    "ExchangeHours",
    "Holiday",
    "HolidayType",
    "Session",
    "SessionKind",
    "is_us_summer_time",
    "session_date",
    "session_start",
]

SESSION_BOUNDARY = time(3, 0)

_ONE_DAY = timedelta(days=1)
_BOUNDARY_OFFSET = timedelta(hours=SESSION_BOUNDARY.hour, minutes=SESSION_BOUNDARY.minute)
_SATURDAY = 5
_NEXT_OPEN_HORIZON_DAYS = 60
_AUCTIONS = frozenset({SessionKind.PRE_OPEN, SessionKind.CLOSING_AUCTION})
_NEVER_CLOSED = frozenset({Exchange.CRYPTO, Exchange.GLOBAL_INDEX})
_FOLLOWS = {
    Exchange.NSE_INDEX: Exchange.NSE,
    Exchange.BSE_INDEX: Exchange.BSE,
    Exchange.MCX_INDEX: Exchange.MCX,
}
_WITH_HOLIDAYS = tuple(e for e in Exchange if e not in _NEVER_CLOSED and e not in _FOLLOWS)


def session_date(at: datetime) -> date:
    """The session day of the instant `at`. Raises `ValueError` for a naive `at`."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone, so it is not an instant")
    return (at.astimezone(IST) - _BOUNDARY_OFFSET).date()


def session_start(day: date) -> datetime:
    """The instant (UTC) at which the session day `day` begins: 03:00 IST."""
    return _ist(day, SESSION_BOUNDARY)


@dataclass(frozen=True, slots=True)
class Session:
    """A stretch of trading: from `opens` on, and before `closes`. Both are UTC."""

    opens: datetime
    closes: datetime
    kind: SessionKind = SessionKind.NORMAL

    def contains(self, at: datetime) -> bool:
        return self.opens <= at < self.closes


class Calendar(Protocol):
    """When the exchanges of one market trade."""

    @property
    def square_off_lead(self) -> timedelta | None:
        """How long before the close intraday positions end, where that does not follow the clock
        of the Indian exchanges."""
        ...

    def sessions(self, exchange: Exchange, day: date) -> tuple[Session, ...]:
        """The continuous-trading sessions of the session day `day`, ascending; empty if closed."""
        ...

    def is_open(self, exchange: Exchange, at: datetime) -> bool:
        """Whether orders trade continuously at the instant `at`."""
        ...

    def next_open(self, exchange: Exchange, at: datetime) -> datetime | None:
        """The start (UTC) of the first session that begins after `at`; `None` if none is near."""
        ...

    def settles(self, exchange: Exchange, day: date) -> bool:
        """Whether shares and money change hands on `day` for trades of days before."""
        ...


class AlwaysOpenCalendar:
    """One session a day, every day, from 03:05 to 02:55 IST, on every exchange."""

    square_off_lead: timedelta | None = timedelta(minutes=5)

    _OPENS = time(3, 5)
    _CLOSES = time(2, 55)

    def sessions(self, exchange: Exchange, day: date) -> tuple[Session, ...]:  # noqa: ARG002
        return (_session(day, self._OPENS, self._CLOSES),)

    def is_open(self, exchange: Exchange, at: datetime) -> bool:
        return self.sessions(exchange, session_date(at))[0].contains(at)

    def next_open(self, exchange: Exchange, at: datetime) -> datetime:
        day = session_date(at)
        opens = self.sessions(exchange, day)[0].opens
        return opens if opens > at else self.sessions(exchange, day + _ONE_DAY)[0].opens

    def settles(self, exchange: Exchange, day: date) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class ExchangeHours:
    """The hours (UTC) an exchange trades on a day that is in the holiday list."""

    exchange: Exchange
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """One row of the holiday list. `verified` is false while a date or time may still change."""

    date: date
    description: str
    type: HolidayType
    closed_exchanges: tuple[Exchange, ...]
    open_exchanges: tuple[ExchangeHours, ...]
    verified: bool


class ExchangeCalendar:
    """The Indian exchanges, by default as the shipped tables have them.

    In a year without a table every weekday counts as open; `known_years` tells which are covered.
    The index exchanges keep the hours of their cash market. CRYPTO and GLOBAL_INDEX never close:
    their session is the whole session day.
    """

    square_off_lead: timedelta | None = None

    def __init__(self, tables: CalendarTables | None = None) -> None:
        tables = tables or shipped_tables()
        self._evening_starts = tables.sessions.evening_starts
        self._rules = _rules_by_exchange(tables.sessions.session)
        self._rows = _rows_by_date(row for year in tables.years for row in year.day)
        self._known_years = frozenset(year.year for year in tables.years)
        self._windows = lru_cache(maxsize=4096)(self._resolve)
        self._sessions = lru_cache(maxsize=4096)(self._continuous)

    @property
    def known_years(self) -> frozenset[int]:
        """The years whose holidays are known."""
        return self._known_years

    def windows(self, exchange: Exchange, day: date) -> tuple[Session, ...]:
        """`sessions` and the auctions around them, ascending. A closing auction takes part of the
        instruments only, so it may overlap the normal session of the others."""
        return self._windows(exchange, day)

    def sessions(self, exchange: Exchange, day: date) -> tuple[Session, ...]:
        """The continuous-trading sessions of the session day `day`, ascending; empty if closed."""
        return self._sessions(exchange, day)

    def is_open(self, exchange: Exchange, at: datetime) -> bool:
        """Whether orders trade continuously at the instant `at`."""
        return any(s.contains(at) for s in self._sessions(exchange, session_date(at)))

    def next_open(self, exchange: Exchange, at: datetime) -> datetime | None:
        """The start (UTC) of the first session that begins after `at`, at most 60 days away."""
        today = session_date(at)
        for days in range(_NEXT_OPEN_HORIZON_DAYS + 1):
            for session in self._sessions(exchange, today + days * _ONE_DAY):
                if session.opens > at:
                    return session.opens
        return None

    def settles(self, exchange: Exchange, day: date) -> bool:
        """Whether shares and money change hands on `day` for trades of days before: on trading
        days, but neither on settlement holidays nor where there is a special session, since banks
        are closed then."""
        if exchange in _NEVER_CLOSED:
            return True
        usual = day.weekday() < _SATURDAY and bool(self._sessions(exchange, day))
        return usual and all(
            row.type is HolidayType.TRADING_HOLIDAY for row in self._rows.get(day, ())
        )

    def is_trading_day(self, exchange: Exchange, day: date) -> bool:
        """Whether `exchange` has any continuous trading on the session day `day`."""
        return bool(self._sessions(exchange, day))

    def next_trading_day(self, exchange: Exchange, day: date) -> date:
        """The first trading day after `day`."""
        following = day + _ONE_DAY
        while not self._sessions(exchange, following):
            following += _ONE_DAY
        return following

    def holidays(self, year: int) -> tuple[Holiday, ...]:
        """The holiday list of `year`, ascending; empty when the year is not known."""
        return tuple(
            self._holiday(row)
            for day in sorted(self._rows)
            if day.year == year
            for row in self._rows[day]
        )

    def _continuous(self, exchange: Exchange, day: date) -> tuple[Session, ...]:
        return tuple(s for s in self._windows(exchange, day) if s.kind not in _AUCTIONS)

    def _resolve(self, exchange: Exchange, day: date) -> tuple[Session, ...]:
        exchange = _FOLLOWS.get(exchange, exchange)
        if exchange in _NEVER_CLOSED:
            return (Session(session_start(day), session_start(day + _ONE_DAY)),)
        for row in self._rows.get(day, ()):
            if row.type is not HolidayType.SETTLEMENT_HOLIDAY:
                windows = self._row_windows(row, exchange)
                if windows is not None:
                    return windows
        if day.weekday() >= _SATURDAY:
            return ()
        return self._default_windows(exchange, day)

    def _row_windows(self, row: DayRow, exchange: Exchange) -> tuple[Session, ...] | None:
        """What `row` says about `exchange`; `None` when it leaves the exchange alone."""
        if row.type is HolidayType.SPECIAL_SESSION:
            return tuple(
                _session(row.date, window.opens, window.closes, SessionKind.SPECIAL)
                for window in row.open
                if any(exchange in segment.exchanges for segment in window.segments)
            )
        if any(exchange in segment.exchanges for segment in row.closed):
            return ()
        usual = self._default_windows(exchange, row.date)
        evening = _ist(row.date, self._evening_starts)
        if any(exchange in segment.exchanges for segment in row.evening):
            return tuple(
                Session(max(s.opens, evening), s.closes, SessionKind.EVENING)
                for s in usual
                if s.closes > evening
            )
        if any(exchange in segment.exchanges for segment in row.morning):
            return tuple(
                Session(s.opens, min(s.closes, evening), s.kind) for s in usual if s.opens < evening
            )
        return None

    def _default_windows(self, exchange: Exchange, day: date) -> tuple[Session, ...]:
        in_force = {rule.kind: rule for rule in self._rules[exchange] if rule.since <= day}
        windows = (
            _session(day, rule.opens, _closing_time(rule, day), rule.kind)
            for rule in in_force.values()
        )
        return tuple(sorted(windows, key=lambda s: (s.opens, s.closes)))

    def _holiday(self, row: DayRow) -> Holiday:
        said = {exchange: self._row_windows(row, exchange) for exchange in _WITH_HOLIDAYS}
        if row.type is HolidayType.SETTLEMENT_HOLIDAY:
            said = {}
        return Holiday(
            date=row.date,
            description=row.name,
            type=row.type,
            closed_exchanges=tuple(exchange for exchange, open_ in said.items() if open_ == ()),
            open_exchanges=tuple(
                ExchangeHours(exchange, session.opens, session.closes)
                for exchange, open_ in said.items()
                for session in open_ or ()
            ),
            verified=row.verified,
        )


def is_us_summer_time(day: date) -> bool:
    """Whether the United States keep daylight-saving time on `day`: from the second Sunday of
    March to the first Sunday of November (the rule since 2007)."""
    begins = _first_sunday(day.year, 3) + timedelta(days=7)
    return begins <= day < _first_sunday(day.year, 11)


def _first_sunday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=6 - first.weekday())


def _ist(day: date, at: time) -> datetime:
    return datetime.combine(day, at, IST).astimezone(UTC)


def _session(
    day: date, opens: time, closes: time, kind: SessionKind = SessionKind.NORMAL
) -> Session:
    closing_day = day if closes > opens else day + _ONE_DAY
    return Session(_ist(day, opens), _ist(closing_day, closes), kind)


def _closing_time(rule: SessionRule, day: date) -> time:
    if rule.closes_in_us_summer is not None and is_us_summer_time(day):
        return rule.closes_in_us_summer
    return rule.closes


def _rules_by_exchange(rules: Iterable[SessionRule]) -> dict[Exchange, list[SessionRule]]:
    """Oldest first, so a later rule of the same kind replaces an earlier one."""
    found: defaultdict[Exchange, list[SessionRule]] = defaultdict(list)
    for rule in sorted(rules, key=lambda r: r.since):
        for exchange in rule.exchanges:
            found[exchange].append(rule)
    return found


def _rows_by_date(rows: Iterable[DayRow]) -> dict[date, list[DayRow]]:
    """Special sessions first: they win over any other row of their day."""
    found: defaultdict[date, list[DayRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.type is not HolidayType.SPECIAL_SESSION):
        found[row.date].append(row)
    return found
