"""What the exchanges' calendar says, by example. Times in these tests are IST."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import pytest

from openalgo.domain.calendar import (
    AlwaysOpenCalendar,
    Calendar,
    ExchangeCalendar,
    HolidayType,
    Session,
    SessionKind,
    is_us_summer_time,
    session_date,
    session_start,
)
from openalgo.domain.calendars.tables import (
    CalendarTables,
    DayRow,
    OpenWindow,
    Segment,
    YearTable,
    shipped_tables,
)
from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange

CALENDAR = ExchangeCalendar()
CASH = (Exchange.NSE, Exchange.BSE)
EQUITY_DERIVATIVES = (Exchange.NFO, Exchange.BFO)
CURRENCY = (Exchange.CDS, Exchange.BCD)
COMMODITY = (Exchange.MCX, Exchange.NCO)
WITH_HOLIDAYS = (*CASH, *EQUITY_DERIVATIVES, *CURRENCY, *COMMODITY, Exchange.NCDEX)


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def hours(exchange: Exchange, day: str) -> list[str]:
    """The sessions of `day` as `HH:MM-HH:MM`."""
    return [_span(s) for s in CALENDAR.sessions(exchange, date.fromisoformat(day))]


def _span(session: Session) -> str:
    return "-".join(f"{at.astimezone(IST):%H:%M}" for at in (session.opens, session.closes))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-01-05 02:59:59.999999", "2026-01-04"),
        ("2026-01-05 03:00", "2026-01-05"),
        ("2026-01-05 23:55", "2026-01-05"),
        ("2026-01-06 00:15", "2026-01-05"),
    ],
)
def test_a_session_day_runs_from_three_to_three(at: str, day: str) -> None:
    assert session_date(ist(at)) == date.fromisoformat(day)
    assert session_date(ist(at).astimezone(UTC)) == date.fromisoformat(day)


def test_a_session_day_starts_at_three_ist_and_is_given_in_utc() -> None:
    start = session_start(date(2026, 1, 5))
    assert start == ist("2026-01-05 03:00")
    assert start.tzinfo is UTC


def test_a_time_without_a_zone_is_not_an_instant() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        session_date(datetime(2026, 1, 5, 9, 15))  # noqa: DTZ001


def test_sessions_do_not_depend_on_the_zone_of_the_machine() -> None:
    program = (
        "from datetime import date, datetime, UTC\n"
        "from openalgo.domain.calendar import ExchangeCalendar, session_date\n"
        "from openalgo.domain.market import Exchange\n"
        "print(ExchangeCalendar().sessions(Exchange.MCX, date(2026, 3, 10)),"
        " session_date(datetime(2026, 3, 9, 21, 29, tzinfo=UTC)))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("America/Los_Angeles", "Pacific/Auckland", "UTC-12")
    }
    expected = CALENDAR.sessions(Exchange.MCX, date(2026, 3, 10))
    assert printed == {f"{expected} 2026-03-09\n"}


@pytest.mark.parametrize(
    ("exchange", "day", "expected"),
    [
        (Exchange.NSE, "2026-01-05", ["09:15-15:30"]),
        (Exchange.BSE, "2026-01-05", ["09:15-15:30"]),
        (Exchange.NFO, "2026-07-31", ["09:15-15:30"]),
        (Exchange.NFO, "2026-08-03", ["09:15-15:40"]),
        (Exchange.BFO, "2026-07-31", ["09:15-15:30"]),
        (Exchange.BFO, "2026-08-03", ["09:15-15:40"]),
        (Exchange.NSE, "2026-08-03", ["09:15-15:30"]),
        (Exchange.CDS, "2026-01-05", ["09:00-17:00"]),
        (Exchange.BCD, "2026-01-05", ["09:00-17:00"]),
        (Exchange.MCX, "2026-01-05", ["09:00-23:55"]),
        (Exchange.NCO, "2026-07-06", ["09:00-23:30"]),
        (Exchange.NCDEX, "2026-01-05", ["09:00-17:00"]),
        (Exchange.NSE, "2026-01-03", []),
        (Exchange.MCX, "2026-01-04", []),
    ],
)
def test_default_hours(exchange: Exchange, day: str, expected: list[str]) -> None:
    assert hours(exchange, day) == expected


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("2026-03-06", "23:55"),
        ("2026-03-09", "23:30"),
        ("2026-10-30", "23:30"),
        ("2026-11-02", "23:55"),
        ("2024-03-08", "23:55"),
        ("2024-03-11", "23:30"),
    ],
)
def test_commodities_close_earlier_in_american_summer_time(day: str, close: str) -> None:
    for exchange in COMMODITY:
        assert hours(exchange, day)[-1].endswith(close)


def test_american_summer_time_runs_from_march_to_november() -> None:
    # The dates published for these years.
    for begins, ends in [
        (date(2023, 3, 12), date(2023, 11, 5)),
        (date(2024, 3, 10), date(2024, 11, 3)),
        (date(2025, 3, 9), date(2025, 11, 2)),
        (date(2026, 3, 8), date(2026, 11, 1)),
    ]:
        assert not is_us_summer_time(begins - timedelta(days=1))
        assert is_us_summer_time(begins)
        assert is_us_summer_time(ends - timedelta(days=1))
        assert not is_us_summer_time(ends)


def test_a_market_is_open_from_its_opening_until_just_before_its_close() -> None:
    def is_open(at: str) -> bool:
        return CALENDAR.is_open(Exchange.NSE, ist(f"2026-01-05 {at}"))

    assert [is_open(at) for at in ("09:14:59", "09:15:00", "15:29:59", "15:30:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_auctions_are_windows_but_not_continuous_trading() -> None:
    before = CALENDAR.windows(Exchange.NSE, date(2026, 7, 31))
    after = CALENDAR.windows(Exchange.NSE, date(2026, 8, 3))
    assert [(s.kind, _span(s)) for s in before] == [
        (SessionKind.PRE_OPEN, "09:00-09:08"),
        (SessionKind.NORMAL, "09:15-15:30"),
    ]
    assert [(s.kind, _span(s)) for s in after] == [
        (SessionKind.PRE_OPEN, "09:00-09:08"),
        (SessionKind.NORMAL, "09:15-15:30"),
        (SessionKind.CLOSING_AUCTION, "15:15-15:35"),
    ]
    assert not CALENDAR.is_open(Exchange.NSE, ist("2026-08-03 09:05"))
    assert not CALENDAR.is_open(Exchange.NSE, ist("2026-08-03 15:32"))


@pytest.mark.parametrize("day", ["2024-01-26", "2025-08-15", "2026-04-03", "2026-12-25"])
def test_on_a_full_holiday_nothing_trades(day: str) -> None:
    assert {e: hours(e, day) for e in WITH_HOLIDAYS} == {e: [] for e in WITH_HOLIDAYS}


@pytest.mark.parametrize(
    ("day", "close"),
    [("2026-01-15", "23:55"), ("2026-05-01", "23:30"), ("2024-01-22", "23:55")],
)
def test_on_a_half_holiday_commodities_trade_in_the_evening(day: str, close: str) -> None:
    for exchange in COMMODITY:
        assert hours(exchange, day) == [f"17:00-{close}"]
        (session,) = CALENDAR.sessions(exchange, date.fromisoformat(day))
        assert session.kind is SessionKind.EVENING
    assert hours(Exchange.NSE, day) == hours(Exchange.CDS, day) == []


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_on_new_years_day_only_the_commodity_evening_is_missing(year: int) -> None:
    day = f"{year}-01-01"
    assert hours(Exchange.MCX, day) == ["09:00-17:00"]
    assert hours(Exchange.NSE, day) == ["09:15-15:30"]


def test_bank_holidays_close_currencies_only() -> None:
    day = "2026-04-01"
    assert hours(Exchange.CDS, day) == hours(Exchange.BCD, day) == []
    assert hours(Exchange.NSE, day) == ["09:15-15:30"]
    assert hours(Exchange.MCX, day) == ["09:00-23:30"]


def test_a_moved_currency_holiday_is_where_it_was_moved_to() -> None:
    assert hours(Exchange.CDS, "2025-09-05") == ["09:00-17:00"]
    assert hours(Exchange.CDS, "2025-09-08") == []


@pytest.mark.parametrize(
    ("exchange", "day", "expected"),
    [
        (Exchange.NSE, "2024-01-20", ["09:15-15:30"]),
        (Exchange.MCX, "2024-01-20", []),
        (Exchange.NFO, "2024-03-02", ["09:15-10:00", "11:30-12:30"]),
        (Exchange.BSE, "2024-05-18", ["09:15-10:00", "11:45-12:40"]),
        (Exchange.NSE, "2024-11-01", ["18:00-19:00"]),
        (Exchange.MCX, "2024-11-01", ["18:00-19:00"]),
        (Exchange.NFO, "2025-10-21", ["13:45-14:45"]),
        (Exchange.CDS, "2025-10-21", ["13:45-14:45"]),
        (Exchange.NSE, "2025-02-01", ["09:15-15:30"]),
        (Exchange.MCX, "2025-02-01", ["09:00-17:00"]),
        (Exchange.CDS, "2025-02-01", []),
        (Exchange.BFO, "2026-02-01", ["09:15-15:30"]),
        (Exchange.NSE, "2026-11-08", ["18:00-19:15"]),
        (Exchange.MCX, "2026-11-08", ["18:00-00:15"]),
    ],
)
def test_special_sessions(exchange: Exchange, day: str, expected: list[str]) -> None:
    assert hours(exchange, day) == expected
    assert all(
        s.kind is SessionKind.SPECIAL for s in CALENDAR.sessions(exchange, date.fromisoformat(day))
    )


def test_a_session_past_midnight_belongs_to_the_day_it_opened_on() -> None:
    assert CALENDAR.is_open(Exchange.MCX, ist("2026-11-09 00:14"))
    assert not CALENDAR.is_open(Exchange.MCX, ist("2026-11-09 00:15"))
    assert hours(Exchange.MCX, "2026-11-09") == ["09:00-23:55"]


@pytest.mark.parametrize(
    ("index", "cash"),
    [
        (Exchange.NSE_INDEX, Exchange.NSE),
        (Exchange.BSE_INDEX, Exchange.BSE),
        (Exchange.MCX_INDEX, Exchange.MCX),
    ],
)
def test_an_index_keeps_the_hours_of_its_market(index: Exchange, cash: Exchange) -> None:
    for day in ("2026-01-05", "2026-01-15", "2026-01-26", "2026-11-08"):
        assert hours(index, day) == hours(cash, day)


@pytest.mark.parametrize("exchange", [Exchange.CRYPTO, Exchange.GLOBAL_INDEX])
def test_some_markets_never_close(exchange: Exchange) -> None:
    noon = ist("2026-01-01 12:00")
    for hour in range(24 * 30):
        assert CALENDAR.is_open(exchange, noon + timedelta(hours=hour))


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-01-05 08:00", "2026-01-05 09:15"),
        ("2026-01-05 09:15", "2026-01-06 09:15"),
        ("2026-01-05 12:00", "2026-01-06 09:15"),
        ("2026-01-23 16:00", "2026-01-27 09:15"),  # a weekend, then Republic Day
        ("2026-01-30 16:00", "2026-02-01 09:15"),  # the Budget on a Sunday
        ("2024-03-02 10:30", "2024-03-02 11:30"),
    ],
)
def test_the_next_opening(at: str, opens: str) -> None:
    assert CALENDAR.next_open(Exchange.NSE, ist(at)) == ist(opens)


def test_there_may_be_no_next_opening() -> None:
    closed_quarter = tuple(
        DayRow(date=date(2030, 1, 1) + timedelta(days=n), name="Flood", closed=(Segment.EQUITY,))
        for n in range(90)
    )
    calendar = _calendar_with(closed_quarter)
    assert calendar.next_open(Exchange.NSE, ist("2030-01-01 09:00")) is None
    assert calendar.next_open(Exchange.MCX, ist("2030-01-01 08:00")) == ist("2030-01-01 09:00")


def test_trading_days() -> None:
    assert CALENDAR.is_trading_day(Exchange.NSE, date(2026, 1, 27))
    assert not CALENDAR.is_trading_day(Exchange.NSE, date(2026, 1, 26))
    assert CALENDAR.is_trading_day(Exchange.MCX, date(2026, 1, 15))
    assert CALENDAR.next_trading_day(Exchange.NSE, date(2026, 1, 23)) == date(2026, 1, 27)
    assert CALENDAR.next_trading_day(Exchange.NSE, date(2026, 1, 27)) == date(2026, 1, 28)
    assert CALENDAR.next_trading_day(Exchange.CRYPTO, date(2026, 1, 23)) == date(2026, 1, 24)


def test_in_a_year_without_a_table_weekdays_are_open() -> None:
    assert CALENDAR.known_years == {2024, 2025, 2026}
    assert hours(Exchange.NSE, "2031-01-06") == ["09:15-15:30"]
    assert hours(Exchange.NSE, "2031-01-05") == []
    assert CALENDAR.holidays(2031) == ()


def test_the_holiday_list_names_who_is_closed_and_who_opens() -> None:
    (election,) = [h for h in CALENDAR.holidays(2026) if h.date == date(2026, 1, 15)]
    assert election.type is HolidayType.TRADING_HOLIDAY
    assert election.description == "Municipal elections in Maharashtra"
    assert set(election.closed_exchanges) == set(WITH_HOLIDAYS) - set(COMMODITY)
    assert {(o.exchange, o.opens, o.closes) for o in election.open_exchanges} == {
        (e, ist("2026-01-15 17:00"), ist("2026-01-15 23:55")) for e in COMMODITY
    }


def test_the_holiday_list_gives_the_hours_of_special_sessions() -> None:
    (muhurat,) = [h for h in CALENDAR.holidays(2026) if h.date == date(2026, 11, 8)]
    assert muhurat.type is HolidayType.SPECIAL_SESSION
    assert not muhurat.verified
    assert muhurat.closed_exchanges == ()
    closes = {o.exchange: o.closes for o in muhurat.open_exchanges}
    assert set(closes) == set(WITH_HOLIDAYS)
    assert closes[Exchange.NSE] == ist("2026-11-08 19:15")
    assert closes[Exchange.MCX] == ist("2026-11-09 00:15")

    (budget,) = [h for h in CALENDAR.holidays(2026) if h.date == date(2026, 2, 1)]
    assert set(budget.closed_exchanges) == {*CURRENCY, Exchange.NCDEX}


def test_a_settlement_holiday_is_listed_but_closes_nobody() -> None:
    day = date(2026, 4, 1)
    rows = {h.type: h for h in CALENDAR.holidays(2026) if h.date == day}
    assert set(rows[HolidayType.TRADING_HOLIDAY].closed_exchanges) == set(CURRENCY)
    settlement = rows[HolidayType.SETTLEMENT_HOLIDAY]
    assert (settlement.closed_exchanges, settlement.open_exchanges) == ((), ())


@pytest.mark.parametrize(
    ("day", "settles"),
    [
        ("2026-03-31", False),  # Mahavir Jayanti: nobody trades
        ("2026-04-01", False),  # banks close their books; shares trade
        ("2026-04-02", True),
        ("2025-10-21", False),  # Muhurat trading, on a Tuesday
        ("2026-02-01", False),  # the Budget, on a Sunday
        ("2026-04-04", False),  # a Saturday
    ],
)
def test_shares_settle_on_trading_days_that_are_no_settlement_holidays(
    day: str, settles: bool
) -> None:
    assert CALENDAR.settles(Exchange.NSE, date.fromisoformat(day)) is settles
    assert CALENDAR.settles(Exchange.CRYPTO, date.fromisoformat(day))


def test_a_special_session_wins_over_a_holiday_of_the_same_day() -> None:
    day = date(2030, 1, 1)
    special = DayRow(
        date=day,
        name="Muhurat",
        type=HolidayType.SPECIAL_SESSION,
        open=(OpenWindow(segments=(Segment.EQUITY,), opens=time(18), closes=time(19)),),
    )
    holiday = DayRow(date=day, name="Diwali", closed=(Segment.EQUITY, Segment.CURRENCY))
    calendar = _calendar_with((holiday, special))
    assert [_span(s) for s in calendar.sessions(Exchange.NSE, day)] == ["18:00-19:00"]
    assert calendar.sessions(Exchange.CDS, day) == ()


def test_the_always_open_market_trades_all_but_ten_minutes_of_every_day() -> None:
    calendar: Calendar = AlwaysOpenCalendar()
    sunday = date(2026, 1, 4)
    (session,) = calendar.sessions(Exchange.NSE, sunday)
    assert session == Session(
        ist("2026-01-04 03:05").astimezone(UTC), ist("2026-01-05 02:55").astimezone(UTC)
    )
    assert calendar.is_open(Exchange.NSE, ist("2026-01-04 00:30"))
    assert calendar.is_open(Exchange.NSE, ist("2026-01-04 02:54:59"))
    assert not calendar.is_open(Exchange.NSE, ist("2026-01-04 02:55"))
    assert not calendar.is_open(Exchange.NSE, ist("2026-01-04 03:04:59"))
    assert calendar.is_open(Exchange.NSE, ist("2026-01-04 03:05"))
    for at, opens in [
        ("2026-01-04 02:57", "2026-01-04 03:05"),
        ("2026-01-04 03:02", "2026-01-04 03:05"),
        ("2026-01-04 03:05", "2026-01-05 03:05"),
        ("2026-01-04 12:00", "2026-01-05 03:05"),
    ]:
        assert calendar.next_open(Exchange.MCX, ist(at)) == ist(opens)


def _calendar_with(days: tuple[DayRow, ...]) -> ExchangeCalendar:
    year = YearTable(year=2030, source="a test", day=days)
    return ExchangeCalendar(CalendarTables(sessions=shipped_tables().sessions, years=(year,)))
