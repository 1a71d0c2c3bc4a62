"""The rows of an option chain: quick to make and to encode. The schemas describe the same."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import starmap
from math import isfinite

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from openalgo.api.v1.rows import finite
from openalgo.domain.instruments import InstrumentType
from openalgo.options.prices import STALE_AFTER_MS
from openalgo.options.snapshot import ChainGreeks, ChainSnapshot
from openalgo.options.solving import Outcome, Solutions

_AT_ONCE = 64

_Greek = float | None | UnsetType


class ChainLegLine(msgspec.Struct, gc=False):
    """One option; greeks that were not asked for are left out."""

    symbol: str
    label: str
    ltp: float
    bid: float
    ask: float
    bid_qty: int
    ask_qty: int
    open: float
    high: float
    low: float
    prev_close: float
    volume: int
    oi: int
    lotsize: int
    tick_size: float
    quote_ts: int | None
    stale: bool
    implied_volatility: _Greek = UNSET
    delta: _Greek = UNSET
    gamma: _Greek = UNSET
    theta: _Greek = UNSET
    vega: _Greek = UNSET
    rho: _Greek = UNSET


class ChainLine(msgspec.Struct, gc=False):
    """One strike."""

    strike: float
    ce: ChainLegLine | None
    pe: ChainLegLine | None


def chain_lines(
    snapshot: ChainSnapshot, each_side: int | None, greeks: ChainGreeks | None
) -> Iterator[ChainLine]:
    """The strikes of `snapshot` at most `each_side` from the money, made as they are read."""
    newest = snapshot.newest_ms
    rows = snapshot.rows(each_side)
    for first in range(rows.start, rows.stop, _AT_ONCE):
        part = range(first, min(first + _AT_ONCE, rows.stop))
        legs = _legs(snapshot, part, newest, greeks)
        for strike, call, put in snapshot.listing.rows[part.start : part.stop]:
            yield ChainLine(
                float(strike),
                None if call is None else next(legs),
                None if put is None else next(legs),
            )


@lru_cache(maxsize=4096)
def label_of(type: InstrumentType, steps: int) -> str:
    """What an option `steps` strikes above the money is called."""
    if not steps:
        return "ATM"
    out = steps if type is InstrumentType.CALL else -steps
    return f"OTM{out}" if out > 0 else f"ITM{-out}"


def _legs(
    snapshot: ChainSnapshot, rows: range, newest_ms: int, greeks: ChainGreeks | None
) -> Iterator[ChainLegLine]:
    """The options of `rows`, each made of one value of every column."""
    listing, prices = snapshot.listing, snapshot.prices
    part = slice(listing.starts[rows.start], listing.starts[rows.stop])
    quotes = snapshot.quotes[part]
    columns: list[Iterable[object]] = [
        listing.symbols[part],
        [
            label_of(option.type, row - snapshot.money)
            for row in rows
            for option in listing.options[listing.starts[row] : listing.starts[row + 1]]
        ],
        _finite(prices.ltp[part]),
        _finite(prices.bid[part]),
        _finite(prices.ask[part]),
        prices.bid_quantity[part],
        prices.ask_quantity[part],
        _finite(prices.open[part]),
        _finite(prices.high[part]),
        _finite(prices.low[part]),
        _finite(prices.prev_close[part]),
        prices.volume[part],
        prices.oi[part],
        listing.lot_sizes[part],
        listing.tick_sizes[part],
        [None if quote is None else quote.at_ms // 1000 for quote in quotes],
        [quote is None or newest_ms - quote.at_ms > STALE_AFTER_MS for quote in quotes],
    ]
    if greeks is not None:
        columns += _greeks(greeks.columns, part)
    return starmap(ChainLegLine, zip(*columns, strict=True))


def _finite(prices: Sequence[float]) -> Sequence[float]:
    return prices if isfinite(sum(prices)) else [finite(price) for price in prices]


def _greeks(found: Solutions, part: slice) -> list[list[float | None]]:
    """Rounded, and `None` where no volatility yields the price or there is none."""
    columns: list[list[float | None]] = [
        np.round(found.volatility[part] * 100.0, 2).tolist(),
        np.round(found.delta[part], 4).tolist(),
        np.round(found.gamma[part], 6).tolist(),
        np.round(found.theta[part], 4).tolist(),
        np.round(found.vega[part], 4).tolist(),
        np.round(found.rho[part], 6).tolist(),
    ]
    for place in np.flatnonzero(found.outcome[part] >= Outcome.ABOVE_BOUND).tolist():
        for column in columns:
            column[place] = None
    return columns
