"""Chains of the real market against the volatilities others published, and parity on ours.

The publishers say little of their conventions, so what is compared is the middle of many options
near the money: from the forward of the chain they agree, from the spot price they do not.
"""

import csv
import json
import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import pytest

from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.market import Exchange
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.marketdata.quotes import Quotes
from openalgo.options.chain import Chains
from openalgo.options.clock import expiry_instant, years_left
from openalgo.options.forward import ForwardSource, Pair, parity_forward
from openalgo.options.solving import Outcome, Priced, solve
from openalgo.options.underlyings import Underlyings
from openalgo.streaming.latest import LatestPrices
from tests.instruments.contract_files import DATA
from tests.support.simulator import FRIDAY_NOON

NUBRA = DATA / "nubra" / "option_chain_NIFTY_20260804.json"
NSE = DATA / "option_chain" / "nse_chain_greeks_202608211432.csv"
NEAR = 0.03


class Side(NamedTuple):
    """A last price, and the volatility (percent) and delta published with it; 0 for none."""

    ltp: float
    volatility: float
    delta: float


Rows = Sequence[tuple[float, Side, Side]]


def gaps(rows: Rows, spot: float, years: float) -> tuple[float, float, float]:
    """The forward, and how far ours are from the published: volatility in points, delta."""
    rows = sorted(rows)
    money = min(range(len(rows)), key=lambda index: abs(rows[index][0] - spot))
    forward = parity_forward(
        [Pair(strike, math.nan, math.nan, call.ltp, put.ltp) for strike, call, put in rows], money
    )
    assert forward is not None
    return (forward, *off_by(rows, spot, forward, years))


def off_by(rows: Rows, spot: float, forward: float, years: float) -> tuple[float, float]:
    wanted: list[Priced] = []
    published: list[Side] = []
    for strike, call, put in rows:
        for side, is_call in ((call, True), (put, False)):
            if side.ltp and side.volatility and abs(strike / spot - 1) < NEAR:
                wanted.append(Priced(is_call, forward, strike, years, 0.0, side.ltp, 0.05))
                published.append(side)
    assert len(wanted) > 40
    found = solve(wanted)
    volatility = [
        abs(ours.volatility * 100 - theirs.volatility)
        for ours, theirs in zip(found, published, strict=True)
    ]
    delta = [abs(ours.delta - theirs.delta) for ours, theirs in zip(found, published, strict=True)]
    return statistics.median(volatility), statistics.median(delta)


@pytest.mark.skipif(not NUBRA.is_file(), reason="the shared option chains are not here")
def test_the_chain_of_a_broker_has_its_volatilities() -> None:
    chain: Any = json.loads(NUBRA.read_text())["chain"]
    newest = max(row["timestamp"] for row in chain["ce"])
    at = datetime.fromtimestamp(newest / 1e9, IST)

    def side(row: Any) -> Side:
        ltp, volatility, delta = row["last_traded_price"], row["iv"], row["delta"]
        return Side((ltp or 0) / 100, (volatility or 0) * 100, delta or 0)

    puts = {row["strike_price"]: side(row) for row in chain["pe"]}
    rows = [
        (row["strike_price"] / 100, side(row), puts[row["strike_price"]]) for row in chain["ce"]
    ]
    spot = chain["current_price"] / 100
    years = years_left(at, expiry_instant(Exchange.NFO, date(2026, 8, 4)))
    forward, volatility, delta = gaps(rows, spot, years)
    assert abs(forward / spot - 1) < 0.005
    assert volatility < 0.05
    assert delta < 0.002
    assert off_by(rows, spot, spot, years)[0] > 10 * volatility, "the spot price is no forward"


@pytest.mark.skipif(not NSE.is_file(), reason="the shared option chains are not here")
def test_a_weekly_chain_has_its_volatilities() -> None:
    chain: defaultdict[float, dict[str, Side]] = defaultdict(dict)
    spot = 0.0
    with NSE.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["expiry"] == "01-Sep-2026":
                side = Side(float(row["ltp"]), float(row["iv"] or 0), float(row["delta"] or 0))
                chain[float(row["strike"])][row["option_type"]] = side
                spot = float(row["spot"])
    whole = [(strike, two["CE"], two["PE"]) for strike, two in chain.items() if len(two) == 2]
    at = datetime(2026, 8, 21, 14, 32, tzinfo=IST)
    years = years_left(at, expiry_instant(Exchange.NFO, date(2026, 9, 1)))
    forward, volatility, _ = gaps(whole, spot, years)
    assert 0 < forward / spot - 1 < 0.01
    assert volatility < 0.05
    assert off_by(whole, spot, spot, years)[0] > 10 * volatility


@pytest.mark.parametrize(
    ("base", "exchange"),
    [
        ("NIFTY", Exchange.NFO),
        ("BANKNIFTY", Exchange.NFO),
        ("SENSEX", Exchange.BFO),
        ("CRUDEOIL", Exchange.MCX),
    ],
)
async def test_calls_and_puts_of_the_simulated_market_agree(base: str, exchange: Exchange) -> None:
    clock = ManualClock(FRIDAY_NOON)
    broker = SimulatorBroker(seed=5, clock=clock)
    masters = CurrentMaster(Master(await broker.instruments()))
    quotes = Quotes(masters, LatestPrices(), broker)
    chains = Chains(Underlyings(masters, quotes, clock), quotes, clock, AlwaysOpenCalendar())
    today = FRIDAY_NOON.date()
    for expiry in masters.master.contracts.expiries(base, exchange, "options", today)[:2]:
        named = chains.underlyings.named(base, exchange)
        snapshot = await chains.snapshot(named, expiry, 5)
        # What the simulator discounts by: at another rate the two would not agree.
        greeks = await chains.greeks(snapshot, 0.065)
        assert greeks.forward.source is ForwardSource.PARITY
        lines = [snapshot.line(row) for row in snapshot.rows(5)]
        solutions = greeks.by_symbol()
        for line in lines:
            assert line.call is not None
            assert line.put is not None
            call = solutions[line.call.option.symbol]
            put = solutions[line.put.option.symbol]
            assert call.outcome is put.outcome is Outcome.SOLVED
            # A tick of each price, in points of volatility.
            worth = 2 * float(line.call.option.tick_size) / 1e6 / min(call.vega, put.vega)
            assert call.volatility * 100 == pytest.approx(
                put.volatility * 100, abs=max(4 * worth, 0.05)
            )
