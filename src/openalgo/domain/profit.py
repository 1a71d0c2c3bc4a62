"""What an account makes in a session day: a curve by the minute, and its heights. Rupees."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from openalgo.domain.clock import epoch_ms
from openalgo.domain.numbers import ZERO

_MINUTE_MS = 60_000
_MINUTE = timedelta(minutes=1)


class Sample(msgspec.Struct, frozen=True, gc=False):
    """What was made until `at`: `realised`, and `unrealised` at the prices of that moment."""

    at: datetime
    realised: Decimal
    unrealised: Decimal

    @property
    def total(self) -> Decimal:
        return self.realised + self.unrealised

    @property
    def minute(self) -> int:
        """The minute it is of, counted from 1970."""
        return epoch_ms(self.at) // _MINUTE_MS

    def same_as(self, other: "Sample") -> bool:
        """Whether the amounts are."""
        return self.realised == other.realised and self.unrealised == other.unrealised


class Height(NamedTuple):
    """The highest or the lowest total, and when it was reached first."""

    total: Decimal
    at: datetime


class Point(NamedTuple):
    """The last sample of a minute, and how far its total is below the highest of the points until
    then: 0, or negative."""

    sample: Sample
    drawdown: Decimal


class DayClose(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A session day as it stood at `last`; of a day that is over, its close. `max_drawdown` is 0
    or negative."""

    day: date
    last: Sample
    highest: Height
    lowest: Height
    max_drawdown: Decimal


class Curve:
    """One session day of an account.

    It begins just before the first minute in which there was any profit or loss. A point is the
    last sample of its minute; a minute in which nothing changed has none, but for the one before a
    change, so that a line through the points is flat where the profit was. The heights are of all
    samples.
    """

    def __init__(self, day: date) -> None:
        self.day = day
        self.last: Sample | None = None
        self.points: list[Sample] = []
        self._highest: Height | None = None
        self._lowest: Height | None = None
        self._max_drawdown = ZERO

    @classmethod
    def restored(cls, close: DayClose, points: Iterable[Sample]) -> "Curve":
        """As it was when it was stored; `points` oldest first."""
        curve = cls(close.day)
        curve.last, curve.points = close.last, list(points)
        curve._highest, curve._lowest = close.highest, close.lowest
        curve._max_drawdown = close.max_drawdown
        return curve

    @property
    def is_blank(self) -> bool:
        """Whether nothing was made or lost yet."""
        return not self.points

    @property
    def close(self) -> DayClose | None:
        """How the day stands; `None` while the curve is blank."""
        if self.last is None or self._highest is None or self._lowest is None:
            return None
        return DayClose(
            day=self.day,
            last=self.last,
            highest=self._highest,
            lowest=self._lowest,
            max_drawdown=self._max_drawdown,
        )

    @property
    def drawdown(self) -> Decimal:
        """How far the last total is below the highest: 0, or negative."""
        if self.last is None or self._highest is None:
            return ZERO
        return self.last.total - self._highest.total

    def add(self, sample: Sample) -> bool:
        """Take in a sample that is not older than the last one; whether it says anything new."""
        if self.is_blank and not (sample.realised or sample.unrealised):
            is_first, self.last = self.last is None, sample
            return is_first
        is_news = self.last is None or not sample.same_as(self.last)
        if self.is_blank:
            self._begin(sample)
        if is_news:
            self._draw(sample)
            self._measure(sample)
        self.last = sample
        return is_news

    def drawn(self) -> Iterator[Point]:
        """The points, and where the profit stands now."""
        highest = None
        for sample in self._with_last():
            highest = sample.total if highest is None else max(highest, sample.total)
            yield Point(sample, sample.total - highest)

    def since(self, minute: int) -> Sequence[Sample]:
        """The points of `minute` and later."""
        first = len(self.points)
        while first and self.points[first - 1].minute >= minute:
            first -= 1
        return self.points[first:]

    def _with_last(self) -> Iterator[Sample]:
        yield from self.points
        if self.points and self.last is not None and self.last.minute > self.points[-1].minute:
            yield self.last

    def _begin(self, sample: Sample) -> None:
        """Before anything was made there was nothing."""
        before = Sample(_start(sample.at) - _MINUTE, ZERO, ZERO)
        self.points.append(before)
        self._measure(before)

    def _draw(self, sample: Sample) -> None:
        newest = self.points[-1]
        if newest.minute == sample.minute:
            self.points[-1] = sample
            return
        if newest.minute < sample.minute - 1:
            at = _start(sample.at) - _MINUTE
            self.points.append(Sample(at, newest.realised, newest.unrealised))
        self.points.append(sample)

    def _measure(self, sample: Sample) -> None:
        total = sample.total
        if self._highest is None or total > self._highest.total:
            self._highest = Height(total, sample.at)
        if self._lowest is None or total < self._lowest.total:
            self._lowest = Height(total, sample.at)
        self._max_drawdown = min(self._max_drawdown, total - self._highest.total)


def _start(at: datetime) -> datetime:
    """Of the minute."""
    return at.replace(second=0, microsecond=0)
