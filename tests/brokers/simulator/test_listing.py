from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from openalgo.brokers.simulator.instruments import STRIKES_EACH_WAY, Listing
from openalgo.brokers.simulator.underlyings import nse_tick_size, underlyings
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import Px, px
from openalgo.instruments import symbols
from openalgo.instruments.indices import BSE_INDICES, NSE_INDICES
from openalgo.instruments.master import Master
from tests.support.simulator import CONTRACTS, EXCHANGE_HOURS, FRIDAY, Simulation

SIMULATION = Simulation()
LISTING = Listing(SIMULATION.market, CONTRACTS)
ROWS = tuple(LISTING.instruments(FRIDAY))
MASTER = Master(ROWS)


def found(exchange: Exchange, symbol: str) -> Instrument:
    row = MASTER.find(InstrumentKey(exchange, symbol))
    assert row is not None, symbol
    return row


def test_shares_are_listed_twice_and_indices_once() -> None:
    shares = {row.symbol for row in ROWS if row.exchange is Exchange.NSE}
    twins = {row.symbol for row in ROWS if row.exchange is Exchange.BSE}
    assert len(shares) == 200
    assert shares == twins
    assert shares >= {
        "RELIANCE", "SBIN", "INFY", "TCS", "M&M", "BAJAJ-AUTO", "NIFTYBEES", "HDFCBANK",
    }  # fmt: skip
    indices = {row.key for row in ROWS if row.type is InstrumentType.INDEX}
    assert {key.symbol for key in indices} == {
        "NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "INDIAVIX", "SENSEX",
    }  # fmt: skip
    for key in indices:
        names = NSE_INDICES if key.exchange is Exchange.NSE_INDEX else BSE_INDICES
        assert key.symbol in names


def test_twins_are_one_company_with_two_tokens() -> None:
    for share in (row for row in ROWS if row.exchange is Exchange.NSE):
        twin = found(Exchange.BSE, share.symbol)
        assert (share.name, share.tick_size) == (twin.name, twin.tick_size)
        assert share.token != twin.token


def test_every_row_has_its_own_key_and_token_and_can_be_priced() -> None:
    assert len(MASTER) == len({row.token for row in ROWS}) == len(ROWS)
    assert 2_000 < len(ROWS) < 8_000
    for row in ROWS:
        product = SIMULATION.product(row.key)
        assert (product.tick, product.lot, product.expiry) == (
            row.tick_size,
            row.lot_size,
            row.expiry,
        )


def test_contracts_say_what_their_symbol_says() -> None:
    for row in ROWS:
        if row.expiry is None:
            assert row.lot_size == 1
            continue
        contract = symbols.parse(row.symbol)
        assert contract is not None
        assert (contract.base, contract.expiry, contract.type, contract.strike) == (
            row.name,
            row.expiry,
            row.type,
            row.strike,
        )
        assert row.expiry >= FRIDAY
        assert row.name in underlyings()


@pytest.mark.parametrize(
    ("exchange", "symbol", "lot", "tick"),
    [
        (Exchange.NFO, "NIFTY25AUG26FUT", 65, "0.1"),
        (Exchange.NFO, "BANKNIFTY29SEP26FUT", 30, "0.2"),
        (Exchange.NFO, "FINNIFTY27OCT26FUT", 60, "0.1"),
        (Exchange.NFO, "MIDCPNIFTY25AUG26FUT", 120, "0.05"),
        (Exchange.BFO, "SENSEX27AUG26FUT", 20, "0.05"),
        (Exchange.NFO, "M&M25AUG26FUT", 200, "0.1"),
        (Exchange.NFO, "BAJAJ-AUTO25AUG26FUT", 75, "0.5"),
        (Exchange.NFO, "NIFTY25AUG2624400CE", 65, "0.05"),
        (Exchange.NFO, "NIFTY01SEP2624400PE", 65, "0.05"),
        (Exchange.BFO, "SENSEX03SEP2680000CE", 20, "0.05"),
        (Exchange.MCX, "GOLD05OCT26FUT", 100, "1"),
        (Exchange.MCX, "SILVER04SEP26FUT", 30, "1"),
        (Exchange.MCX, "CRUDEOIL21SEP26FUT", 100, "1"),
        (Exchange.MCX, "NATURALGAS26AUG26FUT", 1_250, "0.1"),
        (Exchange.MCX, "CRUDEOIL17SEP265600CE", 100, "0.1"),
        (Exchange.CDS, "USDINR27AUG26FUT", 1_000, "0.0025"),
    ],
)
def test_lots_and_ticks(exchange: Exchange, symbol: str, lot: int, tick: str) -> None:
    row = found(exchange, symbol)
    assert (row.lot_size, row.tick_size) == (lot, px(tick))


