"""What the hours of a market bring: the events of its days, in order. Pure.

A day of an account on paper is a row of these events. Whoever was away replays the ones missed,
by the same function over the gap.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

from openalgo.domain.calendar import Calendar, session_date, session_start
from openalgo.domain.clock import IST
from openalgo.domain.market import QUOTE_ONLY_EXCHANGES, Exchange

TRADED = tuple(exchange for exchange in Exchange if exchange not in QUOTE_ONLY_EXCHANGES)

_ONE_DAY = timedelta(days=1)
_BEFORE_CLOSE = timedelta(minutes=15)


class DayEventKind(IntEnum):
    """In the order in which events of one instant happen."""

    SQUARE_OFF = 1
    """Intraday positions of these exchanges are closed; no new ones may be opened until morning."""
    CLOSE = 2
    """The last session of the day is over: day orders lapse, contracts that end today settle."""
    SNAPSHOT = 3
    """The day's result is written down."""
    BOUNDARY = 4
    """A new session day begins: deliveries settle, and today's profit counts from zero."""
    RESET = 5
    """The account starts anew, as its owner asked."""


@dataclass(frozen=True, slots=True, order=True)
class DayEvent:
    """Happens at `at` (UTC) to the instruments of `exchanges` (empty: to all).

    `session` is the session day that is ending, or with BOUNDARY and RESET beginning.
    """

    at: datetime
    kind: DayEventKind
    session: date
    exchanges: frozenset[Exchange] = frozenset()


def _default_square_off() -> dict[Exchange, time]:
    equity, currency, energy, agriculture = time(15, 15), time(16, 45), time(23, 30), time(17, 0)
    return {
        Exchange.NSE: equity,
        Exchange.BSE: equity,
        Exchange.NFO: equity,
        Exchange.BFO: equity,
        Exchange.CDS: currency,
        Exchange.BCD: currency,
        Exchange.MCX: energy,
        Exchange.NCO: energy,
        Exchange.NCDEX: agriculture,
        Exchange.CRYPTO: time(23, 30),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySettings:
    """Times are IST. `reset_on` is a weekday, 0 for Monday, or `None` for never.

    A square-off time that is not before the close of a day (a short session, or the summer hours
    of MCX) gives way to one `before_close` it.
    """

    square_off: Mapping[Exchange, time] = field(default_factory=_default_square_off)
    before_close: Mapping[Exchange, timedelta] = field(
        default_factory=lambda: dict.fromkeys((Exchange.MCX, Exchange.NCO), timedelta(minutes=25))
    )
    snapshot_at: time = time(23, 59)
    reset_on: int | None = None
    reset_at: time = time(0, 0)


def day_events(
    calendar: Calendar,
    since: datetime,
    until: datetime,
    settings: DaySettings,
    exchanges: Iterable[Exchange] = TRADED,
) -> list[DayEvent]:
    """The events after `since` and up to `until`, ascending."""
    exchanges = tuple(exchanges)
    day, last = session_date(since) - _ONE_DAY, session_date(until) + _ONE_DAY
    found: list[DayEvent] = []
    while day <= last:
        found += _events_of(calendar, day, settings, exchanges)
        day += _ONE_DAY
    return sorted(event for event in found if since < event.at <= until)


def next_day_event(
    calendar: Calendar,
    after: datetime,
    settings: DaySettings,
    exchanges: Iterable[Exchange] = TRADED,
) -> DayEvent:
    """The first event after `after`: there is a boundary every day."""
    return day_events(calendar, after, after + 2 * _ONE_DAY, settings, exchanges)[0]


def square_off_at(
    calendar: Calendar, exchange: Exchange, day: date, settings: DaySettings
) -> datetime | None:
    """When intraday positions of `exchange` are closed on the session day `day`; `None` on a day
    without trading."""
    sessions = calendar.sessions(exchange, day)
    if not sessions:
        return None
    closes = sessions[-1].closes
    lead = settings.before_close.get(exchange, _BEFORE_CLOSE)
    wanted = settings.square_off.get(exchange)
    if calendar.square_off_lead is not None:
        lead, wanted = calendar.square_off_lead, None
    if wanted is None:
        return closes - lead
    at = datetime.combine(day, wanted, IST).astimezone(UTC)
    if at < session_start(day):
        at += _ONE_DAY
    return at if sessions[0].opens < at < closes else max(closes - lead, sessions[0].opens)


def _events_of(
    calendar: Calendar, day: date, settings: DaySettings, exchanges: tuple[Exchange, ...]
) -> Iterator[DayEvent]:
    trading = [exchange for exchange in exchanges if calendar.sessions(exchange, day)]
    yield from _grouped(
        day,
        DayEventKind.SQUARE_OFF,
        trading,
        lambda exchange: square_off_at(calendar, exchange, day, settings),
    )
    yield from _grouped(
        day, DayEventKind.CLOSE, trading, lambda e: calendar.sessions(e, day)[-1].closes
    )
    begins = session_start(day)
    yield DayEvent(begins, DayEventKind.BOUNDARY, day)
    if trading:
        at = datetime.combine(day, settings.snapshot_at, IST).astimezone(UTC)
        last = max(calendar.sessions(exchange, day)[-1].closes for exchange in trading)
        yield DayEvent(max(at, last), DayEventKind.SNAPSHOT, day)
    reset = datetime.combine(day, settings.reset_at, IST).astimezone(UTC)
    if day.weekday() == settings.reset_on:
        yield DayEvent(reset, DayEventKind.RESET, session_date(reset))


def _grouped(
    day: date,
    kind: DayEventKind,
    exchanges: Iterable[Exchange],
    time_of: Callable[[Exchange], datetime | None],
) -> Iterator[DayEvent]:
    """One event for the exchanges that share an instant."""
    by_time: dict[datetime, set[Exchange]] = {}
    for exchange in exchanges:
        if (at := time_of(exchange)) is not None:
            by_time.setdefault(at, set()).add(exchange)
    for at, together in by_time.items():
        yield DayEvent(at, kind, day, frozenset(together))
