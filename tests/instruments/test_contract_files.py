"""The grammar and the indices on every dated contract of real contract files."""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from openalgo.brokers.zerodha.instruments import parse
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.instruments import symbols
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.instruments.loader import load
from openalgo.instruments.master import Master
from openalgo.instruments.ranking import Ranking
from openalgo.instruments.snapshots import Snapshots
from tests.instruments.contract_files import DATA, FILES, needs_data

pytestmark = needs_data

ZERODHA = DATA / "zerodha"
ZERODHA_FILES = ("instruments_nse_2025-10.csv", "instruments_nfo_bfo_2026-08.csv")
BEFORE_ALL = date(2026, 8, 1)


@pytest.mark.parametrize("path", FILES)
def test_every_contract_survives_the_round_trip(path: str) -> None:
    contracts = list(FILES[path](path))
    assert len(contracts) >= 4
    for contract in contracts:
        assert symbols.parse(symbols.format(contract)) == contract


@pytest.mark.parametrize("path", ["derived_futures_2026-06.json", "derived_options_2026-06.json"])
def test_a_broker_that_spells_as_we_do_agrees(path: str) -> None:
    text = (DATA / "angel" / path).read_text("utf-8")
    ours = {symbols.format(contract) for contract in FILES[f"angel/{path}"](f"angel/{path}")}
    theirs: set[object] = set()

    def collect(value: dict[str, object]) -> dict[str, object]:
        if value.get("exchange", value.get("exch_seg")) == "NFO":
            theirs.add(value["symbol"])
        return value

    json.loads(text, object_hook=collect)
    assert len(theirs) > 400
    assert theirs <= ours


@pytest.fixture(scope="module")
def master() -> Master:
    rows: list[Instrument] = []
    for name in ZERODHA_FILES:
        with (ZERODHA / name).open(newline="", encoding="utf-8") as lines:
            rows += parse(lines)
    return Master(rows)


def test_every_row_of_zerodha_says_what_its_symbol_says(master: Master) -> None:
    contracts = [row for row in master if row.exchange in (Exchange.NFO, Exchange.BFO)]
    assert len(contracts) == 2858
    for row in contracts:
        assert symbols.parse(row.symbol) == symbols.parts_of(row) == master.parts(row.key)
    others = [row for row in master if row.expiry is None]
    assert len(others) == 1017
    assert [row.symbol for row in others if symbols.parse(row.symbol)] == []


def test_every_option_is_in_its_chain(master: Master) -> None:
    contracts = master.contracts
    seen = 0
    for exchange in (Exchange.NFO, Exchange.BFO):
        for base in contracts.underlyings(exchange):
            days = contracts.expiries(base, exchange, "options", BEFORE_ALL)
            assert all(earlier < later for earlier, later in pairwise(days))
            for day in days:
                chain = contracts.chain(base, exchange, day)
                assert all(a.strike < b.strike for a, b in pairwise(chain))
                for strike, call, put in chain:
                    for side, kind in ((call, InstrumentType.CALL), (put, InstrumentType.PUT)):
                        if side is not None:
                            seen += 1
                            assert (side.name, side.expiry, side.strike, side.type) == (
                                base,
                                day,
                                strike,
                                kind,
                            )
    assert seen == 2696


def test_every_future_is_found_by_its_base(master: Master) -> None:
    found = [
        future
        for exchange in (Exchange.NFO, Exchange.BFO)
        for base in master.contracts.underlyings(exchange)
        for future in master.contracts.futures(base, exchange, BEFORE_ALL)
    ]
    assert len(found) == 162


def test_names_that_break_naive_parsers(master: Master) -> None:
    contracts = master.contracts
    for base in ("M&M", "360ONE", "NIFTYNXT50", "NAM-INDIA", "GVT&D"):
        days = contracts.expiries(base, Exchange.NFO, "options", BEFORE_ALL)
        assert days
        assert contracts.chain(base, Exchange.NFO, days[0])
    decimal = [row for row in master if row.strike is not None and row.strike % 1]
    assert decimal
    for row in decimal:
        assert master.find(row.key) is row
        assert "." in row.symbol


def test_every_row_is_found_by_symbol_and_token(master: Master) -> None:
    for row in master:
        assert master.find(row.key) is row
        assert master.by_token(row.token) is row


def test_index_contracts_find_their_index(master: Master) -> None:
    for base in ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50"):
        index = master.underlying(base, Exchange.NFO)
        assert index is not None
        assert index.exchange is Exchange.NSE_INDEX


async def test_a_trader_finds_real_contracts(master: Master) -> None:
    async def first(query: str) -> str:
        return (await master.search(query, ranking=Ranking.RELEVANCE))[0].symbol

    assert await first("nifty 25000 ce dec") == "NIFTY29DEC2625000CE"
    assert await first("bank fut") == "BANKNIFTY25AUG26FUT"
    assert await first("m&m fut") == "M&M25AUG26FUT"
    assert await first("nifty") == "NIFTY"
    assert await first("india vix") == "INDIAVIX"
    assert await first("bankinfty fut") == "BANKNIFTY25AUG26FUT"


async def test_a_real_file_survives_loading_storing_and_restoring(
    master: Master, tmp_path: Path
) -> None:
    loaded = await load(iter(master), key_indices={})
    snapshots = Snapshots(tmp_path)
    await snapshots.save("zerodha", BEFORE_ALL, loaded.master)
    stored = await snapshots.restore("zerodha")
    assert stored is not None
    assert list(stored.master) == list(master)


def test_index_freeze_quantities_are_those_a_broker_published(master: Master) -> None:
    # Upstox gives multiples of the lot; the exchange's limit is the next round figure.
    rows = FreezeQuantities()
    on = date(2025, 8, 20)
    published = {"NIFTY": 1800, "BANKNIFTY": 595, "FINNIFTY": 1755, "MIDCPNIFTY": 2800}
    for base, most in published.items():
        limit = rows.of(master.contracts.futures(base, Exchange.NFO, BEFORE_ALL)[0], on)
        assert limit.known
        assert most <= limit.quantity < most + 65
