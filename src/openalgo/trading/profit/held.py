"""The positions of an account as its books showed them last, at the prices of now."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from openalgo.domain.market import InstrumentKey, Tick
from openalgo.domain.numbers import ZERO, money, px, px_decimal
from openalgo.domain.portfolio import MarkedPosition
from openalgo.domain.profit import Sample
from openalgo.instruments.slices import Slices

LastTick = Callable[[InstrumentKey], Tick | None]


class Held:
    """Rows of a book, each moved on by what its price has moved since it was read: never computed
    from the average anew, so the figures are those of the book."""

    def __init__(self, rows: Sequence[MarkedPosition], last: LastTick) -> None:
        """Ticks that were there already are not newer than the rows."""
        self._last = last
        self._rows = list(rows)
        self._seen = [last(row.position.instrument) for row in self._rows]
        self.is_open = any(row.position.quantity for row in self._rows)

    async def at_prices(self) -> list[MarkedPosition]:
        """The rows at the last prices."""
        slices = Slices()
        for number, row in enumerate(self._rows):
            if row.position.quantity:
                self._move(number, row)
            if slices.over:
                await slices.pause()
        return list(self._rows)

    def _move(self, number: int, row: MarkedPosition) -> None:
        tick = self._last(row.position.instrument)
        if tick is None or tick is self._seen[number] or tick.ltp <= 0:
            return
        self._seen[number] = tick
        ltp = px_decimal(px(tick.ltp))
        if ltp == row.ltp:
            return
        gain = (ltp - row.ltp) * row.position.quantity * row.multiplier
        self._rows[number] = replace(row, ltp=ltp, unrealised=row.unrealised + gain)


def sample_of(rows: Sequence[MarkedPosition], at: datetime) -> Sample:
    """What `rows` have made together."""
    realised = sum((row.realised_today for row in rows), ZERO)
    unrealised = sum((row.unrealised for row in rows), ZERO)
    return Sample(at, money(realised), money(unrealised))
