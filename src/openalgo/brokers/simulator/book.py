"""Order books: what stands around the last price at one step of the market."""

from dataclasses import dataclass

import numpy as np

from openalgo.brokers.simulator import chance
from openalgo.brokers.simulator.chance import Ints, Key
from openalgo.brokers.simulator.hours import STEPS
from openalgo.domain.market import Level
from openalgo.domain.numbers import PX_SCALE, Px

LEVELS = 20

_PLACES = 64
"""Positions of the sequence that belong to one step."""
_SELL = LEVELS
_ASIDE = 2 * LEVELS
_TOTALS = 1 << 40
_GROWTH = 0.1
"""How much more each level may hold than the one before, as a part of the first."""
_MOST = LEVELS + _GROWTH * LEVELS * (LEVELS - 1) / 2
_MOST_ORDERS = 24
_WIDEST_GAP = 4

# One number of the sequence makes a level: 16 bits for the quantity, 16 for the gap to the level
# before, 16 for the orders.
_SHARE_BITS = 16
_SHARE_UNIT = 2.0**-_SHARE_BITS
_BOTH_SIDES = chance.stride(2 * LEVELS)
_FACTORS = 1 + _GROWTH * np.arange(LEVELS)


@dataclass(frozen=True, slots=True)
class Best:
    """Best prices in ticks (0 for a side with nobody on it) and their quantities in units."""

    bid: int
    ask: int
    bid_quantity: int
    ask_quantity: int


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """The book of one instrument. `size` is how many lots a level usually holds at most, `spread`
    the usual distance of bid and ask as a part of the price."""

    key: Key
    tick: Px
    lot: int
    size: float
    spread: float

    def best(self, minute: int, step: int, last: int) -> Best:
        """The best prices while `last` (ticks) is the last price: one of them is nearest to it."""
        first = self._first(minute, step)
        width = self._width(last)
        below = (width + (chance.bits(self.key, first + _ASIDE) & 1)) // 2
        bid = last - below
        ask = max(bid + width, last)
        return Best(
            bid=max(bid, 0),
            ask=ask,
            bid_quantity=self._quantity(first) if bid > 0 else 0,
            ask_quantity=self._quantity(first + _SELL),
        )

    def levels(
        self, minute: int, step: int, last: int
    ) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """Buyers and sellers, best first, 20 a side; fewer buyers where prices would end."""
        best = self.best(minute, step, last)
        hashes = chance.bits_from(self.key, self._first(minute, step), _BOTH_SIDES)
        parts = hashes.astype("<u8", copy=False).view("<u2").reshape(2, LEVELS, 4)
        share = parts[..., 0] * _SHARE_UNIT
        room = 1 + (share * share * self.size * _FACTORS).astype(np.int64)
        gaps = 1 + parts[..., 1] % np.uint16(min(self._width(last), _WIDEST_GAP))
        gaps[:, 0] = 0
        away = np.cumsum(gaps, axis=1, dtype=np.int64)
        orders = np.minimum(1 + parts[..., 2] % np.uint16(_MOST_ORDERS), room)
        quantities = room * self.lot
        return (
            self._side(best.bid - away[0], quantities[0], orders[0]) if best.bid else (),
            self._side(best.ask + away[1], quantities[1], orders[1]),
        )

    def totals(self, minute: int) -> tuple[int, int]:
        """All that stands to buy and to sell during `minute`, shown levels and beyond, in units."""
        buy, sell = (chance.uniform(self.key, _TOTALS + 2 * minute + side) for side in (0, 1))
        least = LEVELS + 1
        return (
            (least + int(self.size * _MOST * (1 + buy))) * self.lot,
            (least + int(self.size * _MOST * (1 + sell))) * self.lot,
        )

    def _width(self, last: int) -> int:
        return max(1, int(last * self.spread))

    def _quantity(self, position: int) -> int:
        bits = chance.bits(self.key, position)
        share = (bits & ((1 << _SHARE_BITS) - 1)) * _SHARE_UNIT
        return (1 + int(share * share * self.size)) * self.lot

    def _first(self, minute: int, step: int) -> int:
        return (minute * STEPS + step) * _PLACES

    def _side(self, prices: Ints, quantities: Ints, orders: Ints) -> tuple[Level, ...]:
        rupees = (prices * self.tick / PX_SCALE).tolist()
        rows = zip(rupees, quantities.tolist(), orders.tolist(), strict=True)
        return tuple([Level(*row) for row in rows if row[0] > 0])
