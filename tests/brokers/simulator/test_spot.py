from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.simulator.hours import STEPS
from openalgo.brokers.simulator.spot import CLOSE, HIGH, LOW, OPEN
from openalgo.brokers.simulator.underlyings import underlyings
from tests.support.simulator import EXCHANGE_HOURS, FRIDAY, ONE_DAY, Simulation

OPEN_ALL_DAY = Simulation()
symbols = st.sampled_from([u.symbol for u in underlyings().values() if u.weights])
some_days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@settings(max_examples=40, deadline=None)
@given(symbol=symbols, day=some_days)
def test_bars_hold_together(symbol: str, day: date) -> None:
    bars = OPEN_ALL_DAY.market.spot(symbol, day).bars
    assert (bars[LOW] <= bars[[OPEN, CLOSE]]).all()
    assert (bars[HIGH] >= bars[[OPEN, CLOSE]]).all()
    assert bars.min() >= 1


@settings(max_examples=40, deadline=None)
@given(symbol=symbols, day=some_days, minute=st.integers(0, 1_429))
def test_the_steps_of_a_minute_touch_exactly_its_bar(symbol: str, day: date, minute: int) -> None:
    spot = OPEN_ALL_DAY.market.spot(symbol, day)
    steps = spot.steps(minute)
    assert len(steps) == STEPS
    assert [steps[0], steps.max(), steps.min(), steps[-1]] == spot.bars[:, minute].tolist()
    spot.steps((minute + 1) % 1_430)
    assert np.array_equal(steps, spot.steps(minute))


@settings(max_examples=20, deadline=None)
@given(symbol=symbols, day=some_days)
def test_one_minute_goes_over_into_the_next(symbol: str, day: date) -> None:
    spot = OPEN_ALL_DAY.market.spot(symbol, day)
    volatility = underlyings()[symbol].volatility
    jumps = np.abs(spot.bars[OPEN, 1:] - spot.bars[CLOSE, :-1]) - 1
    assert (jumps <= spot.bars[OPEN, 1:] * volatility * 0.02).all()


def test_the_steps_are_a_walk_and_no_staircase() -> None:
    spot = OPEN_ALL_DAY.market.spot("NIFTY", FRIDAY)
    moves = np.concatenate([np.diff(spot.steps(minute)) for minute in range(200, 400)])
    assert np.mean(moves != 0) > 0.9
    longest = np.abs(moves).max()
    assert longest < 7 * moves.std()


def test_shares_move_with_their_sector_and_the_market() -> None:
    def returns(symbol: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        days = [FRIDAY - n * ONE_DAY for n in range(400)]
        prices = np.array([OPEN_ALL_DAY.market.closing_price(symbol, day) for day in days])
        return np.diff(np.log(prices))

    def together(one: str, other: str) -> float:
        return float(np.corrcoef(returns(one), returns(other))[0, 1])

    assert together("NIFTY", "SENSEX") > 0.85
    assert together("NIFTY", "BANKNIFTY") > 0.6
    assert together("SBIN", "ICICIBANK") == pytest.approx(0.5, abs=0.12)
    assert together("SBIN", "INFY") == pytest.approx(0.3, abs=0.12)
    assert together("NIFTY", "INDIAVIX") < -0.5
    assert together("GOLD", "NIFTY") == pytest.approx(0, abs=0.15)


def test_the_closing_price_is_where_the_path_ends() -> None:
    for symbol in ("NIFTY", "RELIANCE", "GOLD"):
        spot = OPEN_ALL_DAY.market.spot(symbol, FRIDAY)
        last = spot.bars[CLOSE, -1] * spot.tick
        assert OPEN_ALL_DAY.market.closing_price(symbol, FRIDAY) == pytest.approx(last, rel=1e-3)


def test_a_day_opens_near_the_last_close_whatever_the_calendar() -> None:
    market = Simulation(calendar=EXCHANGE_HOURS).market
    monday = market.spot("NIFTY", FRIDAY + 3 * ONE_DAY)
    friday = market.spot("NIFTY", FRIDAY)
    gap = monday.bars[OPEN, 0] / friday.bars[CLOSE, -1] - 1
    assert 0 < abs(gap) < 0.02
