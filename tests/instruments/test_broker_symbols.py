"""From the broker's spelling back to the instrument."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from openalgo.brokers.zerodha.instruments import parse
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from tests.instruments.contract_files import DATA, needs_data
from tests.instruments.rows import contract, index, share

AUGUST = date(2026, 8, 25)
SBIN = share("SBIN")
NIFTY = replace(index("NIFTY", "NIFTY 50"), broker_exchange="NSE")
FUTURE = contract("NIFTY", AUGUST)
POWER = replace(share("POWER", exchange=Exchange.BSE), broker_exchange="BSE")
POWER_INDEX = replace(index("BSEPOWER", "POWER", Exchange.BSE_INDEX), broker_exchange="BSE")
SENSEX = replace(index("SENSEX", exchange=Exchange.BSE_INDEX), broker_exchange="BSE")


def test_finds_what_the_broker_spells_otherwise_and_what_it_spells_alike() -> None:
    master = Master([SBIN, NIFTY, FUTURE, SENSEX])
    assert master.by_broker_symbol("NSE", "SBIN") is SBIN
    assert master.by_broker_symbol("NSE", "NIFTY 50") is NIFTY
    assert master.by_broker_symbol("NFO", "NIFTY25AUG26FUT-B") is FUTURE
    assert master.by_broker_symbol("BSE", "SENSEX") is SENSEX


@pytest.mark.parametrize(
    ("exchange", "symbol"),
    [("BSE", "SBIN"), ("NSE", "NIFTY"), ("NFO", "NIFTY25AUG26FUT"), ("NSE", ""), ("LSE", "SBIN")],
)
def test_our_spelling_and_other_exchanges_find_nothing(exchange: str, symbol: str) -> None:
    assert Master([SBIN, NIFTY, FUTURE]).by_broker_symbol(exchange, symbol) is None


@pytest.mark.parametrize("rows", [(POWER, POWER_INDEX), (POWER_INDEX, POWER)])
def test_of_a_share_and_an_index_with_one_name_the_share_is_meant(
    rows: tuple[Instrument, ...],
) -> None:
    assert Master(rows).by_broker_symbol("BSE", "POWER") is POWER
    assert Master([POWER_INDEX]).by_broker_symbol("BSE", "POWER") is POWER_INDEX


def test_a_row_that_was_not_taken_is_not_found() -> None:
    oddity = replace(SBIN, broker_symbol="SBIN-X", token="9")
    master = Master([SBIN, oddity])
    assert master.by_broker_symbol("NSE", "SBIN-X") is None


def test_the_master_in_force_answers() -> None:
    current = CurrentMaster(Master([FUTURE]))
    assert current.by_broker_symbol("NFO", "NIFTY25AUG26FUT-B") is FUTURE
    assert CurrentMaster().by_broker_symbol("NSE", "SBIN") is None


@given(
    st.lists(
        st.builds(
            lambda at, symbol, theirs, place: replace(
                share(symbol, exchange=at), broker_symbol=theirs, broker_exchange=place
            ),
            st.sampled_from([Exchange.NSE, Exchange.BSE, Exchange.NSE_INDEX, Exchange.NFO]),
            st.sampled_from("ABC"),
            st.sampled_from("ABCD"),
            st.sampled_from(["NSE", "BSE"]),
        )
    )
)
def test_whatever_is_listed_is_found_by_its_spelling(rows: list[Instrument]) -> None:
    master = Master(rows)
    for row in master:
        found = master.by_broker_symbol(row.broker_exchange, row.broker_symbol)
        assert found is not None
        assert (found.broker_exchange, found.broker_symbol) == (
            row.broker_exchange,
            row.broker_symbol,
        )
    for place in ("NSE", "BSE"):
        for symbol in "ABCD":
            listed = any(
                (row.broker_exchange, row.broker_symbol) == (place, symbol) for row in master
            )
            assert (master.by_broker_symbol(place, symbol) is not None) == listed


@needs_data
@pytest.mark.parametrize("file", ["instruments_nse_2025-10", "instruments_nfo_bfo_2026-08"])
def test_every_row_of_a_real_file_is_found_by_its_spelling(file: str) -> None:
    with (DATA / "zerodha" / f"{file}.csv").open(newline="") as lines:
        master = Master(parse(lines))
    assert len(master) > 1000
    for row in master:
        assert master.by_broker_symbol(row.broker_exchange, row.broker_symbol) is row
