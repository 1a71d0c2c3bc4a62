import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.simulator import pricing
from openalgo.brokers.simulator.chance import Floats

variances = st.floats(1e-7, 0.5)


def array(*numbers: float) -> Floats:
    return np.array(numbers, np.float64)


@given(st.floats(-6.9, 6.9))
def test_the_normal_distribution(x: float) -> None:
    exact = math.erfc(-x / math.sqrt(2)) / 2
    assert pricing.normal_cdf(array(x))[0] == pytest.approx(exact, rel=1e-9, abs=1e-15)


def test_the_normal_distribution_far_out() -> None:
    assert pricing.normal_cdf(array(-40, 40)).tolist() == pytest.approx([0, 1], abs=1e-11)


@given(variance=variances, moneyness=st.floats(-0.3, 0.3))
def test_a_call_by_the_book(variance: float, moneyness: float) -> None:
    """Against the formula with the error function of the standard library."""
    forward, strike, discount = 24_000.0, 24_000 * math.exp(moneyness), 0.99

    def cdf(x: float) -> float:
        return math.erfc(-x / math.sqrt(2)) / 2

    first = math.log(forward / strike) / math.sqrt(variance) + math.sqrt(variance) / 2
    exact = discount * (forward * cdf(first) - strike * cdf(first - math.sqrt(variance)))
    found = pricing.black76_call(array(forward), strike, array(variance), array(discount))[0]
    assert found == pytest.approx(exact, abs=1e-6)


@given(variances)
def test_the_smile_passes_through_the_volatility_at_the_money(variance: float) -> None:
    assert pricing.total_variance(array(variance), array(0))[0] == pytest.approx(variance)


def test_puts_below_the_money_are_dearer_than_calls_above() -> None:
    week = 0.14**2 * 7 / 365
    low, middle, high = pricing.total_variance(np.full(3, week), array(-0.03, 0, 0.03))
    assert low > 1.2 * middle
    assert low > high


@given(variances)
def test_no_butterfly_costs_less_than_nothing(variance: float) -> None:
    forward = 24_000.0
    width = 6 * math.sqrt(variance)
    strikes = forward * np.exp(np.linspace(-width, width, 401))
    smile = pricing.total_variance(
        np.full(401, variance), np.array([pricing.log_ratio(k, array(forward))[0] for k in strikes])
    )
    calls = np.array(
        [
            pricing.black76_call(array(forward), float(k), array(v), array(1.0))[0]
            for k, v in zip(strikes, smile, strict=True)
        ]
    )
    slopes = np.diff(calls) / np.diff(strikes)
    assert (slopes <= 1e-9).all()
    assert (slopes >= -1 - 1e-9).all()
    assert (np.diff(slopes) >= -1e-7).all()


@given(variance=variances, longer=st.floats(1.01, 10))
def test_more_time_costs_more_at_every_strike(variance: float, longer: float) -> None:
    moneyness = np.linspace(-0.4, 0.4, 81)
    short, long = (
        pricing.total_variance(np.full(81, v), moneyness) for v in (variance, variance * longer)
    )
    assert (long >= short).all()
