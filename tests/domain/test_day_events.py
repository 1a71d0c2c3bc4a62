"""The events of market days: which, when, and in what order."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.calendar import AlwaysOpenCalendar, ExchangeCalendar, session_start
from openalgo.domain.clock import IST
from openalgo.domain.day_events import (
    DayEvent,
    DaySettings,
    day_events,
    next_day_event,
    square_off_at,
)
from openalgo.domain.market import Exchange

CALENDAR = ExchangeCalendar()
INDIAN = (Exchange.NSE, Exchange.NFO, Exchange.CDS, Exchange.MCX, Exchange.NCDEX)
SETTINGS = DaySettings()
FRIDAY = date(2026, 7, 17)
SUNDAY = date(2026, 7, 19)


def of(day: date, settings: DaySettings = SETTINGS) -> list[DayEvent]:
    """The events between two boundaries, the first one excluded."""
    start = session_start(day)
    return day_events(CALENDAR, start, session_start(day + timedelta(days=1)), settings, INDIAN)


def told(events: list[DayEvent]) -> list[tuple[str, str, str]]:
    return [
        (
            f"{event.at.astimezone(IST):%H:%M}",
            event.kind.name,
            " ".join(sorted(event.exchanges)),
        )
        for event in events
    ]


def at(exchange: Exchange, day: date, settings: DaySettings = SETTINGS) -> str | None:
    found = square_off_at(CALENDAR, exchange, day, settings)
    return None if found is None else f"{found.astimezone(IST):%H:%M}"


def test_a_day_in_summer() -> None:
    events = told(of(FRIDAY))
    assert events == [
        ("15:15", "SQUARE_OFF", "NFO NSE"),
        ("15:30", "CLOSE", "NFO NSE"),
        ("16:45", "SQUARE_OFF", "CDS NCDEX"),
        ("17:00", "CLOSE", "CDS NCDEX"),
        ("23:05", "SQUARE_OFF", "MCX"),
        ("23:30", "CLOSE", "MCX"),
        ("23:59", "SNAPSHOT", ""),
        ("03:00", "BOUNDARY", ""),
    ]


def test_metals_follow_the_clocks_of_america() -> None:
    assert at(Exchange.MCX, FRIDAY) == "23:05"  # closes 23:30
    assert at(Exchange.MCX, date(2026, 1, 15)) == "23:30"  # closes 23:55


def test_a_weekend_has_boundaries_only() -> None:
    assert [kind for _, kind, _ in told(of(SUNDAY))] == ["BOUNDARY"]
    assert at(Exchange.NSE, SUNDAY) is None


def test_a_holiday_is_like_a_weekend() -> None:
    holiday = next(
        row.date
        for row in CALENDAR.holidays(2026)
        if Exchange.NSE in row.closed_exchanges and Exchange.MCX in row.closed_exchanges
        if row.date.weekday() < 5
    )
    assert at(Exchange.NSE, holiday) is None
    assert not any(Exchange.NSE in event.exchanges for event in of(holiday))


def test_a_short_evening_session_squares_off_before_it_closes() -> None:
    day = next(
        day
        for day in (date(2025, 10, 1) + timedelta(days=n) for n in range(60))
        if (sessions := CALENDAR.sessions(Exchange.NSE, day))
        and sessions[0].opens.astimezone(IST).hour >= 13
    )
    session = CALENDAR.sessions(Exchange.NSE, day)[0]
    found = square_off_at(CALENDAR, Exchange.NSE, day, SETTINGS)
    assert found is not None
    # 15:15 lies in an afternoon session; one that opens later ends before its close.
    assert session.opens < found < session.closes


def test_a_market_that_never_closes() -> None:
    always = AlwaysOpenCalendar()
    events = day_events(
        always, session_start(SUNDAY), session_start(SUNDAY + timedelta(days=1)), SETTINGS, INDIAN
    )
    together = " ".join(sorted(INDIAN))
    assert told(events) == [
        ("02:50", "SQUARE_OFF", together),
        ("02:55", "CLOSE", together),
        ("02:55", "SNAPSHOT", ""),
        ("03:00", "BOUNDARY", ""),
    ]


def test_the_day_of_crypto_ends_before_the_next_begins() -> None:
    events = day_events(
        CALENDAR,
        session_start(SUNDAY),
        session_start(SUNDAY + timedelta(days=1)),
        SETTINGS,
        [Exchange.CRYPTO],
    )
    assert [kind for _, kind, _ in told(events)] == [
        "SQUARE_OFF",
        "CLOSE",
        "SNAPSHOT",
        "BOUNDARY",
    ]
    assert len({event.at for event in events[1:]}) == 1


def test_times_follow_the_settings() -> None:
    settings = DaySettings(
        square_off={Exchange.NSE: time(15, 20)}, reset_on=4, reset_at=time(8, 30)
    )
    assert at(Exchange.NSE, FRIDAY, settings) == "15:20"
    assert at(Exchange.CDS, FRIDAY, settings) == "16:45"  # 15 minutes before the close
    assert ("08:30", "RESET", "") in told(of(FRIDAY, settings))
    assert not any(kind == "RESET" for _, kind, _ in told(of(SUNDAY, settings)))


@pytest.mark.parametrize("calendar", [CALENDAR, AlwaysOpenCalendar()])
def test_the_next_event_is_the_first_of_those_that_come(
    calendar: ExchangeCalendar | AlwaysOpenCalendar,
) -> None:
    now = datetime(2026, 7, 17, 6, 0, tzinfo=UTC)
    coming = day_events(calendar, now, now + timedelta(days=3), SETTINGS, INDIAN)
    assert next_day_event(calendar, now, SETTINGS, INDIAN) == coming[0]


@given(
    minutes=st.integers(min_value=0, max_value=700 * 24 * 60),
    hours=st.lists(st.integers(min_value=1, max_value=200), min_size=1, max_size=5),
)
def test_a_gap_in_pieces_has_the_same_events(minutes: int, hours: list[int]) -> None:
    """Whoever comes back often sees what one who was away all the time sees."""
    begin = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    pieces, since = [], begin
    for step in hours:
        until = since + timedelta(hours=step)
        pieces += day_events(CALENDAR, since, until, SETTINGS, INDIAN)
        since = until
    assert pieces == day_events(CALENDAR, begin, since, SETTINGS, INDIAN)
    assert len({(event.at, event.kind) for event in pieces}) == len(pieces)
