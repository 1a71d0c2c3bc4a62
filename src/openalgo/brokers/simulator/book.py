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
_LARGEST_ORDER_COUNT = 24
_WIDEST_GAP = 4

_NUMBERS = np.arange(LEVELS, dtype=np.int64)
_BOTH = np.arange(2 * LEVELS, dtype=np.int64)
_FACTORS = 1 + _GROWTH * _NUMBERS
_QUANTITY_BITS = 24
_GAP_SHIFT = 40
_ORDER_SHIFT = 48


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
        hashes = chance.many_bits(self.key, _BOTH + self._first(minute, step))
        share = (hashes & np.uint64((1 << _QUANTITY_BITS) - 1)) / np.float64(1 << _QUANTITY_BITS)
        room = (share * share * self.size).reshape(2, LEVELS) * _FACTORS
        quantities = (1 + room.astype(np.int64)) * self.lot
        gap_bits = (hashes >> np.uint64(_GAP_SHIFT)).astype(np.int64) & 0xFF
        gaps = 1 + (gap_bits % min(self._width(last), _WIDEST_GAP)).reshape(2, LEVELS)
        gaps[:, 0] = 0
        away = np.cumsum(gaps, axis=1)
        order_bits = (hashes >> np.uint64(_ORDER_SHIFT)).astype(np.int64)
        orders = 1 + (order_bits % _LARGEST_ORDER_COUNT).reshape(2, LEVELS)
        orders = np.minimum(orders, quantities // self.lot)
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
        share = (bits & ((1 << _QUANTITY_BITS) - 1)) / (1 << _QUANTITY_BITS)
        return (1 + int(share * share * self.size)) * self.lot

    def _first(self, minute: int, step: int) -> int:
        return (minute * STEPS + step) * _PLACES

    def _side(self, prices: Ints, quantities: Ints, orders: Ints) -> tuple[Level, ...]:
        rupees = (prices * self.tick / PX_SCALE).tolist()
        rows = zip(rupees, quantities.tolist(), orders.tolist(), strict=True)
        return tuple([Level(*row) for row in rows if row[0] > 0])
