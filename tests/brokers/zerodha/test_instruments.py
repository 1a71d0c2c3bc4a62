"""Zerodha's instruments file, in rows written after the broker's documentation and real files."""

from datetime import date
from decimal import Decimal

import pytest

from openalgo.brokers.zerodha.info import INFO
from openalgo.brokers.zerodha.instruments import ContractFileError, parse
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.instruments.indices import BSE_INDICES, NSE_INDICES
from openalgo.instruments.skipped import SkippedRows
from tests.instruments.contract_files import DATA, needs_data

HEADER = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,"
    "tick_size,lot_size,instrument_type,segment,exchange"
)


def read(*rows: str) -> tuple[list[Instrument], SkippedRows]:
    skipped = SkippedRows()
    return list(parse([HEADER, *rows], skipped)), skipped


def one(row: str) -> Instrument:
    found, skipped = read(row)
    assert skipped.total == 0
    assert len(found) == 1
    return found[0]


def test_a_share() -> None:
    assert one("738561,2885,RELIANCE,RELIANCE INDUSTRIES,0,,0,0.1,1,EQ,NSE,NSE") == Instrument(
        exchange=Exchange.NSE,
        symbol="RELIANCE",
        name="RELIANCE INDUSTRIES",
        type=InstrumentType.EQUITY,
        broker_symbol="RELIANCE",
        broker_exchange="NSE",
        token="738561::::2885",
        tick_size=px("0.1"),
        lot_size=1,
    )


def test_an_option() -> None:
    row = "17512194,68407,VEDL26AUG292.5CE,VEDL,0,2026-08-25,292.5,0.05,1150,CE,NFO-OPT,NFO"
    assert one(row) == Instrument(
        exchange=Exchange.NFO,
        symbol="VEDL25AUG26292.5CE",
        name="VEDL",
        type=InstrumentType.CALL,
        broker_symbol="VEDL26AUG292.5CE",
        broker_exchange="NFO",
        token="17512194::::68407",
        tick_size=px("0.05"),
        lot_size=1150,
        expiry=date(2026, 8, 25),
        strike=Decimal("292.5"),
    )


@pytest.mark.parametrize(
    ("row", "exchange", "symbol"),
    [
        ("1,1,M&M26AUGFUT,M&M,0,2026-08-25,0,0.1,200,FUT,NFO-FUT,NFO", "NFO", "M&M25AUG26FUT"),
        ("1,1,X,BAJAJ-AUTO,0,2026-08-25,0,1,75,FUT,NFO-FUT,NFO", "NFO", "BAJAJ-AUTO25AUG26FUT"),
        ("1,1,X,360ONE,0,2026-08-25,1160.0,1,500,PE,NFO-OPT,NFO", "NFO", "360ONE25AUG261160PE"),
        ("1,1,X,USDINR,0,2026-08-26,82.25,0.0025,1,CE,CDS-OPT,CDS", "CDS", "USDINR26AUG2682.25CE"),
        ("1,1,X,726GS2033,0,2024-04-25,0,1,1,FUT,CDS-FUT,CDS", "CDS", "726GS203325APR24FUT"),
        ("1,1,X,USDINR,0,2026-08-26,0,1,1,FUT,BCD-FUT,BCD", "BCD", "USDINR26AUG26FUT"),
        ("1,1,X,CRUDEOILM,0,2026-08-19,0,1,1,FUT,MCX-FUT,MCX", "MCX", "CRUDEOILM19AUG26FUT"),
        ("1,1,X,GOLD MINI,0,2026-08-19,0,1,1,FUT,NCO-FUT,NCO", "NCO", "GOLDMINI19AUG26FUT"),
        ("1,1,CENTRALBK-BE,CENTRAL BANK,0,,0,0.05,1,EQ,NSE,NSE", "NSE", "CENTRALBK-BE"),
        ("1,1,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE", "NSE_INDEX", "NIFTY"),
        ("1,1,NIFTY MID SELECT,X,0,,0,0,0,EQ,INDICES,NSE", "NSE_INDEX", "MIDCPNIFTY"),
        ("1,1,HANGSENG BEES-NAV,X,0,,0,0,0,EQ,INDICES,NSE", "NSE_INDEX", "HANGSENGBEESNAV"),
        ("1,1,NIFTY GS 11 15YR,X,0,,0,0,0,EQ,INDICES,NSE", "NSE_INDEX", "NIFTYGS1115YR"),
        ("1,1,SENSEX,SENSEX,0,,0,0,0,EQ,INDICES,BSE", "BSE_INDEX", "SENSEX"),
        ("1,1,OILGAS,X,0,,0,0,0,EQ,INDICES,BSE", "BSE_INDEX", "BSEOIL&GAS"),
        ("1,1,METAL,METAL LTD,0,,0,0.05,1,EQ,BSE,BSE", "BSE", "METAL"),
        ("1,1,MCXBULLDEX,X,0,,0,0,0,EQ,INDICES,MCX", "MCX_INDEX", "MCXBULLDEX"),
        ("1,1,GIFT NIFTY,X,0,,0,0,0,EQ,INDICES,NSEIX", "GLOBAL_INDEX", "GIFTNIFTY"),
        ("1,1,US500,X,0,,0,0,0,EQ,INDICES,GLOBAL", "GLOBAL_INDEX", "US500"),
    ],
)
def test_where_a_row_is_listed_and_as_what(row: str, exchange: str, symbol: str) -> None:
    found = one(row)
    assert (found.exchange, found.symbol) == (exchange, symbol)
    assert found.exchange in INFO.exchanges


