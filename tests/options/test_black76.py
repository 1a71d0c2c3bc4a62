"""Black's model against numbers computed elsewhere, and against itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.options import black76
from openalgo.options.normal import Floats, cumulative, scaled_erfc
from tests.options.vectors import VECTORS, Vector

YEAR = 31_536_000.0
WEEK = 604_800 / YEAR

forwards = st.floats(1.0, 100_000.0)
moneyness = st.floats(0.5, 2.0)
times = st.floats(1e-4, 3.0)
volatilities = st.floats(0.03, 3.0)
rates = st.floats(0.0, 0.12)


def one(result: Floats) -> float:
    return float(result[0])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_vectors(vector: Vector) -> None:
    is_call, forward, strike, seconds, rate, price, volatility = vector[1:8]
    terms = (is_call, forward, strike, seconds / YEAR, rate / 100)
    implied = black76.implied_volatility(*terms, price)
    tolerance = 1e-7 if vector.name in {"H1", "H2", "H3", "H4"} else 1e-8
    assert one(implied) == pytest.approx(volatility, abs=tolerance)
    greeks = black76.greeks(*terms, implied)
    for name in ("delta", "gamma", "theta", "vega", "rho"):
        expected = getattr(vector, name)
        assert one(getattr(greeks, name)) == pytest.approx(expected, rel=1e-6), name
    assert one(black76.price(*terms, implied)) == pytest.approx(price, abs=1e-9)


def test_a_whole_chain_is_solved_as_its_parts_are() -> None:
    columns = list(zip(*(vector[1:7] for vector in VECTORS), strict=True))
    is_call, forward, strike, seconds, rate, price = (np.array(column) for column in columns)
    together = black76.implied_volatility(
        is_call, forward, strike, seconds / YEAR, rate / 100, price
    )
    alone = [
        one(black76.implied_volatility(*vector[1:4], vector.seconds / YEAR, rate_, price_))
        for vector, rate_, price_ in zip(VECTORS, rate / 100, price, strict=True)
    ]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("is_call", "forward", "strike", "price"),
    [
        (True, 25_000, 20_000, 5000.0),
        (True, 25_000, 20_000, 4998.75),
        (False, 25_000, 30_000, 4999.999),
    ],
)
def test_a_price_without_time_value_has_no_volatility(
    is_call: bool, forward: float, strike: float, price: float
) -> None:
    assert one(black76.implied_volatility(is_call, forward, strike, WEEK, 0.0, price)) == 0.0


@pytest.mark.parametrize(
    ("is_call", "forward", "strike", "years", "price"),
    [
        (True, 105, 100, 0.1, 105.0),
        (False, 105, 100, 0.1, 100.0),
        (True, 0, 100, 0.1, 1.0),
        (True, 100, 0, 0.1, 1.0),
        (True, 100, 100, 0.0, 1.0),
        (True, 100, 100, 0.1, 0.0),
        (True, 100, 100, 0.1, -1.0),
        (True, math.nan, 100, 0.1, 1.0),
    ],
)
def test_what_no_volatility_explains_is_not_a_number(
    is_call: bool, forward: float, strike: float, years: float, price: float
) -> None:
    assert math.isnan(one(black76.implied_volatility(is_call, forward, strike, years, 0.0, price)))


@given(forwards, moneyness, times, rates, volatilities)
def test_parity(forward: float, ratio: float, years: float, rate: float, volatility: float) -> None:
    strike = forward * ratio
    sides = np.array([True, False])
    call, put = black76.price(sides, forward, strike, years, rate, volatility)
    discount = math.exp(-rate * years)
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-9 * forward)
    greeks = black76.greeks(sides, forward, strike, years, rate, volatility)
    assert greeks.delta[0] - greeks.delta[1] == pytest.approx(discount, rel=1e-12)
    assert greeks.gamma[0] == greeks.gamma[1]
    assert greeks.vega[0] == greeks.vega[1]


@given(forwards, moneyness, times, rates, volatilities, st.booleans())
def test_the_implied_volatility_gives_the_price_back(
    forward: float, ratio: float, years: float, rate: float, volatility: float, is_call: bool
) -> None:
    terms = (is_call, forward, forward * ratio, years, rate)
    price = one(black76.price(*terms, volatility))
    implied = one(black76.implied_volatility(*terms, price))
    if math.isnan(implied):
        upper = math.exp(-rate * years) * (forward if is_call else forward * ratio)
        assert price <= 0 or price == pytest.approx(upper)
        return
    # A price of so many digits tells the volatility no better than they do.
    assert one(black76.price(*terms, implied)) == pytest.approx(price, abs=1e-10 * forward)


@given(forwards, moneyness, times, st.floats(0.05, 1.0), st.floats(1.001, 2.0))
def test_a_higher_price_implies_a_higher_volatility(
    forward: float, ratio: float, years: float, volatility: float, factor: float
) -> None:
    both = np.array([volatility, volatility * factor])
    terms = (True, forward, forward * ratio, years, 0.0)
    prices = black76.price(*terms, both)
    if prices[1] - prices[0] > 1e-9 * forward and prices[0] > max(forward * (1 - ratio), 0) + 1e-6:
        low, high = black76.implied_volatility(*terms, prices)
        assert low < high


@given(forwards, times, volatilities)
def test_prices_are_convex_in_the_strike(forward: float, years: float, volatility: float) -> None:
    strikes = forward * np.array([0.9, 1.0, 1.1])
    below, at, above = black76.price(True, forward, strikes, years, 0.0, volatility)
    assert below + above >= 2 * at - 1e-9 * forward


def test_without_time_an_option_is_worth_what_it_pays() -> None:
    worth = black76.price(np.array([True, False, True]), [110, 110, 100], 100, 0.0, 0.05, 0.2)
    assert worth.tolist() == [10.0, 0.0, 0.0]


def test_probabilities_are_exact_to_the_last_digits() -> None:
    x = np.linspace(-35, 8, 4001)
    expected = [0.5 * math.erfc(-each / math.sqrt(2)) for each in x]
    np.testing.assert_allclose(cumulative(x), expected, rtol=2e-13)
    assert scaled_erfc(np.array([1e9]))[0] == pytest.approx(1 / (1e9 * math.sqrt(math.pi)))
