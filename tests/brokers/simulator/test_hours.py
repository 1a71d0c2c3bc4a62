from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.simulator.hours import MINUTE_MS, STEPS, Group, TradingDays
from openalgo.domain.clock import IST, epoch_ms
from openalgo.domain.market import Exchange
from tests.support.simulator import ALWAYS_OPEN, EXCHANGE_HOURS, FRIDAY, at

DAYS = TradingDays(EXCHANGE_HOURS)
NEVER_CLOSED = TradingDays(ALWAYS_OPEN)
MUHURAT = date(2026, 11, 8)

known_days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
exchanges = st.sampled_from([exchange for group in Group for exchange in group.exchanges])


def ms(text: str, day: date = FRIDAY) -> int:
    return epoch_ms(at(text, day))


def test_a_share_shows_the_minutes_of_its_own_session_on_the_axis_of_the_group() -> None:
    axis = DAYS.axis(Group.EQUITY, FRIDAY)
    shares, options = (DAYS.hours(exchange, FRIDAY) for exchange in (Exchange.NSE, Exchange.NFO))
    assert (len(shares), len(options), len(axis)) == (375, 385, 385)
    assert axis[shares.minutes[-1]] == shares.starts_ms[-1] == ms("15:29")


def test_the_place_of_an_instant() -> None:
    hours = DAYS.hours(Exchange.NSE, FRIDAY)
    assert hours.place(ms("09:14:59.999")) is None
    assert hours.place(ms("09:15")) == (0, 0)
    assert hours.place(ms("09:16:30.600")) == (1, 61)
    assert hours.place(ms("15:29:59.999")) == (374, STEPS - 1)
    assert hours.place(ms("15:30")) == hours.place(ms("23:00")) == (374, STEPS - 1)


def test_a_day_without_trading_has_no_minutes() -> None:
    sunday = FRIDAY + timedelta(days=2)
    assert len(DAYS.hours(Exchange.NSE, sunday)) == len(DAYS.axis(Group.EQUITY, sunday)) == 0
    assert DAYS.latest(Group.EQUITY, sunday) == FRIDAY
    assert DAYS.previous(Group.EQUITY, sunday + timedelta(days=1)) == FRIDAY
    assert NEVER_CLOSED.latest(Group.EQUITY, sunday) == sunday


def test_special_sessions_and_half_days_are_as_long_as_the_calendar_says() -> None:
    assert 0 < len(DAYS.hours(Exchange.NSE, MUHURAT)) <= 120
    evening = DAYS.hours(Exchange.MCX, date(2026, 10, 20))
    assert evening.place(ms("16:59", date(2026, 10, 20))) is None
    assert evening.place(ms("17:00", date(2026, 10, 20))) == (0, 0)


def test_the_market_that_never_sleeps_rests_too_short_for_a_gap() -> None:
    assert not NEVER_CLOSED.overnight(Group.EQUITY, FRIDAY)
    assert DAYS.overnight(Group.EQUITY, FRIDAY)
    assert len(NEVER_CLOSED.axis(Group.EQUITY, FRIDAY)) == 23 * 60 + 50


@settings(max_examples=60)
@given(exchange=exchanges, day=known_days, second=st.integers(0, 86_399))
def test_every_instant_of_a_session_has_its_own_minute(
    exchange: Exchange, day: date, second: int
) -> None:
    instant = datetime.combine(day, time(), IST) + timedelta(seconds=second)
    hours = DAYS.hours(exchange, day)
    place = hours.place(epoch_ms(instant))
    if EXCHANGE_HOURS.is_open(exchange, instant):
        assert place is not None
        since = epoch_ms(instant) - int(hours.starts_ms[place[0]])
        assert 0 <= since < MINUTE_MS
        assert place[1] == since // 500
    elif place is not None:
        assert epoch_ms(instant) >= hours.starts_ms[place[0]] + MINUTE_MS
        assert place[1] == STEPS - 1


@settings(max_examples=60)
@given(exchange=exchanges, day=known_days)
def test_the_minutes_of_an_exchange_are_minutes_of_its_group(exchange: Exchange, day: date) -> None:
    hours = DAYS.hours(exchange, day)
    group = next(group for group in Group if exchange in group.exchanges)
    assert np.array_equal(DAYS.axis(group, day)[hours.minutes], hours.starts_ms)
    assert (np.diff(hours.starts_ms) >= MINUTE_MS).all()


@pytest.mark.parametrize("group", list(Group))
def test_the_memory_of_a_day_begins_with_the_day_itself(group: Group) -> None:
    memory = DAYS.memory(group, FRIDAY)
    assert memory[:7].tolist() == [True, True, True, True, True, False, False]
