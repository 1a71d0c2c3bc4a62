"""The option chains against each other and against their futures: nobody can earn for nothing."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.simulator import pricing
from openalgo.brokers.simulator.chance import Floats, Ints
from openalgo.brokers.simulator.contracts import ChainTerms
from openalgo.brokers.simulator.derived import Option, bars
from openalgo.brokers.simulator.hours import STEPS
from openalgo.brokers.simulator.instruments import Listing, expiries_of
from openalgo.brokers.simulator.products import Product
from openalgo.brokers.simulator.spot import HIGH, LOW, SpotDay
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import InstrumentKey
from openalgo.instruments.symbols import symbol_of
from tests.support.simulator import CONTRACTS, EXCHANGE_HOURS, FRIDAY, Simulation

MARKETS = {"always open": Simulation(), "exchange hours": Simulation(calendar=EXCHANGE_HOURS)}
CHAINS = tuple(CONTRACTS.chains.values())

Chain = list[tuple[Decimal, Product, Product]]


@cache
def chain(where: str, base: str, expiry: date) -> Chain:
    """Strike, call and put of all that is listed on `FRIDAY`, by strike."""
    simulation = MARKETS[where]
    rows = Listing(simulation.market, CONTRACTS).instruments(FRIDAY)
    listed = {
        (row.strike, row.type): row.key for row in rows if (row.name, row.expiry) == (base, expiry)
    }
    strikes = sorted({strike for strike, _ in listed if strike is not None})
    return [
        (
            strike,
            simulation.product(listed[strike, InstrumentType.CALL]),
            simulation.product(listed[strike, InstrumentType.PUT]),
        )
        for strike in strikes
    ]


def prices(products: Sequence[Product], spot: SpotDay, minute: int, step: int) -> Ints:
    ticks, minutes = spot.steps(minute)[step : step + 1], np.array([minute])
    return np.array([int(p.pricing.prices(spot, ticks, minutes)[0]) for p in products])


def cases() -> list[tuple[str, ChainTerms, date]]:
    return [
        (where, terms, expiry)
        for where in MARKETS
        for terms in CHAINS
        for expiry in expiries_of(terms, FRIDAY)
    ]


def forward_ticks(option: Option, spot: SpotDay, minute: int, step: int) -> float:
    ticks, minutes = spot.steps(minute)[step : step + 1], np.array([minute])
    future = option.forward
    return float(future.prices(spot, ticks, minutes)[0]) * future.tick / option.tick


def discount(option: Option, spot: SpotDay, minute: int) -> float:
    years = max(option.expires_ms - int(spot.starts_ms[minute]), 1_000) / pricing.YEAR_MS
    return float(pricing.discount_factor(np.array([years]))[0])


@pytest.mark.parametrize(("where", "terms", "expiry"), cases())
def test_no_arbitrage_in_any_chain_at_any_time_of_the_day(
    where: str, terms: ChainTerms, expiry: date
) -> None:
    listed = chain(where, terms.underlying.symbol, expiry)
    assert len(listed) >= 51
    spot = MARKETS[where].market.spot(terms.underlying.symbol, FRIDAY)
    last = len(spot.starts_ms) - 1
    for minute, step in ((0, 0), (last // 2, 61), (last, STEPS - 1)):
        calls = prices([call for _, call, _ in listed], spot, minute, step)
        puts = prices([put for _, _, put in listed], spot, minute, step)
        option = listed[0][1].pricing
        assert isinstance(option, Option)
        strikes = np.array([float(strike) / option.tick for strike, _, _ in listed])
        worth = discount(option, spot, minute)
        forward = forward_ticks(option, spot, minute, step)
        assert min(calls.min(), puts.min()) >= 1
        # Call-put parity within a tick.
        assert np.abs(calls - puts - worth * (forward - strikes)).max() <= 1 + 1e-6
        # Calls fall and puts rise with the strike, by no more than the strikes differ.
        assert (np.diff(calls) <= 0).all()
        assert (np.diff(puts) >= 0).all()
        assert (-np.diff(calls) <= worth * np.diff(strikes) + 1).all()
        # No butterfly is worth less than what rounding three prices explains.
        assert (calls[:-2] - 2 * calls[1:-1] + calls[2:]).min() >= -2
        assert (puts[:-2] - 2 * puts[1:-1] + puts[2:]).min() >= -2


@pytest.mark.parametrize("terms", CHAINS, ids=lambda terms: terms.underlying.symbol)
def test_more_time_costs_more(terms: ChainTerms) -> None:
    """At the money: elsewhere, the forwards of two expiries differ by their carry."""
    market = MARKETS["always open"].market
    spot = market.spot(terms.underlying.symbol, FRIDAY)
    money = market.opening_money(terms.underlying.symbol, FRIDAY)
    strike = round(money / float(terms.row.step)) * terms.row.step
    premiums = []
    for expiry in expiries_of(terms, FRIDAY):
        call, put = (
            product
            for listed, *pair in chain("always open", terms.underlying.symbol, expiry)
            if listed == strike
            for product in pair
        )
        premiums.append(int(prices([call, put], spot, 100, 0).sum()))
    assert premiums == sorted(premiums)


options = st.sampled_from(CHAINS).flatmap(
    lambda terms: st.tuples(
        st.just(terms),
        st.sampled_from(list(expiries_of(terms, FRIDAY))),
        st.integers(-40, 40),
        st.booleans(),
    )
)


def option_of(terms: ChainTerms, expiry: date, away: int, is_call: bool) -> Product:
    simulation = MARKETS["always open"]
    money = simulation.market.opening_money(terms.underlying.symbol, FRIDAY)
    strike = (round(money / float(terms.row.step)) + away) * terms.row.step
    right = InstrumentType.CALL if is_call else InstrumentType.PUT
    symbol = symbol_of(terms.underlying.symbol, right, expiry, strike)
    return simulation.product(InstrumentKey(terms.exchange, symbol))


@settings(max_examples=60, deadline=None)
@given(which=options, minute=st.integers(0, 800))
def test_the_extremes_of_an_option_are_those_of_its_steps(
    which: tuple[ChainTerms, date, int, bool], minute: int
) -> None:
    product = option_of(*which)
    spot = MARKETS["always open"].market.spot(product.underlying.symbol, FRIDAY)
    minutes = np.array([minute])
    steps = product.pricing.prices(spot, spot.steps(minute), minutes)
    bar = bars(product.pricing, spot, minutes)[:, 0]
    assert bar.tolist() == [steps[0], steps.max(), steps.min(), steps[-1]]
    assert bar[LOW] <= bar[HIGH]


@settings(max_examples=60, deadline=None)
@given(which=options, minute=st.integers(0, 800))
def test_calls_rise_and_puts_fall_with_the_underlying(
    which: tuple[ChainTerms, date, int, bool], minute: int
) -> None:
    product = option_of(*which)
    spot = MARKETS["always open"].market.spot(product.underlying.symbol, FRIDAY)
    around = int(spot.bars[0, minute])
    ladder = np.arange(int(around * 0.9), int(around * 1.1), max(around // 3_000, 1))
    found = product.pricing.prices(spot, ladder, np.array([minute]))
    moves = np.diff(found) if which[3] else -np.diff(found)
    assert (moves >= 0).all()
    assert moves.sum() > 0


def test_after_the_cut_off_an_option_is_worth_its_exercise_and_a_tick() -> None:
    simulation = MARKETS["always open"]
    expiry = date(2026, 8, 25)
    spot = simulation.market.spot("NIFTY", expiry)
    late = int(np.searchsorted(spot.starts_ms, spot.starts_ms[0] + 14 * 3_600_000))
    level = int(spot.bars[0, late] * spot.tick)
    strikes = [(level // 50 + n) * 50 for n in (-4, 5)]
    keys = [
        InstrumentKey(CONTRACTS.chains["NIFTY"].exchange, f"NIFTY25AUG26{strike}{right}")
        for strike in strikes
        for right in ("CE", "PE")
    ]
    found = prices([simulation.product(key) for key in keys], spot, late, 0) / 20
    forward = round(spot.steps(late)[0] * spot.tick, 1)
    assert found.tolist() == pytest.approx(
        [forward - strikes[0] + 0.05, 0.05, 0.05, strikes[1] - forward + 0.05], abs=0.06
    )


def test_implied_volatility_follows_india_vix() -> None:
    market = MARKETS["exchange hours"].market
    spot = market.spot("NIFTY", FRIDAY)
    straddles = chain("exchange hours", "NIFTY", date(2026, 9, 29))
    option = straddles[0][1].pricing
    assert isinstance(option, Option)
    vix: Floats = market.vix(FRIDAY, np.array([0, 200]))
    assert vix[0] != vix[1]
    for minute, volatility in zip((0, 200), vix, strict=True):
        forward = forward_ticks(option, spot, minute, 0) * option.tick
        _, call, put = min(straddles, key=lambda row: abs(float(row[0]) - forward))
        years = (option.expires_ms - int(spot.starts_ms[minute])) / pricing.YEAR_MS
        straddle = float(prices([call, put], spot, minute, 0).sum()) * option.tick
        assert straddle == pytest.approx(0.8 * volatility * np.sqrt(years) * forward, rel=0.03)
