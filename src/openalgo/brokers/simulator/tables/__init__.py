"""The files that say what the simulated market lists, as typed rows."""

import csv
import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec

from openalgo.domain.market import Exchange


class EquityRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share. `price` in rupees, `volatility` the standard deviation of a day's return in percent,
    `volume` an average day's in lakh shares. A `sector` that names an index makes it a fund that
    follows the index."""

    symbol: str
    company: str
    sector: str
    price: Decimal
    volatility: float
    volume: float


class UnderlyingRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An index, or a price that only contracts show."""

    symbol: str
    exchange: Exchange
    price: Decimal
    tick: Decimal
    volatility: float
    name: str = ""
    market: float = 0.0
    sector: str = ""
    sector_weight: float = 0.0


class UnderlyingTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`underlyings.toml`."""

    index: tuple[UnderlyingRow, ...]
    spot: tuple[UnderlyingRow, ...]


class RuleRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When contracts expire: on the last `weekday` of the month, or `back` trading days before
    the last one up to the `day` of the month."""

    exchange: Exchange
    weekday: int | None = None
    day: int = 31
    back: int = 0
    months: tuple[int, ...] = tuple(range(1, 13))


class FutureRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    underlying: str
    rule: str
    lot: int
    tick: Decimal
    carry: float
    lots: int
    open_interest: int


class StockFutures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: str
    carry: float
    lots: dict[str, int]


class ChainRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    underlying: str
    rule: str
    lot: int
    tick: Decimal
    step: Decimal
    weeklies: int = 0
    monthlies: int
    volatility: float
    of_vix: bool = False
    lots: int
    open_interest: int


class ContractTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`contracts.toml`."""

    rules: dict[str, RuleRow]
    future: tuple[FutureRow, ...]
    stock_futures: StockFutures
    chain: tuple[ChainRow, ...]


@cache
def equities() -> tuple[EquityRow, ...]:
    """`equities.csv`."""
    rows = csv.DictReader(_text("equities.csv").splitlines())
    return tuple(msgspec.convert(row, EquityRow, strict=False) for row in rows)


@cache
def underlyings() -> UnderlyingTable:
    return msgspec.convert(tomllib.loads(_text("underlyings.toml")), UnderlyingTable)


@cache
def contracts() -> ContractTable:
    return msgspec.convert(tomllib.loads(_text("contracts.toml")), ContractTable)


def _text(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")
