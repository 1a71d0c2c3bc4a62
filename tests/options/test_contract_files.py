"""Offsets on every chain of real contract files, and on those of the simulated market."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import InvalidRequest
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.contracts import Contracts
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.marketdata.quotes import Quotes
from openalgo.options.strikes import option_at
from openalgo.options.underlyings import Underlyings, named
from openalgo.streaming.latest import LatestPrices
from tests.instruments.contract_files import FILES, needs_data
from tests.instruments.rows import contract
from tests.support.simulator import FRIDAY_NOON

RIGHTS = (InstrumentType.CALL, InstrumentType.PUT)
OFFSETS = ("ITM9", "ITM2", "ITM1", "ATM", "OTM1", "OTM2", "OTM9")


def walk(contracts: Contracts, base: str, exchange: Exchange, expiry: date) -> Iterator[str]:
    """Every offset at three prices in each gap between two strikes; yields what was found."""
    for right in RIGHTS:
        strikes = contracts.strikes(base, exchange, expiry, right)
        for lower, upper in pairwise(strikes):
            for part in ("0.25", "0.5", "0.75"):
                price = lower + (upper - lower) * Decimal(part)
                found: list[Instrument] = []
                for offset in OFFSETS:
                    try:
                        option = option_at(contracts, base, exchange, expiry, right, offset, price)
                    except InvalidRequest:
                        continue
                    found.append(option)
                    if offset == "ATM":
                        assert option.strike == (upper if part == "0.75" else lower)
                assert {(each.name, each.expiry, each.type) for each in found} == {
                    (base, expiry, right)
                }
                ascending = [each.strike for each in found if each.strike is not None]
                if right is InstrumentType.PUT:
                    ascending.reverse()
                assert ascending == sorted(set(ascending))
                yield from (each.symbol for each in found)


@needs_data
@pytest.mark.parametrize("path", FILES)
def test_offsets_walk_the_chains_of_real_contract_files(path: str) -> None:
    parsed = [each for each in FILES[path](path) if each.strike is not None]
    rows = [contract(each.base, each.expiry, str(each.strike), each.type) for each in parsed]
    master = Master(rows)
    chains = {(each.base, each.expiry) for each in parsed}
    listed = {row.symbol for row in rows}
    for base, expiry in chains:
        assert set(walk(master.contracts, base, Exchange.NFO, expiry)) <= listed
        assert named(master, base, Exchange.NSE).base == base
        stem = next(row for row in rows if (row.name, row.expiry) == (base, expiry)).symbol
        embedded = named(master, stem[: len(base) + 7], Exchange.NSE)
        assert (embedded.base, embedded.expiry) == (base, expiry)


@pytest.mark.parametrize(
    ("name", "exchange"),
    [
        ("NIFTY", Exchange.NSE_INDEX),
        ("BANKNIFTY", Exchange.NFO),
        ("SENSEX", Exchange.BSE_INDEX),
        ("FINNIFTY", Exchange.NSE),
        ("CRUDEOIL", Exchange.MCX),
    ],
)
async def test_in_the_simulated_market_the_money_is_half_a_gap_away_at_most(
    name: str, exchange: Exchange
) -> None:
    broker = SimulatorBroker(1, ManualClock(FRIDAY_NOON))
    master = Master(await broker.instruments())
    quotes = Quotes(master, LatestPrices(), broker)
    market = Underlyings(CurrentMaster(master), quotes, broker.clock)
    underlying = market.named(name, exchange)
    listed_at = underlying.exchange
    today = FRIDAY_NOON.date()
    expiries = market.contracts.expiries(name, listed_at, "options", today)
    assert expiries
    for expiry in expiries:
        price = Decimal(str((await market.quote(underlying, expiry)).ltp))
        for right in RIGHTS:
            strikes = market.contracts.strikes(name, listed_at, expiry, right)
            assert strikes[0] < price < strikes[-1]
            (gap,) = {upper - lower for lower, upper in pairwise(strikes)}
            money, far = (
                option_at(market.contracts, name, listed_at, expiry, right, offset, price)
                for offset in ("ATM", "OTM5")
            )
            assert money.strike is not None
            assert abs(money.strike - price) * 2 <= gap
            away = 5 * gap if right is InstrumentType.CALL else -5 * gap
            assert far.strike == money.strike + away
