from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.simulator.hours import Group, TradingDays
from openalgo.brokers.simulator.levels import Factors, profile
from tests.support.simulator import ALWAYS_OPEN, EXCHANGE_HOURS, FRIDAY, ONE_DAY

NEVER_CLOSED = TradingDays(ALWAYS_OPEN)
HOURS = TradingDays(EXCHANGE_HOURS)

seeds = st.integers(0, 2**63)
days = st.dates(date(2004, 1, 1), date(2060, 1, 1))
names = st.sampled_from(["RELIANCE", "EQUITY market", "EQUITY sector BANK"])


@settings(max_examples=25)
@given(seed=seeds, name=names, day=days)
def test_a_day_begins_where_the_day_before_ended(seed: int, name: str, day: date) -> None:
    factors = Factors(seed, NEVER_CLOSED)
    today, tomorrow = (factors.path(Group.EQUITY, name, d) for d in (day, day + ONE_DAY))
    assert today[-1] == tomorrow[0] == factors.closing(Group.EQUITY, name, day)


@settings(max_examples=25)
@given(seed=seeds, name=names, day=days)
def test_the_path_depends_on_seed_name_and_day_only(seed: int, name: str, day: date) -> None:
    path = Factors(seed, NEVER_CLOSED).path(Group.EQUITY, name, day)
    other_way = Factors(seed, NEVER_CLOSED)
    other_way.path(Group.EQUITY, name, day + 3 * ONE_DAY)
    assert np.array_equal(path, other_way.path(Group.EQUITY, name, day))
    for other in (
        Factors(seed + 1, NEVER_CLOSED).path(Group.EQUITY, name, day),
        other_way.path(Group.EQUITY, name + "X", day),
        other_way.path(Group.EQUITY, name, day + ONE_DAY),
    ):
        assert not np.array_equal(path, other)


def test_daily_changes_have_unit_deviation_and_levels_stay_near_zero() -> None:
    factors = Factors(1, NEVER_CLOSED)
    first = date(2020, 1, 1)
    closes = np.array(
        [factors.closing(Group.EQUITY, "TCS", first + timedelta(days=n)) for n in range(2_000)]
    )
    assert np.diff(closes).std() == pytest.approx(1.0, rel=0.05)
    assert abs(np.diff(closes).mean()) < 0.05
    assert np.abs(closes).max() < 25


def test_a_weekend_adds_nothing_but_a_night_leaves_a_gap() -> None:
    factors = Factors(1, HOURS)
    monday = FRIDAY + 3 * ONE_DAY
    assert HOURS.previous(Group.EQUITY, monday) == FRIDAY
    gaps, changes = [], []
    day, before = monday, FRIDAY
    for _ in range(250):
        path = factors.path(Group.EQUITY, "SBIN", day)
        gaps.append(path[0] - factors.closing(Group.EQUITY, "SBIN", before))
        changes.append(path[-1] - factors.closing(Group.EQUITY, "SBIN", before))
        before, day = day, day + ONE_DAY
        while not HOURS.trades(Group.EQUITY, day):
            day += ONE_DAY
    assert np.std(changes) == pytest.approx(1.0, rel=0.1)
    assert np.std(gaps) == pytest.approx(0.2**0.5, rel=0.15)


def test_the_way_through_a_day_is_as_long_as_the_volatility_says() -> None:
    factors = Factors(1, NEVER_CLOSED)
    some_days = [date(2026, 1, 1) + timedelta(days=n) for n in range(30)]
    squares = [np.diff(factors.path(Group.EQUITY, "SBIN", day)) ** 2 for day in some_days]
    assert np.mean([square.sum() for square in squares]) == pytest.approx(1.0, rel=0.03)
    expected = factors.minute_deviations(Group.EQUITY, FRIDAY) ** 2
    edge, middle = slice(0, 60), slice(680, 740)
    ratio = np.mean([s[edge].sum() / s[middle].sum() for s in squares])
    assert ratio == pytest.approx(expected[edge].sum() / expected[middle].sum(), rel=0.15)
    assert ratio > 2


@given(minutes=st.integers(1, 1_500))
def test_a_profile_is_busy_at_both_ends_and_adds_up(minutes: int) -> None:
    usual = profile(minutes)
    assert usual.until[0] == 0
    assert usual.until[-1] == 1
    assert usual.share.sum() == pytest.approx(1)
    assert usual.share.min() > 0
    assert usual.share[0] == pytest.approx(usual.share[-1])


def test_the_market_is_the_same_in_every_version() -> None:
    """A changed formula would silently change everybody's simulated history."""
    factors = Factors(1, NEVER_CLOSED)
    assert factors.closing(Group.EQUITY, "RELIANCE", FRIDAY) == GOLDEN_CLOSE
    path = factors.path(Group.EQUITY, "RELIANCE", FRIDAY)
    assert path[[1, 500, 1_000]].tolist() == pytest.approx(GOLDEN_PATH, abs=1e-12)


GOLDEN_CLOSE = -1.1163791614483891
GOLDEN_PATH = [-1.6070056534157142, -1.2054794259387898, -0.9192033739126313]
