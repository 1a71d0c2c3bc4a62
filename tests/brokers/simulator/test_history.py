from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.intervals import DAILY, INTRADAY, day_label
from openalgo.brokers.simulator.candles import Candles
from openalgo.brokers.simulator.history import History
from openalgo.domain.calendar import Calendar, session_date
from openalgo.domain.clock import IST
from openalgo.domain.market import Candle, Exchange, InstrumentKey
from openalgo.domain.numbers import px
from openalgo.instruments.slices import run_through
from tests.support.simulator import (
    ALWAYS_OPEN,
    EXCHANGE_HOURS,
    FRIDAY,
    FRIDAY_NOON,
    GOLD,
    KINDS,
    NIFTY,
    NIFTY_CALL,
    ONE_DAY,
    RELIANCE,
    Simulation,
    at,
)

CALENDARS: list[Calendar] = [ALWAYS_OPEN, EXCHANGE_HOURS]
HISTORIES = {
    calendar: History(simulation.market, simulation.products)
    for calendar in CALENDARS
    for simulation in [Simulation(calendar=calendar)]
}
LONG_AGO, LATER = date(2000, 1, 1), date(2030, 1, 1)

kinds = st.sampled_from(KINDS)
calendars = st.sampled_from(CALENDARS)
some_days = st.integers(0, 20).map(lambda number: FRIDAY - number * ONE_DAY)


def candles(
    key: InstrumentKey,
    interval: str,
    start: date = FRIDAY,
    end: date = FRIDAY,
    now: datetime = FRIDAY_NOON,
    calendar: Calendar = ALWAYS_OPEN,
) -> Candles:
    found = run_through(HISTORIES[calendar].candles(key, interval, start, end, now))
    assert found is not None
    return found


def merged(at_s: int, parts: Sequence[Candle]) -> Candle:
    return Candle(
        at_s,
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum(part.volume for part in parts),
        parts[-1].oi,
    )


def session_day(candle: Candle) -> date:
    return session_date(datetime.fromtimestamp(candle.at_s, UTC))


@settings(max_examples=30, deadline=None)
@given(key=kinds, day=some_days, calendar=calendars, hour=st.integers(0, 23))
def test_minutes_add_up_to_days(
    key: InstrumentKey, day: date, calendar: Calendar, hour: int
) -> None:
    now = datetime(2026, 8, 21, hour, 31, 7, tzinfo=IST)
    minutes = candles(key, "1m", day, FRIDAY, now, calendar)
    days = candles(key, "D", day, FRIDAY, now, calendar)
    by_day = {d: list(parts) for d, parts in groupby(minutes, session_day)}
    assert list(days) == [merged(day_label(d), parts) for d, parts in by_day.items()]


@settings(max_examples=40, deadline=None)
@given(key=kinds, day=some_days, calendar=calendars, interval=st.sampled_from(list(INTRADAY)[1:]))
def test_minutes_add_up_to_every_longer_candle(
    key: InstrumentKey, day: date, calendar: Calendar, interval: str
) -> None:
    minutes = list(candles(key, "1m", day, day, calendar=calendar))
    longer = list(candles(key, interval, day, day, calendar=calendar))
    assert bool(minutes) == bool(longer)
    ends = [*(candle.at_s for candle in longer[1:]), 10**12][: len(longer)]
    for candle, end in zip(longer, ends, strict=True):
        parts = [m for m in minutes if candle.at_s <= m.at_s < end]
        assert candle == merged(candle.at_s, parts)
        assert end - candle.at_s >= 60
        assert parts[-1].at_s - candle.at_s < INTRADAY[interval] * 60


@pytest.mark.parametrize("interval", ["W", "M"])
def test_days_add_up_to_weeks_and_months(interval: str) -> None:
    days = candles(RELIANCE, "D", date(2026, 1, 1))
    expected = [
        merged(label, list(parts))
        for label, parts in groupby(
            days,
            lambda c: day_label(DAILY[interval](datetime.fromtimestamp(c.at_s, UTC).date())),
        )
    ]
    found = candles(RELIANCE, interval, date(2026, 1, 1))
    assert list(found)[1:] == expected[1:]
    first = datetime.fromtimestamp(found[0].at_s, UTC).date()
    assert first in (date(2025, 12, 29), date(2026, 1, 1))
    assert found[0].volume >= expected[0].volume


@settings(max_examples=30, deadline=None)
@given(key=kinds, calendar=calendars)
def test_the_past_does_not_change_as_time_goes_on(key: InstrumentKey, calendar: Calendar) -> None:
    now = at("12:00:20")
    early = list(candles(key, "1m", FRIDAY - ONE_DAY, FRIDAY, now, calendar))
    fresh = Simulation(calendar=calendar)
    late = run_through(
        History(fresh.market, fresh.products).candles(
            key, "1m", FRIDAY - ONE_DAY, FRIDAY + ONE_DAY, now + timedelta(hours=9)
        )
    )
    assert late is not None
    assert list(late[: len(early) - 1]) == early[:-1]
    if key.exchange is not Exchange.CDS:
        running, over = early[-1], late[len(early) - 1]
        assert (running.at_s, running.open) == (over.at_s, over.open)
        assert over.low <= running.low <= running.high <= over.high
        assert running.volume <= over.volume


