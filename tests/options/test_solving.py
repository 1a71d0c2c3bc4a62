"""Prices inverted, and the honest answers where there is nothing to invert."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.options import black76
from openalgo.options.solving import Outcome, Priced, Solution, solve
from tests.options.vectors import VECTORS, Vector

YEAR = 31_536_000.0


def priced(vector: Vector) -> Priced:
    return Priced(
        vector.is_call,
        vector.forward,
        vector.strike,
        vector.seconds / YEAR,
        vector.rate / 100,
        vector.price,
        0.0,
    )


def of(right: str, forward: float, strike: float, price: float, **more: float) -> Solution:
    terms = {"years": 604_800 / YEAR, "rate": 0.0, "tick": 0.05} | more
    (found,) = solve(
        [Priced(right == "c", forward, strike, terms["years"], terms["rate"], price, terms["tick"])]
    )
    return found


def test_all_vectors_are_solved_together() -> None:
    for vector, found in zip(VECTORS, solve([priced(each) for each in VECTORS]), strict=True):
        name = vector.name
        assert found.outcome is Outcome.SOLVED, name
        least = 1e-7 if name in {"H1", "H2", "H3", "H4"} else 1e-8
        assert found.volatility == pytest.approx(vector.volatility, abs=least), name
        for greek in ("delta", "gamma", "theta", "vega", "rho"):
            assert getattr(found, greek) == pytest.approx(getattr(vector, greek), rel=1e-6), name


@pytest.mark.parametrize(
    ("right", "forward", "strike", "price", "delta"),
    [
        ("c", 25_000, 20_000, 5_000.0, 1.0),
        ("c", 25_000, 20_000, 4_998.75, 1.0),
        ("p", 25_000, 30_000, 4_999.999, -1.0),
        ("c", 25_000, 20_000, 5_000.009, 1.0),
    ],
)
def test_a_price_without_time_value_has_no_volatility(
    right: str, forward: float, strike: float, price: float, delta: float
) -> None:
    found = of(right, forward, strike, price)
    intrinsic = abs(forward - strike)
    assert found == (Outcome.NO_TIME_VALUE, 0.0, delta, 0.0, 0.0, 0.0, 0.0, intrinsic)


def test_one_paisa_of_time_value_is_enough() -> None:
    assert of("c", 25_000, 20_000, 5_000.01).outcome is Outcome.SOLVED


def test_where_ticks_are_small_less_is_enough() -> None:
    assert of("c", 84.0, 83.0, 1.0009, tick=0.0025).outcome is Outcome.SOLVED
    assert of("c", 84.0, 83.0, 1.0004, tick=0.0025).outcome is Outcome.NO_TIME_VALUE
    assert of("c", 84.0, 83.0, 1.0009).outcome is Outcome.NO_TIME_VALUE


@pytest.mark.parametrize(("right", "price"), [("c", 105.0), ("p", 100.0), ("c", 200.0)])
def test_a_price_that_no_volatility_yields_is_above_the_bound(right: str, price: float) -> None:
    found = of(right, 105, 100, price, years=0.1)
    assert found.outcome is Outcome.ABOVE_BOUND
    assert (found.volatility, found.delta, found.vega) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("price", "is_extreme"), [(0.05, True), (165.74, False), (16_000.0, True)])
def test_what_markets_do_not_mean_is_marked(price: float, is_extreme: bool) -> None:
    found = of("c", 25_000, 25_000, price, years=2_592_000 / YEAR)
    assert found.outcome is Outcome.SOLVED
    assert found.is_extreme is is_extreme


def test_nothing_to_solve_is_nothing_solved() -> None:
    assert solve([]) == []


@given(
    st.booleans(),
    st.floats(50, 100_000),
    st.floats(0.8, 1.25),
    st.floats(1 / 365, 2),
    st.floats(0, 0.1),
    st.floats(0.05, 2),
)
def test_what_a_price_implies_gives_the_price_back(
    is_call: bool, forward: float, moneyness: float, years: float, rate: float, volatility: float
) -> None:
    strike = forward * moneyness
    price = float(black76.price(is_call, forward, strike, years, rate, volatility)[0])
    (found,) = solve([Priced(is_call, forward, strike, years, rate, max(price, 1e-9), 0.05)])
    if found.outcome is Outcome.SOLVED:
        again = black76.price(is_call, forward, strike, years, rate, found.volatility)[0]
        assert float(again) == pytest.approx(price, rel=1e-9, abs=1e-9 * forward)
    else:
        assert found.outcome is Outcome.NO_TIME_VALUE
        assert price - found.intrinsic < 0.01
    assert all(map(math.isfinite, found))
