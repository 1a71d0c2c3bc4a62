from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.simulator import path

STEPS = 2_000

seeds = st.integers(0, 2**63)
days = st.integers(date(2000, 1, 1).toordinal(), date(2099, 12, 31).toordinal())
symbols = st.sampled_from(["RELIANCE", "M&M", "NIFTY"])


@settings(max_examples=40)
@given(seed=seeds, symbol=symbols, day=days)
def test_a_day_begins_where_the_day_before_ended(seed: int, symbol: str, day: int) -> None:
    today = path.day_levels(seed, symbol, day, STEPS)
    tomorrow = path.day_levels(seed, symbol, day + 1, STEPS)
    assert today[-1] == tomorrow[0]


@settings(max_examples=40)
@given(seed=seeds, symbol=symbols, day=days)
def test_the_path_depends_on_seed_symbol_and_day_only(seed: int, symbol: str, day: int) -> None:
    levels = path.day_levels(seed, symbol, day, STEPS)
    assert np.array_equal(levels, path.day_levels(seed, symbol, day, STEPS))
    for other in (
        path.day_levels(seed + 1, symbol, day, STEPS),
        path.day_levels(seed, symbol + "X", day, STEPS),
        path.day_levels(seed, symbol, day + 1, STEPS),
    ):
        assert not np.array_equal(levels, other)


@settings(max_examples=40)
@given(seed=seeds, symbol=symbols, day=days, base=st.floats(0.01, 1e5))
def test_prices_are_never_below_one_tick_and_move_a_little_at_a_time(
    seed: int, symbol: str, day: int, base: float
) -> None:
    levels = path.day_levels(seed, symbol, day, STEPS)
    prices = path.prices(levels, base, 0.015, tick=0.01)
    assert prices.min() >= 1
    rupees = prices * 0.01
    largest_step = 0.015 * 4 / np.sqrt(STEPS)
    assert np.abs(np.diff(rupees)).max() <= rupees.max() * largest_step + 0.01


def test_daily_returns_have_the_volatility_asked_for_and_prices_stay_near_the_base() -> None:
    key = path.key_of(1, "RELIANCE", "closes")
    first = date(2020, 1, 1).toordinal()
    closes = np.array([path.closing_level(key, day) for day in range(first, first + 3_000)])
    assert np.diff(closes).std() == pytest.approx(1.0, rel=0.05)
    assert abs(np.diff(closes).mean()) < 0.05
    assert np.abs(closes).max() < 30


def test_the_way_through_a_day_is_as_long_as_the_volatility_says() -> None:
    steps = [np.diff(path.day_levels(1, "SBIN", day, STEPS)) for day in range(730_000, 730_020)]
    assert np.concatenate(steps).std() * np.sqrt(STEPS) == pytest.approx(1.0, rel=0.02)


def test_shocks_are_close_to_standard_normal_and_independent_of_where_reading_starts() -> None:
    key = path.key_of(1, "noise")
    shocks = path.shocks(key, 0, 100_000)
    assert shocks.mean() == pytest.approx(0, abs=0.02)
    assert shocks.std() == pytest.approx(1, abs=0.02)
    assert np.abs(shocks).max() < 3.47
    assert np.mean(np.abs(shocks) < 1) == pytest.approx(0.683, abs=0.02)
    assert np.corrcoef(shocks[1:], shocks[:-1])[0, 1] == pytest.approx(0, abs=0.02)
    assert np.array_equal(shocks[500:600], path.shocks(key, 500, 100))


def test_uniforms_fill_the_unit_interval() -> None:
    key = path.key_of(1, "noise")
    numbers = [path.uniform(key, position) for position in range(20_000)]
    assert 0 <= min(numbers) < 0.001
    assert 0.999 < max(numbers) < 1
    assert np.histogram(numbers, bins=10, range=(0, 1))[0].min() > 1_800


def test_the_market_is_the_same_in_every_version() -> None:
    """A changed formula would silently change everybody's simulated history."""
    levels = path.day_levels(1, "RELIANCE", date(2026, 8, 21).toordinal(), 171_600)
    prices = path.prices(levels, 1322.5, 0.014, 0.1)
    assert prices[[0, 1, 60_000, 120_000, 171_600]].tolist() == [13062, 13062, 13171, 13111, 13138]


@given(key=seeds, per_step=st.floats(0, 1e4), step=st.integers(0, 171_600))
def test_volume_grows_with_every_step(key: int, per_step: float, step: int) -> None:
    sequence = path.Key(key)
    before, after = (path.volume(sequence, s, per_step) for s in (step, step + 1))
    assert 0 < before < after
    assert after - before <= 2 * per_step + 2
