"""When options expire."""

from datetime import UTC, date, datetime, time

import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar, Calendar, ExchangeCalendar
from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange
from openalgo.options.clock import LEAST_YEARS, days_left, expiry_instant, years_left

DAY = date(2025, 12, 30)
END = datetime(2025, 12, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exchange", "at"),
    [
        (Exchange.NFO, (10, 0)),
        (Exchange.BFO, (10, 0)),
        (Exchange.MCX, (18, 0)),
        (Exchange.NCO, (18, 0)),
        (Exchange.NCDEX, (11, 30)),
        (Exchange.CDS, (7, 0)),
        (Exchange.BCD, (7, 0)),
        (Exchange.CRYPTO, (12, 0)),
    ],
)
def test_each_exchange_has_its_cut_off(exchange: Exchange, at: tuple[int, int]) -> None:
    assert expiry_instant(exchange, DAY) == datetime(2025, 12, 30, *at, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exchange", "day", "clock"),
    [
        (Exchange.MCX, date(2026, 7, 24), "23:30"),
        (Exchange.MCX, date(2026, 11, 24), "23:55"),
        (Exchange.NFO, date(2026, 7, 28), "15:30"),
        (Exchange.NFO, date(2026, 8, 4), "15:40"),
        (Exchange.NFO, date(2024, 3, 2), "12:30"),
        (Exchange.CDS, date(2026, 7, 29), "12:30"),
    ],
    ids=["summer", "winter", "before August 2026", "since", "special session", "at its fixing"],
)
def test_the_calendar_tells_when_the_day_of_expiry_closes(
    exchange: Exchange, day: date, clock: str
) -> None:
    at = expiry_instant(exchange, day, calendar=ExchangeCalendar())
    assert at == datetime.combine(day, time.fromisoformat(clock), IST)


@pytest.mark.parametrize(
    ("exchange", "calendar"),
    [
        (Exchange.MCX, AlwaysOpenCalendar()),
        (Exchange.CRYPTO, ExchangeCalendar()),
        (Exchange.NFO, ExchangeCalendar()),
    ],
    ids=["always open", "never closed", "closed that day"],
)
def test_a_day_without_a_close_ends_at_the_cut_off(exchange: Exchange, calendar: Calendar) -> None:
    sunday = date(2025, 12, 28)
    assert expiry_instant(exchange, sunday, calendar=calendar) == expiry_instant(exchange, sunday)


def test_a_cut_off_may_be_given_in_indian_time() -> None:
    at = expiry_instant(Exchange.MCX, DAY, time(19, 0))
    assert at == datetime(2025, 12, 30, 13, 30, tzinfo=UTC)


def test_time_is_counted_by_the_second_in_years_of_365_days() -> None:
    now = datetime(2025, 12, 29, 10, 0, tzinfo=UTC)
    assert days_left(now, END) == 1.0
    assert years_left(now, END) == 1 / 365


@pytest.mark.parametrize(
    ("minutes", "years"), [(52, LEAST_YEARS), (1, LEAST_YEARS), (0, 0.0), (-60, 0.0)]
)
def test_the_last_hour_stands_still_until_it_is_over(minutes: int, years: float) -> None:
    now = datetime.fromtimestamp(END.timestamp() - minutes * 60, UTC)
    assert years_left(now, END) == years


def test_the_last_hour_runs_where_nobody_expects_it_to_stand_still() -> None:
    now = datetime.fromtimestamp(END.timestamp() - 60, UTC)
    assert years_left(now, END, 0.0) == pytest.approx(60 / 31_536_000)
