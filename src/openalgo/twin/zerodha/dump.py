"""The instruments file of Kite Connect: written from a listing, or read as one."""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median_low
from zlib import crc32

from openalgo.domain.instruments import InstrumentType
from openalgo.domain.numbers import px, px_float
from openalgo.twin.contracts import Contract
from openalgo.twin.zerodha.listing import INDEX_BASES, Listing

COLUMNS = (
    "instrument_token",
    "exchange_token",
    "tradingsymbol",
    "name",
    "last_price",
    "expiry",
    "strike",
    "tick_size",
    "lot_size",
    "instrument_type",
    "segment",
    "exchange",
)

_INDICES = "INDICES"
_FUTURE = "FUT"


class NotADump(ValueError):
    """The file is not an instruments file; the message says why."""


def written(contracts: Iterable[Contract]) -> bytes:
    """As the broker sends it, before compression."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(_cells(contract) for contract in contracts)
    return text.getvalue().encode()


def read(path: Path) -> Listing:
    """The listing of a file (`.gz` too). Prices start from its last prices; where it has none,
    from the middle of the strikes, or from a number that follows from the symbol.

    Raises `NotADump`, and `OSError` where the file cannot be read.
    """
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    rows = csv.DictReader(io.StringIO(content.decode()))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise NotADump(f"{path.name} has no column {', '.join(missing)}.")
    bases: dict[str, float] = {}
    strikes: dict[str, list[float]] = defaultdict(list)
    contracts = []
    for row in rows:
        try:
            contract = _contract(row)
        except (ValueError, ArithmeticError):
            raise NotADump(f"{path.name} line {rows.line_num} cannot be read.") from None
        contracts.append(contract)
        last = float(row["last_price"] or 0)
        if last > 0 and contract.strike is None:
            bases.setdefault(contract.base, last)
        if contract.strike is not None:
            strikes[contract.base].append(float(contract.strike))
    for contract in contracts:
        base = contract.base
        if base not in bases:
            known = strikes.get(base)
            bases[base] = median_low(known) if known else 50.0 + crc32(base.encode()) % 2_000
    return Listing(tuple(contracts), bases)


def _cells(contract: Contract) -> Iterator[object]:
    yield contract.token
    yield contract.exchange_token
    yield contract.symbol
    yield contract.name
    yield 0
    yield contract.expiry or ""
    yield f"{contract.strike:f}" if contract.strike else 0
    yield f"{px_float(contract.tick):g}"
    yield 0 if contract.is_index else contract.lot
    yield "EQ" if contract.is_cash else contract.type
    yield contract.segment
    yield contract.exchange


def _contract(row: dict[str, str]) -> Contract:
    is_index = row["segment"] == _INDICES
    type_ = InstrumentType.INDEX if is_index else InstrumentType(row["instrument_type"])
    is_cash = type_ in (InstrumentType.INDEX, InstrumentType.EQUITY)
    symbol = row["tradingsymbol"]
    strike = Decimal(row["strike"] or 0)
    base = INDEX_BASES.get(symbol, symbol) if is_cash else row["name"]
    return Contract(
        token=int(row["instrument_token"]),
        exchange_token=int(row["exchange_token"]),
        exchange=row["exchange"],
        segment=row["segment"],
        symbol=symbol,
        name=row["name"],
        type=type_,
        base=base or symbol,
        tick=px(row["tick_size"] or "0.05") or px("0.05"),
        lot=max(int(row["lot_size"] or 1), 1),
        expiry=date.fromisoformat(row["expiry"]) if row["expiry"] and not is_cash else None,
        strike=strike if strike and not is_cash and type_ != _FUTURE else None,
    )
