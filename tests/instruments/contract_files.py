"""Dated contracts as the contract files of several brokers describe them, read where they lie."""

import csv
import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openalgo.domain.clock import IST
from openalgo.domain.instruments import InstrumentType
from openalgo.instruments.symbols import ParsedSymbol, shortest

DATA = Path(os.environ.get("OPENALGO_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the shared contract files are not on this machine"
)

_OPTIONS = {"CE": InstrumentType.CALL, "PE": InstrumentType.PUT}


def contract(base: str, expiry: date, strike: str | float, right: str) -> ParsedSymbol:
    """`right` is CE, PE or, of a future, anything else."""
    kind = _OPTIONS.get(right)
    if kind is None:
        return ParsedSymbol(base, expiry, InstrumentType.FUTURE)
    return ParsedSymbol(base, expiry, kind, shortest(Decimal(str(strike))))


def day(text: str, form: str) -> date:
    return datetime.strptime(text, form).replace(tzinfo=UTC).date()


def rows(path: str, **more: Any) -> Iterator[dict[str, str]]:
    with (DATA / path).open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file, **more)


def aliceblue(path: str, form: str = "%Y-%m-%d") -> Iterator[ParsedSymbol]:
    for row in rows(path):
        if row["Expiry Date"]:
            expiry = day(row["Expiry Date"], form)
            yield contract(row["Symbol"], expiry, row["Strike Price"], row["Option Type"])


def angel_rows(path: str) -> Iterator[ParsedSymbol]:
    for row in json.loads((DATA / path).read_text("utf-8")):
        if row["expiry"]:
            strike = Decimal(row["strike"]) / 100
            expiry = day(row["expiry"].title(), "%d%b%Y")
            yield contract(row["name"], expiry, str(strike), row["symbol"][-2:])


def angel_futures(path: str) -> Iterator[ParsedSymbol]:
    for base, futures in json.loads((DATA / path).read_text("utf-8")).items():
        for row in futures:
            yield contract(base, day(row["expiry"].title(), "%d%b%Y"), "0", "XX")


def angel_options(path: str) -> Iterator[ParsedSymbol]:
    for base, expiries in json.loads((DATA / path).read_text("utf-8")).items():
        for expiry, strikes in expiries.items():
            for strike, sides in strikes.items():
                for right, row in sides.items():
                    if row is not None:
                        yield contract(base, day(expiry.title(), "%d%b%Y"), strike, right)


def dhan_detailed(path: str, form: str, delimiter: str) -> Iterator[ParsedSymbol]:
    for row in rows(path, delimiter=delimiter):
        if row["SEGMENT"] == "D":
            expiry = day(row["SM_EXPIRY_DATE"], form)
            yield contract(
                row["UNDERLYING_SYMBOL"], expiry, row["STRIKE_PRICE"], row["OPTION_TYPE"]
            )


def dhan_compact(path: str) -> Iterator[ParsedSymbol]:
    for row in rows(path):
        if row["SEM_SEGMENT"] == "D":
            base = row["SEM_TRADING_SYMBOL"].rsplit("-", 2)[0]
            expiry = day(row["SEM_EXPIRY_DATE"][:10], "%d-%m-%Y")
            yield contract(base, expiry, row["SEM_STRIKE_PRICE"], row["SEM_OPTION_TYPE"])


def fyers(path: str) -> Iterator[ParsedSymbol]:
    with (DATA / path).open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if (row[8] and row[16] in ("CE", "PE")) or row[1].endswith("FUT"):
                expiry = datetime.fromtimestamp(int(row[8]), IST).date()
                yield contract(row[13], expiry, row[15], row[16])


def shoonya(path: str) -> Iterator[ParsedSymbol]:
    for row in rows(path):
        if row["Expiry"]:
            expiry = day(row["Expiry"].title(), "%d-%b-%Y")
            yield contract(row["Symbol"], expiry, row["StrikePrice"], row["OptionType"])


