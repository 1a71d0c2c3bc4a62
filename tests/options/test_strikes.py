"""Which strike an offset means."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openalgo.domain.errors import InvalidRequest, OptionNotFound, StrikesNotFound
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments.master import Master
from openalgo.options.strikes import at_the_money, option_at, steps_out, strike_at
from tests.instruments.rows import contract, options

CALL, PUT = InstrumentType.CALL, InstrumentType.PUT
NFO = Exchange.NFO
EXPIRY = date(2025, 12, 30)
# Not a grid: near the money the strikes are closer together, as on real chains.
STRIKES = ("24800", "24900", "24950", "25000", "25050", "25100", "25200")

CONTRACTS = Master(
    [
        *options("NIFTY", EXPIRY, *STRIKES),
        *options("NIFTYNXT50", EXPIRY, "68000", "68100"),
        *options("M&M", EXPIRY, "3550", "3600"),
        *options("BAJAJ-AUTO", EXPIRY, "9000", "9100"),
        *options("VEDL", EXPIRY, "287.5", "290", "292.5"),
        contract("ODD", EXPIRY, "100", CALL),
        contract("ODD", EXPIRY, "110", PUT),
    ]
).contracts

strike_lists = st.lists(
    st.decimals(1, 100_000, places=2), min_size=1, max_size=80, unique=True
).map(sorted)
prices = st.decimals(Decimal("0.01"), 110_000, places=2)
offsets = st.sampled_from(["ATM", *(f"{side}{n}" for side in ("ITM", "OTM") for n in range(1, 51))])


def chosen(
    offset: str,
    type: InstrumentType = CALL,
    price: str = "24980.4",
    base: str = "NIFTY",
    grid: int | None = None,
) -> Instrument:
    step = None if grid is None else Decimal(grid)
    return option_at(CONTRACTS, base, NFO, EXPIRY, type, offset, Decimal(price), step)


# --- offsets


@pytest.mark.parametrize(
    ("offset", "steps"), [("ATM", 0), ("OTM1", 1), ("OTM50", 50), ("ITM1", -1), ("ITM10", -10)]
)
def test_an_offset_counts_steps_out_of_the_money(offset: str, steps: int) -> None:
    assert steps_out(offset) == steps


@pytest.mark.parametrize(
    "text", ["", "atm", "ATM1", "OTM", "OTM0", "OTM01", "ITM51", "OTM100", "ITM1 ", "OTM٣"]
)
def test_anything_else_is_no_offset(text: str) -> None:
    assert steps_out(text) is None
    with pytest.raises(InvalidRequest, match="is none of ATM, ITM1-ITM50, OTM1-OTM50"):
        chosen(text)


# --- listed strikes


@pytest.mark.parametrize(
    ("offset", "type", "symbol"),
    [
        ("ATM", CALL, "NIFTY30DEC2525000CE"),
        ("ATM", PUT, "NIFTY30DEC2525000PE"),
        ("ITM1", CALL, "NIFTY30DEC2524950CE"),
        ("ITM3", CALL, "NIFTY30DEC2524800CE"),
        ("OTM3", CALL, "NIFTY30DEC2525200CE"),
        ("ITM3", PUT, "NIFTY30DEC2525200PE"),
        ("OTM2", PUT, "NIFTY30DEC2524900PE"),
    ],
)
def test_offsets_count_listed_strikes_and_puts_run_the_other_way(
    offset: str, type: InstrumentType, symbol: str
) -> None:
    assert chosen(offset, type).symbol == symbol


@pytest.mark.parametrize(
    ("price", "strike"),
    [
        ("25025", "25000"),
        ("25025.01", "25050"),
        ("24925", "24900"),
        ("25150", "25100"),
        ("1", "24800"),
        ("99999", "25200"),
        ("25100", "25100"),
    ],
)
def test_at_the_money_is_the_nearest_strike_and_of_two_the_lower(price: str, strike: str) -> None:
    assert chosen("ATM", price=price).strike == Decimal(strike)


@pytest.mark.parametrize(
    ("base", "price", "symbol"),
    [
        ("NIFTYNXT50", "68049", "NIFTYNXT5030DEC2568000CE"),
        ("M&M", "3590", "M&M30DEC253600CE"),
        ("BAJAJ-AUTO", "9010", "BAJAJ-AUTO30DEC259000CE"),
        ("VEDL", "292", "VEDL30DEC25292.5CE"),
    ],
)
def test_names_and_strikes_that_are_hard_to_parse_are_not_parsed(
    base: str, price: str, symbol: str
) -> None:
    assert chosen("ATM", base=base, price=price).symbol == symbol


@pytest.mark.parametrize(
    ("offset", "type"), [("OTM4", CALL), ("ITM4", CALL), ("OTM4", PUT), ("ITM50", PUT)]
)
def test_beyond_the_listed_strikes_there_is_nothing(offset: str, type: InstrumentType) -> None:
    with pytest.raises(InvalidRequest) as caught:
        chosen(offset, type)
    assert caught.value.message == (
        f"Offset {offset} is out of range for available strikes. Please use a smaller offset."
    )
    assert (caught.value.status, caught.value.field) == (400, "offset")


def test_calls_and_puts_have_strikes_of_their_own() -> None:
    assert chosen("ATM", CALL, "108", "ODD").strike == 100
    assert chosen("ATM", PUT, "101", "ODD").strike == 110


def test_where_nothing_expires_then_there_are_no_strikes() -> None:
    with pytest.raises(StrikesNotFound) as caught:
        option_at(CONTRACTS, "NIFTY", NFO, date(2025, 12, 31), CALL, "ATM", Decimal(25000))
    assert caught.value.status == 404
    assert caught.value.message == (
        "No strikes found for NIFTY expiring 31DEC25. Please check expiry date or update master "
        "contract."
    )
    with pytest.raises(StrikesNotFound):
        option_at(CONTRACTS, "NIFTY", Exchange.BFO, EXPIRY, CALL, "ATM", Decimal(25000))


# --- a grid


@pytest.mark.parametrize(
    ("offset", "type", "price", "grid", "strike"),
    [
        ("ATM", CALL, "25025", 50, 25050),
        ("ATM", CALL, "25024.99", 50, 25000),
        ("ATM", PUT, "25050", 100, 25100),
        ("OTM1", CALL, "24980.4", 100, 25100),
        ("ITM2", PUT, "24980.4", 100, 25200),
        ("OTM2", PUT, "24980.4", 100, 24800),
    ],
)
def test_a_grid_counts_in_its_own_steps_and_rounds_half_up(
    offset: str, type: InstrumentType, price: str, grid: int, strike: int
) -> None:
    assert chosen(offset, type, price, grid=grid).strike == strike


def test_a_point_of_the_grid_that_is_not_listed_is_named() -> None:
    with pytest.raises(OptionNotFound) as caught:
        chosen("OTM3", grid=50)
    assert caught.value.status == 404
    assert caught.value.message == (
        "Option symbol NIFTY30DEC2525150CE not found in NFO. Symbol may not exist or master "
        "contract needs update."
    )


def test_a_grid_ends_with_the_listed_strikes() -> None:
    with pytest.raises(InvalidRequest, match="Offset OTM5 is out of range"):
        chosen("OTM5", grid=50)


# --- what holds on every chain


@given(strike_lists, prices)
def test_no_strike_is_nearer_than_the_one_at_the_money(
    strikes: Sequence[Decimal], price: Decimal
) -> None:
    found = strikes[at_the_money(strikes, price)]
    assert [s for s in strikes if abs(s - price) < abs(found - price)] == []
    assert [s for s in strikes if abs(s - price) == abs(found - price) and s < found] == []


@given(strike_lists, prices)
def test_within_the_chain_the_money_is_half_a_gap_away_at_most(
    strikes: Sequence[Decimal], price: Decimal
) -> None:
    assume(strikes[0] <= price <= strikes[-1])
    found = strikes[at_the_money(strikes, price)]
    lower = max(strike for strike in strikes if strike <= price)
    upper = min(strike for strike in strikes if strike >= price)
    assert abs(found - price) * 2 <= upper - lower


@given(strike_lists, prices, offsets, offsets)
def test_further_out_of_the_money_is_a_higher_call_and_a_lower_put(
    strikes: Sequence[Decimal], price: Decimal, one: str, other: str
) -> None:
    nearer, further = sorted((steps_out(one) or 0, steps_out(other) or 0))
    assume(nearer < further)
    for sign in (1, -1):
        inner = strike_at(strikes, price, sign * nearer)
        outer = strike_at(strikes, price, sign * further)
        if inner is not None and outer is not None:
            assert inner * sign < outer * sign
            assert abs(strikes.index(outer) - strikes.index(inner)) == further - nearer


@given(strike_lists, prices, st.integers(-50, 50), st.integers(1, 1000))
def test_a_strike_on_a_grid_is_within_the_chain_and_steps_from_the_money(
    strikes: Sequence[Decimal], price: Decimal, rise: int, step: int
) -> None:
    strike = strike_at(strikes, price, rise, Decimal(step))
    if strike is None:
        lowest = strike_at([Decimal(-(10**9)), Decimal(10**9)], price, rise, Decimal(step))
        assert lowest is not None
        assert not strikes[0] <= lowest <= strikes[-1]
        return
    assert strike % step == 0
    assert abs(strike - rise * step - price) * 2 <= step