def test_there_are_three_futures_of_everything_that_has_any() -> None:
    futures = Counter(row.name for row in ROWS if row.type is InstrumentType.FUTURE)
    assert set(futures.values()) == {3}
    assert len(futures) > 30


@pytest.mark.parametrize(
    ("base", "step", "expiries"),
    [
        ("NIFTY", 50, 6),
        ("SENSEX", 100, 6),
        ("BANKNIFTY", 100, 3),
        ("FINNIFTY", 50, 3),
        ("MIDCPNIFTY", 25, 3),
        ("CRUDEOIL", 50, 2),
    ],
)
def test_chains_reach_25_strikes_each_way_without_holes(
    base: str, step: int, expiries: int
) -> None:
    money = SIMULATION.market.opening_money(base, FRIDAY)
    chains: dict[date, dict[InstrumentType, set[Decimal]]] = {}
    for row in ROWS:
        if row.is_option and row.name == base:
            assert row.expiry is not None
            assert row.strike is not None
            chains.setdefault(row.expiry, {}).setdefault(row.type, set()).add(row.strike)
    assert len(chains) == expiries
    for sides in chains.values():
        assert sides[InstrumentType.CALL] == sides[InstrumentType.PUT]
        strikes = sorted(sides[InstrumentType.CALL])
        assert {b - a for a, b in pairwise(strikes)} == {step}
        middle = round(money / step) * step
        assert strikes[0] <= middle - STRIKES_EACH_WAY * step
        assert strikes[-1] >= middle + STRIKES_EACH_WAY * step


def test_no_contract_leaves_the_list_before_it_expires() -> None:
    listing = Listing(Simulation(calendar=EXCHANGE_HOURS).market, CONTRACTS)
    listed: dict[InstrumentKey, Instrument] = {}
    for number in range(45):
        day = FRIDAY + timedelta(days=number)
        today = {row.key: row for row in listing.instruments(day)}
        for key, row in listed.items():
            if row.expiry is None or row.expiry >= day:
                assert today[key] == row
        listed = today


def test_what_expires_today_is_listed_and_tomorrow_no_more() -> None:
    expiry = date(2026, 8, 25)
    today, tomorrow = (
        {row.expiry for row in LISTING.instruments(day) if row.name == "NIFTY"}
        for day in (expiry, expiry + timedelta(days=1))
    )
    assert expiry in today
    assert expiry not in tomorrow


@pytest.mark.parametrize(
    "key",
    [
        InstrumentKey(Exchange.BSE, "NIFTY"),
        InstrumentKey(Exchange.MCX, "GOLD"),
        InstrumentKey(Exchange.NSE_INDEX, "RELIANCE"),
        InstrumentKey(Exchange.BFO, "NIFTY25AUG26FUT"),
        InstrumentKey(Exchange.NFO, "NIFTY24AUG26FUT"),
        InstrumentKey(Exchange.NFO, "NIFTY01SEP26FUT"),
        InstrumentKey(Exchange.NFO, "BANKNIFTY01SEP2655000CE"),
        InstrumentKey(Exchange.NFO, "NIFTY25AUG2624425CE"),
        InstrumentKey(Exchange.NFO, "ZOMATO25AUG26FUT"),
        InstrumentKey(Exchange.NSE, "NOTHING"),
    ],
    ids=str,
)
def test_what_no_exchange_would_list_is_not_there(key: InstrumentKey) -> None:
    assert SIMULATION.products.find(key) is None


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("249.99", "0.01"),
        ("250", "0.05"),
        ("1000", "0.05"),
        ("1000.05", "0.10"),
        ("5000", "0.10"),
        ("5000.10", "0.50"),
        ("10000.50", "1.00"),
        ("20000", "1.00"),
        ("20001", "5.00"),
    ],
)
def test_tick_sizes_follow_the_price(price: str, tick: str) -> None:
    expected: Px = px(tick)
    assert nse_tick_size(Decimal(price)) == expected