def test_nothing_is_known_of_what_is_to_come() -> None:
    found = candles(RELIANCE, "1m", FRIDAY, LATER, at("11:59:59.999"))
    assert datetime.fromtimestamp(found[-1].at_s, IST) == at("11:59")
    assert len(candles(RELIANCE, "D", FRIDAY + ONE_DAY, LATER)) == 0
    assert len(candles(RELIANCE, "1m", FRIDAY, FRIDAY, at("09:14"), EXCHANGE_HOURS)) == 0


def test_a_year_of_minutes_and_five_years_of_days() -> None:
    minutes = candles(NIFTY, "1m", LONG_AGO, LATER, calendar=EXCHANGE_HOURS)
    days = candles(NIFTY, "D", LONG_AGO, LATER, calendar=EXCHANGE_HOURS)
    assert 240 * 375 < len(minutes) < 255 * 375
    assert 1_200 < len(days) < 1_400
    assert all(a.at_s < b.at_s for a, b in pairwise(minutes))
    assert days[-1].close == minutes[-1].close


def test_a_contract_begins_with_its_first_day() -> None:
    found = candles(NIFTY_CALL, "D", LONG_AGO, LATER)
    first = datetime.fromtimestamp(found[0].at_s, UTC).date()
    assert first == date(2026, 8, 25) - timedelta(days=100)
    after = candles(NIFTY_CALL, "D", LONG_AGO, LATER, at("12:00", date(2026, 9, 10)))
    assert datetime.fromtimestamp(after[-1].at_s, UTC).date() == date(2026, 8, 25)


@pytest.mark.parametrize(
    ("calendar", "key", "interval", "labels"),
    [
        (EXCHANGE_HOURS, RELIANCE, "15m", ["09:15", "09:30", "09:45"]),
        (EXCHANGE_HOURS, RELIANCE, "1h", ["09:15", "10:15", "11:15"]),
        (EXCHANGE_HOURS, GOLD, "1h", ["09:00", "10:00", "11:00"]),
        (ALWAYS_OPEN, RELIANCE, "1m", ["03:05", "03:06", "03:07"]),
        (ALWAYS_OPEN, RELIANCE, "15m", ["03:05", "03:15", "03:30"]),
        (ALWAYS_OPEN, RELIANCE, "1h", ["03:05", "03:15", "04:15"]),
    ],
)
def test_candles_are_named_after_their_beginning(
    calendar: Calendar, key: InstrumentKey, interval: str, labels: list[str]
) -> None:
    found = candles(key, interval, calendar=calendar)[:3]
    assert [datetime.fromtimestamp(c.at_s, IST).strftime("%H:%M") for c in found] == labels


def test_a_night_owl_finds_the_candle_of_a_quarter_past_nine() -> None:
    labels = {datetime.fromtimestamp(c.at_s, IST) for c in candles(RELIANCE, "15m")}
    assert at("09:15") in labels


@settings(max_examples=20, deadline=None)
@given(key=kinds, day=some_days)
def test_candles_are_on_the_tick_and_trade(key: InstrumentKey, day: date) -> None:
    tick = Simulation().product(key).tick
    day -= ONE_DAY  # a minute that has just begun may have no trade yet
    for candle in candles(key, "15m", day, day):
        prices = (candle.open, candle.high, candle.low, candle.close)
        assert all(price > 0 and px(price) % tick == 0 for price in prices)
        assert candle.low == min(prices)
        assert candle.high == max(prices)
        assert (candle.volume > 0) == (key.exchange is not Exchange.NSE_INDEX)


def test_candles_read_like_a_tuple() -> None:
    found = candles(RELIANCE, "5m")
    everything = list(found)
    assert len(found) == len(everything)
    assert (found[0], found[-1]) == (everything[0], everything[-1])
    assert list(found[3:700:7]) == everything[3:700:7]
    with pytest.raises(IndexError):
        found[len(found)]


def test_what_does_not_exist_has_no_candles() -> None:
    key = InstrumentKey(Exchange.NSE, "NOTHING")
    steps = HISTORIES[ALWAYS_OPEN].candles(key, "1m", FRIDAY, FRIDAY, FRIDAY_NOON)
    assert run_through(steps) is None


def test_every_day_of_a_history_is_a_step_of_its_own() -> None:
    def steps(start: date) -> int:
        found = HISTORIES[EXCHANGE_HOURS].candles(RELIANCE, "5m", start, FRIDAY, FRIDAY_NOON)
        return len(list(found))

    assert steps(date(2026, 8, 1)) - steps(FRIDAY) == 14