def test_an_index_has_no_tick_and_a_lot_of_one() -> None:
    index = one("256265,1001,NIFTY 50,NIFTY 50,0,,0,0.0,0,EQ,INDICES,NSE")
    assert (index.type, index.tick_size, index.lot_size) == (InstrumentType.INDEX, 0, 1)
    assert (index.broker_symbol, index.broker_exchange) == ("NIFTY 50", "NSE")


@pytest.mark.parametrize(
    ("trading_symbol", "strike", "kind", "base"),
    [
        ("BANKNIFTY26AUG57000PE", "57000", "PE", "BANKNIFTY"),
        ("NIFTY2680425000CE", "25000", "CE", "NIFTY"),
        ("360ONE26AUG1160.5CE", "1160.5", "CE", "360ONE"),
        ("M&M26AUGFUT", "0", "FUT", "M&M"),
    ],
)
def test_an_empty_name_is_read_from_the_symbol(
    trading_symbol: str, strike: str, kind: str, base: str
) -> None:
    row = one(f"1,1,{trading_symbol},,0,2026-08-04,{strike},0.05,25,{kind},NFO-OPT,NFO")
    assert row.name == base
    assert row.symbol.startswith(f"{base}04AUG26")


def test_weeklies_of_the_last_months_have_a_letter() -> None:
    row = one("1,1,NIFTY26O0625000CE,,0,2026-10-06,25000,0.05,25,CE,NFO-OPT,NFO")
    assert row.symbol == "NIFTY06OCT2625000CE"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,1,X,X,0,2026-08-25,0,0.05,25", "too few columns: 9"),
        (",1,X,X,0,,0,0.05,1,EQ,NSE,NSE", "no token or symbol: ,X"),
        ("1,1,,X,0,,0,0.05,1,EQ,NSE,NSE", "no token or symbol: 1,"),
        ("1,1,X,X,0,,0,0.05,1,BOND,NSE,NSE", "unknown instrument type: BOND"),
        ("1,1,X,X,0,,0,0.05,1,EQ,LSE,LSE", "unknown exchange: LSE"),
        ("1,1,X,X,0,,0,0,0,EQ,INDICES,CDS", "no exchange code for it: CDS X"),
        ("1,1,X,X,0,2026-08-25,0,1,1,FUT,NSEIX-FUT,NSEIX", "no exchange code for it: NSEIX X"),
        ("1,1,X,X,0,,0,0.05,25,FUT,NFO-FUT,NFO", "no valid expiry"),
        ("1,1,X,X,0,2026-02-30,0,0.05,25,FUT,NFO-FUT,NFO", "no valid expiry: 2026-02-30"),
        ("1,1,X,X,0,2026-08-25,0,0.05,25,CE,NFO-OPT,NFO", "no valid strike: 0"),
        ("1,1,X,X,0,2026-08-25,nan,0.05,25,CE,NFO-OPT,NFO", "no valid strike: nan"),
        ("1,1,X,X,0,,0,-1,1,EQ,NSE,NSE", "no valid tick size: -1"),
        ("1,1,X,X,0,,0,x,1,EQ,NSE,NSE", "no valid tick size: x"),
        ("1,1,X,X,0,,0,0.05,1.5,EQ,NSE,NSE", "no valid lot size: 1.5"),
        ("1,1,X,X,0,2026-08-25,0,0.05,0,FUT,NFO-FUT,NFO", "no valid lot size: 0"),
        ("1,1,ODD,,0,2026-08-25,100,0.05,25,CE,NFO-OPT,NFO", "no underlying: ODD"),
    ],
)
def test_a_row_that_cannot_be_used_is_counted_and_left_out(row: str, reason: str) -> None:
    good = "1,1,INFY,INFOSYS,0,,0,0.05,1,EQ,NSE,NSE"
    found, skipped = read(good, row, good)
    assert [instrument.symbol for instrument in found] == ["INFY", "INFY"]
    assert skipped.total == 1
    assert skipped.examples == ((3, reason),)
    assert skipped.reasons == {reason.partition(":")[0]: 1}


def test_columns_are_found_by_name() -> None:
    share = "1,2,INFY,INFOSYS,0,,0,0.05,1,EQ,NSE,NSE"
    (row,) = parse([",".join(reversed(line.split(","))) for line in (HEADER, share)])
    assert (row.symbol, row.token) == ("INFY", "1::::2")


@pytest.mark.parametrize("lines", [[], [""], ["<html>"], [HEADER.replace("strike", "price")]])
def test_another_file_is_refused(lines: list[str]) -> None:
    with pytest.raises(ContractFileError, match=r"has no column .*strike"):
        list(parse(lines))


def test_names_in_quotes_keep_their_commas() -> None:
    assert one('1,1,AB,"A, B & CO",0,,0,0.05,1,EQ,NSE,NSE').name == "A, B & CO"


@needs_data
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("zerodha/instruments_nse_2025-10.csv", 1017),
        ("zerodha/instruments_nfo_bfo_2026-08.csv", 2858),
        ("zerodha-mocks/instruments_all.csv", 99),
        ("zerodha-mocks/instruments_nse.csv", None),
    ],
)
def test_no_row_of_a_real_file_is_lost(path: str, count: int | None) -> None:
    skipped = SkippedRows()
    with (DATA / path).open(newline="", encoding="utf-8") as lines:
        rows = list(parse(lines, skipped))
    assert skipped.reasons == {}
    assert count is None or len(rows) == count
    assert all(row.lot_size > 0 and row.symbol == row.symbol.upper() for row in rows)


@needs_data
def test_real_index_names_are_those_of_the_contract() -> None:
    path = DATA / "zerodha" / "instruments_nse_2025-10.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        names = {row.symbol for row in parse(lines) if row.exchange is Exchange.NSE_INDEX}
    assert names >= NSE_INDICES
    assert not names & BSE_INDICES
    assert not [name for name in names if " " in name]
