"""Candles as columns: made from minutes, read as `Candle` objects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import overload

import numpy as np

from openalgo.brokers.intervals import anchor_s
from openalgo.brokers.simulator.chance import Ints
from openalgo.domain.market import Candle, Exchange
from openalgo.domain.numbers import PX_SCALE, Px

_CHUNK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Bars one after another. Prices in ticks, `at_s` in seconds since the epoch."""

    at_s: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
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


_NOTHING = np.empty(0, np.int64)
NO_BARS = Bars(_NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING)


def bucket_starts(starts_s: Ints, minutes: int, exchange: Exchange, day: date) -> Ints:
    """The label of the `minutes` long candle each minute of `day` falls into.

    The first candle begins no earlier than the first minute.
    """
    anchor, length = anchor_s(exchange, day), minutes * 60
    return np.maximum(anchor + (starts_s - anchor) // length * length, starts_s[:1])


class Candles(Sequence[Candle]):
    """`bars` in rupees; each candle is made when it is read."""

    def __init__(self, bars: Bars, tick: Px) -> None:
        self._bars = bars
        self._tick = tick

    def __len__(self) -> int:
        return len(self._bars)

    @overload
    def __getitem__(self, index: int) -> Candle: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Candle]: ...
    def __getitem__(self, index: int | slice) -> Candle | Sequence[Candle]:
        if isinstance(index, slice):
            return tuple(self._made(index))
        place = range(len(self))[index]
        return next(self._made(slice(place, place + 1)))

    def __iter__(self) -> Iterator[Candle]:
        for first in range(0, len(self), _CHUNK):
            yield from self._made(slice(first, first + _CHUNK))

    def _made(self, part: slice) -> Iterator[Candle]:
        bars = self._bars
        prices = (bars.open, bars.high, bars.low, bars.close)
        columns = (
            bars.at_s[part],
            *(column[part] * self._tick / PX_SCALE for column in prices),
            bars.volume[part],
            bars.oi[part],
        )
        return (Candle(*row) for row in zip(*(c.tolist() for c in columns), strict=True))
