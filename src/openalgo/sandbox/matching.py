"""Marks, and the orders of one instrument waiting for one."""

import heapq
from datetime import datetime

import msgspec

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Quote, Tick
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, Order, PriceType

NEVER_BELOW = Px(0)
NEVER_ABOVE = Px(2**62)

_Entry = tuple[int, int, Order]
"""Limit (negated for buys), arrival number, order: a heap keeps price-time priority."""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The market in one instrument at one instant; `bid` and `ask` are 0 where unknown."""

    ltp: Px
    bid: Px
    ask: Px
    at: datetime

    @classmethod
    def of(cls, source: Tick | Quote, instrument: Instrument, at: datetime) -> "Mark":
        tick = instrument.tick_size
        return cls(
            px(source.ltp, tick), px(source.bid or 0.0, tick), px(source.ask or 0.0, tick), at
        )

    def age(self, now: datetime) -> float:
        """Seconds of market time since the mark was made."""
        return (now - self.at).total_seconds()

    def taker_price(self, action: Action) -> Px:
        """What an order that takes liquidity gets: the far side of the book, else the ltp."""
        return (self.ask if action is Action.BUY else self.bid) or self.ltp


def limit_of(order: Order) -> Px:
    """The worst price the order accepts."""
    if order.price_type is PriceType.MARKET:
        return NEVER_ABOVE if order.action is Action.BUY else NEVER_BELOW
    return order.price


def crosses(order: Order, ltp: Px) -> bool:
    """Whether the market at `ltp` fills the order (touching the limit is enough)."""
    return ltp <= limit_of(order) if order.action is Action.BUY else ltp >= limit_of(order)


class Book:
    """The working orders of one instrument in price-time priority, and its latest mark.

    `best_buy` and `best_sell` are the prices at which a tick would fill something; a tick between
    them costs two comparisons.
    """

    __slots__ = (
        "_arrivals",
        "_buys",
        "_live",
        "_sells",
        "best_buy",
        "best_sell",
        "instrument",
        "mark",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.mark: Mark | None = None
        self.best_buy = NEVER_BELOW
        self.best_sell = NEVER_ABOVE
        self._arrivals = 0
        self._live: dict[str, int] = {}
        self._buys: list[_Entry] = []
        self._sells: list[_Entry] = []

    def __len__(self) -> int:
        return len(self._live)

    def add(self, order: Order) -> None:
        """Queue `order` behind the others at its price."""
        self._arrivals += 1
        self._live[order.order_id] = self._arrivals
        limit = limit_of(order)
        if order.action is Action.BUY:
            heapq.heappush(self._buys, (-limit, self._arrivals, order))
            self.best_buy = max(self.best_buy, limit)
        else:
            heapq.heappush(self._sells, (limit, self._arrivals, order))
            self.best_sell = min(self.best_sell, limit)

    def remove(self, order_id: str) -> None:
        """Forget an order; it need not be here."""
        if self._live.pop(order_id, None) is None:
            return
        self._drop_dead(self._buys)
        self._drop_dead(self._sells)
        self.best_buy = Px(-self._buys[0][0]) if self._buys else NEVER_BELOW
        self.best_sell = Px(self._sells[0][0]) if self._sells else NEVER_ABOVE

    def touched_by(self, ltp: Px) -> bool:
        """Whether the market at `ltp` fills at least one order."""
        return bool(self._live) and (ltp <= self.best_buy or ltp >= self.best_sell)

    def next_at(self, ltp: Px) -> Order | None:
        """The order that fills first at `ltp`: buys before sells, best price, then oldest."""
        if self._buys and ltp <= self.best_buy:
            return self._buys[0][2]
        if self._sells and ltp >= self.best_sell:
            return self._sells[0][2]
        return None

    def _drop_dead(self, side: list[_Entry]) -> None:
        while side and self._live.get(side[0][2].order_id) != side[0][1]:
            heapq.heappop(side)
