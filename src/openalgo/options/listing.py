"""The options of one expiry: what of a chain stays the same from one price to the next."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

import numpy as np

from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import px_float
from openalgo.instruments.contracts import ChainRow, Contracts
from openalgo.options.black76 import Flags
from openalgo.options.normal import Floats

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`rows` ascend by strike. `options` are theirs, the call of a strike before its put: those of
    row `n` from `starts[n]` to `starts[n + 1]`. The columns are in the order of `options`; prices
    in rupees, `ticks` 0 where prices have no grid."""

    rows: Sequence[ChainRow]
    strikes: Sequence[Decimal]
    starts: Sequence[int]
    options: Sequence[Instrument]
    keys: Sequence[InstrumentKey]
    symbols: Sequence[str]
    lot_sizes: Sequence[int]
    tick_sizes: Sequence[float]
    is_call: Flags
    strike: Floats
    ticks: Floats

    @classmethod
    def of(cls, rows: Sequence[ChainRow]) -> Self:
        options: list[Instrument] = []
        starts = [0]
        for row in rows:
            options += [side for side in (row.call, row.put) if side is not None]
            starts.append(len(options))
        tick_sizes = [px_float(option.tick_size) for option in options]
        return cls(
            rows=rows,
            strikes=[row.strike for row in rows],
            starts=starts,
            options=options,
            keys=[option.key for option in options],
            symbols=[option.symbol for option in options],
            lot_sizes=[option.lot_size for option in options],
            tick_sizes=tick_sizes,
            is_call=np.array([option.type is InstrumentType.CALL for option in options]),
            strike=np.array([float(option.strike or 0) for option in options]),
            ticks=np.array(tick_sizes),
        )

    def part(self, first: int, last: int) -> Self:
        """The rows from `first` to before `last`."""
        if (first, last) == (0, len(self.rows)):
            return self
        return type(self).of(self.rows[first:last])


class Listings:
    """Keeps the listings of the contracts in force that were asked for last."""

    def __init__(self) -> None:
        # Weak, so that contracts no longer in force are not kept for their listings' sake.
        self._contracts: weakref.ref[Contracts] | None = None
        self._known: dict[tuple[Exchange, str, date], Listing] = {}

    def of(self, contracts: Contracts, base: str, exchange: Exchange, expiry: date) -> Listing:
        """All options on `base` at `exchange` that expire then; there may be none."""
        if self._contracts is None or self._contracts() is not contracts:
            self._contracts = weakref.ref(contracts)
            self._known.clear()
        key = (exchange, base, expiry)
        listing = self._known.get(key)
        if listing is None:
            listing = Listing.of(contracts.chain(base, exchange, expiry))
            if not listing.rows:
                return listing
            if len(self._known) >= _MOST_KEPT:
                del self._known[next(iter(self._known))]
            self._known[key] = listing
        return listing
