"""The prices everything in the simulated market is made of: shares, indices, commodities."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from openalgo.brokers.simulator import tables
from openalgo.brokers.simulator.hours import GROUP_OF, Group
from openalgo.brokers.simulator.tables import EquityRow, UnderlyingRow
from openalgo.domain.market import QUOTE_ONLY_EXCHANGES, Exchange
from openalgo.domain.numbers import Px, px

VIX = "INDIAVIX"

# (highest price it applies to, tick), in rupees. NSE cash market, in force since April 2025.
_TICK_BANDS = (
    (Decimal("249.99"), Decimal("0.01")),
    (Decimal(1_000), Decimal("0.05")),
    (Decimal(5_000), Decimal("0.10")),
    (Decimal(10_000), Decimal("0.50")),
    (Decimal(20_000), Decimal("1.00")),
)
_TICK_ABOVE_BANDS = Decimal("5.00")

_LAKH = 100_000
_MARKET = 0.55
_SECTOR = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Underlying:
    """`price` (rupees) is what it wanders around, `volatility` the standard deviation of a day's
    return, `volume` an average day's (0 without trades of its own).

    `weights` of factor levels add up to its own level; their squares add up to 1. What `follows`
    an index has none: its price is a fixed part of the index.
    """

    symbol: str
    name: str
    exchange: Exchange
    price: Decimal
    tick: Px
    volatility: float
    volume: int = 0
    weights: tuple[tuple[str, float], ...] = ()
    follows: str | None = None

    @property
    def group(self) -> Group:
        return GROUP_OF[self.exchange]

    @property
    def is_index(self) -> bool:
        return self.exchange in QUOTE_ONLY_EXCHANGES

    @property
    def is_share(self) -> bool:
        return self.exchange is Exchange.NSE


def nse_tick_size(price: Decimal) -> Px:
    """The smallest price step of an NSE share that trades at `price` rupees."""
    for highest, tick in _TICK_BANDS:
        if price <= highest:
            return px(tick)
    return px(_TICK_ABOVE_BANDS)


@cache
def underlyings() -> Mapping[str, Underlying]:
    """All of them by symbol: indices, shares, then what only contracts show."""
    table = tables.underlyings()
    indices = frozenset(row.symbol for row in table.index)
    found = (
        *(_of_row(row) for row in table.index),
        *(_share(row, indices) for row in tables.equities()),
        *(_of_row(row) for row in table.spot),
    )
    return {underlying.symbol: underlying for underlying in found}


def _of_row(row: UnderlyingRow) -> Underlying:
    return Underlying(
        symbol=row.symbol,
        name=row.name or row.symbol,
        exchange=row.exchange,
        price=row.price,
        tick=px(row.tick),
        volatility=row.volatility,
        weights=_weights(row.exchange, row.symbol, row.market, row.sector, row.sector_weight),
    )


def _share(row: EquityRow, indices: frozenset[str]) -> Underlying:
    follows = row.sector if row.sector in indices else None
    return Underlying(
        symbol=row.symbol,
        name=row.company,
        exchange=Exchange.NSE,
        price=row.price,
        tick=nse_tick_size(row.price),
        volatility=row.volatility / 100,
        volume=round(row.volume * _LAKH),
        weights=() if follows else _weights(Exchange.NSE, row.symbol, _MARKET, row.sector, _SECTOR),
        follows=follows,
    )


def _weights(
    exchange: Exchange, symbol: str, market: float, sector: str, sector_weight: float
) -> tuple[tuple[str, float], ...]:
    group = GROUP_OF[exchange].name
    shared = ((f"{group} market", market), (f"{group} sector {sector}", sector_weight))
    own = math.sqrt(1 - market**2 - sector_weight**2)
    return (*((name, weight) for name, weight in shared if weight), (symbol, own))
