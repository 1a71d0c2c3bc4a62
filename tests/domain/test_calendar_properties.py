"""What holds for every exchange on every day."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.calendar import (
    AlwaysOpenCalendar,
    Calendar,
    ExchangeCalendar,
    HolidayType,
    is_us_summer_time,
    session_date,
    session_start,
)
from openalgo.domain.calendars.tables import shipped_tables
from openalgo.domain.market import Exchange

INDIAN = ExchangeCalendar()
ONE_DAY = timedelta(days=1)
KNOWN_DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(3 * 366)]

exchanges = st.sampled_from(Exchange)
calendars: st.SearchStrategy[Calendar] = st.sampled_from((INDIAN, AlwaysOpenCalendar()))
days = st.dates(date(2023, 1, 1), date(2028, 12, 31))
instants = st.datetimes(
    datetime(2023, 1, 2),  # noqa: DTZ001 - the strategy wants naive bounds and adds the zone
    datetime(2028, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize("exchange", Exchange)
def test_sessions_ascend_without_overlap_inside_their_session_day(exchange: Exchange) -> None:
    for day in KNOWN_DAYS:
        sessions = INDIAN.sessions(exchange, day)
        assert all(s.opens < s.closes for s in sessions)
        edges = [session_start(day), *(at for s in sessions for at in (s.opens, s.closes))]
        edges.append(session_start(day + ONE_DAY))
        assert edges == sorted(edges)


@given(calendars, exchanges, instants)
def test_a_market_is_open_exactly_within_its_sessions(
    calendar: Calendar, exchange: Exchange, at: datetime
) -> None:
    around = (session_date(at) + n * ONE_DAY for n in (-1, 0, 1))
    inside = any(s.opens <= at < s.closes for d in around for s in calendar.sessions(exchange, d))
    assert calendar.is_open(exchange, at) is inside


@given(calendars, exchanges, days)
def test_the_edges_of_a_session_are_exact(
    calendar: Calendar, exchange: Exchange, day: date
) -> None:
    instant = timedelta(microseconds=1)
    for session in calendar.sessions(exchange, day):
        assert calendar.is_open(exchange, session.opens)
        assert calendar.is_open(exchange, session.closes - instant)


@given(calendars, exchanges, instants)
def test_the_next_opening_is_later_open_and_the_first(
    calendar: Calendar, exchange: Exchange, at: datetime
) -> None:
    opens = calendar.next_open(exchange, at)
    assert opens is not None
    assert opens > at
    assert calendar.is_open(exchange, opens)
    day = session_date(at)
    while day <= session_date(opens):
        assert not any(at < s.opens < opens for s in calendar.sessions(exchange, day))
        day += ONE_DAY


@given(exchanges, days)
def test_the_next_trading_day_is_the_first_with_a_session(exchange: Exchange, day: date) -> None:
    following = INDIAN.next_trading_day(exchange, day)
    assert INDIAN.is_trading_day(exchange, following)
    between = range(1, (following - day).days)
    assert not any(INDIAN.is_trading_day(exchange, day + n * ONE_DAY) for n in between)


@given(instants, instants)
def test_session_days_never_run_backwards(first: datetime, second: datetime) -> None:
    earlier, later = sorted((first, second))
    assert session_date(earlier) <= session_date(later)


@given(instants)
def test_an_instant_lies_within_its_session_day(at: datetime) -> None:
    day = session_date(at)
    assert session_start(day) <= at < session_start(day + ONE_DAY)


@given(instants, st.integers(-12, 14))
def test_the_session_day_belongs_to_the_instant_not_to_its_spelling(
    at: datetime, offset: int
) -> None:
    elsewhere = at.astimezone(timezone(timedelta(hours=offset)))
    assert session_date(elsewhere) == session_date(at)


def test_the_american_rule_agrees_with_the_time_zone_database() -> None:
    try:
        new_york = ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zone database")
    for n in range(40 * 366):
        day = date(2007, 1, 1) + timedelta(days=n)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=new_york)
        assert is_us_summer_time(day) is bool(noon.dst())


def test_every_year_file_is_in_order_and_holds_its_own_year() -> None:
    for table in shipped_tables().years:
        listed = [(row.date, row.type is HolidayType.SETTLEMENT_HOLIDAY) for row in table.day]
        assert listed == sorted(set(listed))
        assert {row.date.year for row in table.day} == {table.year}
        assert table.source


def test_every_row_says_something_its_type_allows() -> None:
    for row in (row for table in shipped_tables().years for row in table.day):
        changes = bool(row.closed or row.morning or row.evening)
        assert changes is (row.type is HolidayType.TRADING_HOLIDAY), row.date
        assert bool(row.open) is (row.type is HolidayType.SPECIAL_SESSION), row.date


def test_nothing_a_holiday_closes_trades_and_what_it_opens_does() -> None:
    for year in INDIAN.known_years:
        for holiday in INDIAN.holidays(year):
            for exchange in holiday.closed_exchanges:
                assert INDIAN.sessions(exchange, holiday.date) == ()
            for hours in holiday.open_exchanges:
                assert any(
                    (s.opens, s.closes) == (hours.opens, hours.closes)
                    for s in INDIAN.sessions(hours.exchange, holiday.date)
                )