def upstox_csv(path: str) -> Iterator[ParsedSymbol]:
    for row in rows(path):
        if row["expiry"]:
            expiry = day(row["expiry"], "%Y-%m-%d")
            base = row["name"].replace(" ", "")
            if row["instrument_type"].endswith("STK"):  # has the name of the company
                base = row["tradingsymbol"].partition(f"{expiry:%y%b}".upper())[0]
            yield contract(base, expiry, row["strike"], row["option_type"])


def upstox_json(path: str) -> Iterator[ParsedSymbol]:
    with gzip.open(DATA / path, "rt", encoding="utf-8") as file:
        listed = json.load(file)
    for row in listed:
        if row["instrument_type"] in ("CE", "PE", "FUT"):
            expiry = datetime.fromtimestamp(row["expiry"] / 1000, IST).date()
            base = row["underlying_symbol"].replace(" ", "")
            yield contract(base, expiry, row["strike_price"], row["instrument_type"])


def fivepaisa(path: str) -> Iterator[ParsedSymbol]:
    for row in rows(path):
        if row["ExchType"] == "D":
            expiry = day(row["Expiry"][:10], "%d-%m-%Y")
            yield contract(row["Root"], expiry, row["Strikerate"], row["CpType"])


def groww(path: str) -> Iterator[ParsedSymbol]:
    for row in rows(path):
        if row["expiry_date"]:
            expiry = day(row["expiry_date"], "%Y-%m-%d")
            yield contract(
                row["underlying_symbol"], expiry, row["strike_price"], row["instrument_type"]
            )


def xts(path: str) -> Iterator[ParsedSymbol]:
    for line in (DATA / path).read_text("utf-8").splitlines():
        row = line.split("|")
        if row[0].endswith("FO") and "SPD" not in line:
            expiry = day(row[16][:10], "%Y-%m-%d")
            option = len(row) == 23
            right = {"3": "CE", "4": "PE"}[row[18]] if option else "XX"
            yield contract(row[3], expiry, row[17] if option else "0", right)


FILES: Mapping[str, Callable[[str], Iterator[ParsedSymbol]]] = {
    "aliceblue/BFO_2024-09.csv": aliceblue,
    "aliceblue/CDS_2022-11.csv": lambda path: aliceblue(path, "%d-%m-%Y"),
    "aliceblue/MCX_2024-09.csv": aliceblue,
    "aliceblue/NFO_2025-02.csv": aliceblue,
    "angel/OpenAPIScripMaster_fno_mcx_bfo_few.json": angel_rows,
    "angel/derived_futures_2026-06.json": angel_futures,
    "angel/derived_options_2026-06.json": angel_options,
    "dhan/api-scrip-master-detailed_banknifty_options_2025-07.tsv": (
        lambda path: dhan_detailed(path, "%m/%d/%Y", "\t")
    ),
    "dhan/api-scrip-master-detailed_stock_futures_2025-07.csv": (
        lambda path: dhan_detailed(path, "%d/%m/%y", ",")
    ),
    "dhan/api-scrip-master_futures_2026-01.csv": dhan_compact,
    "fivepaisa/scripmaster-csv-format_2022-10.csv": fivepaisa,
    "fyers/BSE_FO_2025-11.csv": fyers,
    "fyers/MCX_COM_2025-09.csv": fyers,
    "fyers/NSE_CD_2025-10.csv": fyers,
    "groww/instrument_few_2026.csv": groww,
    "shoonya/BFO_symbols_2026-08.txt": shoonya,
    "shoonya/CDS_symbols_2026-08.txt": shoonya,
    "shoonya/MCX_symbols_2026-08.txt": shoonya,
    "shoonya/NFO_symbols_2026.txt": shoonya,
    "upstox/complete_2025-08.csv": upstox_csv,
    "upstox/complete_2025-08.json.gz": upstox_json,
    "xts/instruments_master_few.txt": xts,
}
