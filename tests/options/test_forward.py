"""The forward that calls and puts agree on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.options.forward import Pair, fair_mids, parity_forward

KEY = InstrumentKey(Exchange.NFO, "ANY")


def quote(ltp: float = 0.0, bid: float = 0.0, ask: float = 0.0) -> Quote:
    return Quote(key=KEY, at_ms=0, ltp=ltp, bid=bid, ask=ask)


def middle(bid: float, ask: float) -> float:
    return float(fair_mids(np.array([bid]), np.array([ask]), np.array([0.05]))[0])


def pair(strike: float, call: Quote | None, put: Quote | None) -> Pair:
    mids = (middle(each.bid, each.ask) if each else math.nan for each in (call, put))
    return Pair(strike, *mids, *(each.ltp if each else 0.0 for each in (call, put)))


@pytest.mark.parametrize(
    ("bid", "ask", "fair"),
    [
        (99.9, 100.1, 100.0),
        (0.05, 0.3, 0.175),
        (0.05, 0.35, None),
        (90.0, 110.0, 100.0),
        (89.0, 111.0, None),
        (0.0, 100.0, None),
        (100.0, 0.0, None),
        (101.0, 100.0, None),
        (math.nan, 100.0, None),
        (100.0, math.nan, None),
        (math.inf, math.inf, None),
    ],
)
def test_the_middle_counts_where_the_sides_are_near(
    bid: float, ask: float, fair: float | None
) -> None:
    expected = math.nan if fair is None else fair
    assert middle(bid, ask) == pytest.approx(expected, nan_ok=True)


@given(st.floats(24_000, 26_000), st.floats(0.95, 1.0))
def test_parity_gives_the_forward_back(forward: float, discount: float) -> None:
    def sides(strike: float) -> Pair:
        call = 300 + max(discount * (forward - strike), 0.0)
        put = call - discount * (forward - strike)
        return pair(
            strike,
            quote(bid=call - 0.05, ask=call + 0.05),
            quote(bid=put - 0.05, ask=put + 0.05),
        )

    strikes = [24_000.0 + 100 * step for step in range(21)]
    money = min(range(21), key=lambda index: abs(strikes[index] - forward))
    found = parity_forward([sides(strike) for strike in strikes], money, discount)
    assert found == pytest.approx(forward, abs=1e-6)


def test_one_wrong_quote_does_not_move_it() -> None:
    fair = [pair(100.0 + n, quote(bid=9.9, ask=10.1), quote(bid=9.9 + n, ask=10.1 + n))
            for n in range(-2, 3)]  # fmt: skip
    fair[2] = pair(100.0, quote(bid=49.9, ask=50.1), quote(bid=9.9, ask=10.1))
    assert parity_forward(fair, 2) == pytest.approx(100.0)


def test_without_two_sides_the_last_prices_at_the_nearest_strike_tell() -> None:
    pairs = [
        pair(24_950.0, quote(193.6), quote(125.15)),
        pair(25_000.0, quote(164.0), quote(145.6)),
        pair(25_050.0, quote(137.6), quote(169.2)),
    ]
    assert parity_forward(pairs, 1) == pytest.approx(25_018.4)
    pairs[1] = pair(25_000.0, quote(164.0), quote(0.0))
    assert parity_forward(pairs, 1) == pytest.approx(24_950 + 193.6 - 125.15)


def test_nothing_tells_nothing() -> None:
    assert parity_forward([pair(100.0, quote(5.0), None)], 0) is None
    assert parity_forward([pair(100.0, quote(0.0), quote(5.0))], 0) is None
    assert parity_forward([pair(1.0, quote(1.0), quote(5.0))], 0) is None
