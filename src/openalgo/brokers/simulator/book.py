"""Order books: what stands around the last price at one step of the market."""

from dataclasses import dataclass

import numpy as np

from openalgo.brokers.simulator import chance
from openalgo.brokers.simulator.chance import Key
from openalgo.brokers.simulator.hours import STEPS
from openalgo.domain.market import Level
from openalgo.domain.numbers import PX_SCALE, Px

LEVELS = 20

_GROWTH = 0.1
"""How much more each level may hold than the one before, as a part of the first."""
_GROWN = tuple(1 + _GROWTH * number for number in range(LEVELS))
_MOST_ORDERS = 24
_WIDEST_GAP = 4
_TOTALS = 1 << 40

# All books are windows into one table of levels: making 40 numbers for every book of a feed would
# cost more than everything else about it. One hash says where the two sides begin.
_TABLE_BITS = 12
_TABLE_MASK = (1 << _TABLE_BITS) - 1
_SELL_SHIFT = 20
_ASIDE_SHIFT = 40


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
        bits = chance.bits(self.key, minute * STEPS + step)
        bid, ask = self._prices(bits, last)
        return Best(
            bid=bid,
            ask=ask,
            bid_quantity=self._quantity(bits & _TABLE_MASK) if bid else 0,
            ask_quantity=self._quantity(bits >> _SELL_SHIFT & _TABLE_MASK),
        )

    def levels(
        self, minute: int, step: int, last: int
    ) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """Buyers and sellers, best first, 20 a side; fewer buyers where prices would end."""
        bits = chance.bits(self.key, minute * STEPS + step)
        bid, ask = self._prices(bits, last)
        widest = min(self._width(last), _WIDEST_GAP)
        return (
            self._side(bid, -1, widest, bits & _TABLE_MASK) if bid else (),
            self._side(ask, 1, widest, bits >> _SELL_SHIFT & _TABLE_MASK),
        )

    def totals(self, minute: int) -> tuple[int, int]:
        """All that stands to buy and to sell during `minute`, shown levels and beyond, in units."""
        buy, sell = (chance.uniform(self.key, _TOTALS + 2 * minute + side) for side in (0, 1))
        least = LEVELS + 1
        return (
            (least + int(self.size * sum(_GROWN) * (1 + buy))) * self.lot,
            (least + int(self.size * sum(_GROWN) * (1 + sell))) * self.lot,
        )

    def _prices(self, bits: int, last: int) -> tuple[int, int]:
        """Best bid, 0 if there is none, and ask."""
        width = self._width(last)
        bid = last - (width + (bits >> _ASIDE_SHIFT & 1)) // 2
        return max(bid, 0), max(bid + width, last)

    def _width(self, last: int) -> int:
        return max(1, int(last * self.spread))

    def _quantity(self, place: int) -> int:
        return (1 + int(_TABLE[place][0] * self.size)) * self.lot

    def _side(self, price: int, direction: int, widest: int, place: int) -> tuple[Level, ...]:
        lot, size, tick = self.lot, self.size, self.tick
        levels = []
        price -= direction * (1 + _TABLE[place][1] % widest)
        for (share, gap, orders), grown in zip(_TABLE[place : place + LEVELS], _GROWN, strict=True):
            price += direction * (1 + gap % widest)
            if price <= 0:
                break
            lots = 1 + int(share * size * grown)
            levels.append(Level(price * tick / PX_SCALE, lots * lot, min(orders, lots)))
        return tuple(levels)


def _table() -> list[tuple[float, int, int]]:
    """Levels: the part of the usual most that one holds, its gap to the one before, and its
    orders."""
    key = chance.key_of(0, "levels")
    bits = chance.many_bits(key, np.arange(_TABLE_MASK + 1 + LEVELS)).tolist()
    return [
        (((number & 0xFFFF) / 0x10000) ** 2, number >> 16 & 0xFF, 1 + (number >> 24) % _MOST_ORDERS)
        for number in bits
    ]


_TABLE = _table()
