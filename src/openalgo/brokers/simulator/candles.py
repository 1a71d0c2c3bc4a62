"""Candles as columns: made from minutes, read as `Candle` objects."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import overload

import numpy as np
from numpy.typing import NDArray

from openalgo.brokers.intervals import anchor_s
from openalgo.brokers.simulator.chance import Ints
from openalgo.domain.market import Candle, Exchange
from openalgo.domain.numbers import PX_SCALE, Px

_CHUNK = 512


Prices = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Bars one after another. Prices in ticks, `at_s` in seconds since the epoch."""

    at_s: Ints
    open: Prices
    high: Prices
    low: Prices
    close: Prices
    volume: Ints
    oi: Ints

    def __len__(self) -> int:
        return len(self.at_s)

    def merged(self, labels: Ints) -> "Bars":
        """One bar for each run of equal `labels`, which become its `at_s`."""
        if not len(self):
            return self
        starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
        ends = np.append(starts[1:], len(self)) - 1
        return Bars(
            at_s=labels[starts],
            open=self.open[starts],
            high=np.maximum.reduceat(self.high, starts),
            low=np.minimum.reduceat(self.low, starts),
            close=self.close[ends],
            volume=np.add.reduceat(self.volume, starts),
            oi=self.oi[ends],
        )

    @classmethod
    def joined(cls, parts: Sequence["Bars"]) -> "Bars":
        if not parts:
            return NO_BARS
        names = cls.__slots__
        return cls(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})


_NOTHING, _NO_PRICES = np.empty(0, np.int64), np.empty(0, np.int32)
NO_BARS = Bars(_NOTHING, _NO_PRICES, _NO_PRICES, _NO_PRICES, _NO_PRICES, _NOTHING, _NOTHING)


def bucket_starts(starts_s: Ints, minutes: int, exchange: Exchange, day: date) -> Ints:
    """The label of the `minutes` long candle each minute of `day` falls into.

    The first candle begins no earlier than the first minute.
    """
    anchor, length = anchor_s(exchange, day), minutes * 60
    return np.maximum(anchor + (starts_s - anchor) // length * length, starts_s[:1])


class Candles(Sequence[Candle]):
    """The bars of `parts`, one after another, in rupees; each candle is made when it is read."""

    def __init__(self, parts: Sequence[Bars], tick: Px) -> None:
        self._parts = parts
        self._tick = tick
        self._ends = list(accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Candle: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Candle]: ...
    def __getitem__(self, index: int | slice) -> Candle | Sequence[Candle]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(len(self))[index])
        place = range(len(self))[index]
        number = bisect_right(self._ends, place)
        place -= self._ends[number] - len(self._parts[number])
        return next(self._made(self._parts[number], slice(place, place + 1)))

    def __iter__(self) -> Iterator[Candle]:
        for part in self._parts:
            for first in range(0, len(part), _CHUNK):
                yield from self._made(part, slice(first, first + _CHUNK))

    def _made(self, bars: Bars, part: slice) -> Iterator[Candle]:
        prices = (bars.open, bars.high, bars.low, bars.close)
        columns = (
            bars.at_s[part],
            *(column[part].astype(np.int64) * self._tick / PX_SCALE for column in prices),
            bars.volume[part],
            bars.oi[part],
        )
        return (Candle(*row) for row in zip(*(c.tolist() for c in columns), strict=True))
