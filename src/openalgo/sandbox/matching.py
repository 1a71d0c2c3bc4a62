"""Marks, and what waits in one instrument for one."""

import heapq
from datetime import datetime
from typing import NamedTuple

import msgspec

from openalgo.domain.gtt import Gtt, TriggerSide
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Quote, Tick
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, Order, OrderStatus

NEVER_BELOW = Px(0)
NEVER_ABOVE = Px(2**62)

# A heap may hold this many entries nobody waits for any more, beyond as many as are live.
_DEAD_ALLOWED = 64


class Waiting(NamedTuple):
    """An order or GTT, by its id, in the heap of its side.

    `rank` is the price it waits for, negated where the market has to fall to it, so that a heap
    gives first what the market reaches first, and at one price what came first.
    """

    rank: int
    arrival: int
    account_id: int
    id: str


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


def takes_market(order: Order) -> bool:
    """Whether the order, once it is open, trades at any price."""
    return not order.price_type.takes_price


def limit_of(order: Order) -> Px:
    """The worst price the order accepts."""
    if takes_market(order):
        return NEVER_ABOVE if order.action is Action.BUY else NEVER_BELOW
    return order.price


def crosses(order: Order, ltp: Px) -> bool:
    """Whether the market at `ltp` fills the open order (touching the limit is enough)."""
    return ltp <= limit_of(order) if order.action is Action.BUY else ltp >= limit_of(order)


def triggers(order: Order, ltp: Px) -> bool:
    """Whether the market at `ltp` has reached the trigger of a stop (touching it is enough)."""
    buying = order.action is Action.BUY
    return ltp >= order.trigger_price if buying else ltp <= order.trigger_price


class Book:
    """What waits in one instrument, and its latest mark.

    Limit buys, selling stops and GTTs below the market wait for it to fall; limit sells, buying
    stops and GTTs above wait for it to rise. At `falls_to` or below, and at `rises_to` or above,
    a tick touches something; one in between costs two comparisons. `holders` counts the positions
    and holdings in the instrument, and `was_needed` is for whoever follows `is_needed`.
    """

    __slots__ = (
        "_falling",
        "_live",
        "_rising",
        "falls_to",
        "holders",
        "instrument",
        "mark",
        "rises_to",
        "was_needed",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.mark: Mark | None = None
        self.falls_to = NEVER_BELOW
        self.rises_to = NEVER_ABOVE
        self.holders = 0
        self.was_needed = False
        self._live: dict[str, int] = {}
        self._falling: list[Waiting] = []
        self._rising: list[Waiting] = []

    def __len__(self) -> int:
        return len(self._live)

    @property
    def is_needed(self) -> bool:
        """Whether something waits in the instrument or is held."""
        return bool(self._live or self.holders)

    def add(self, order: Order) -> None:
        """Let a working order wait. One whose `arrival` is the known one keeps its place."""
        if self._live.get(order.order_id) == order.arrival:
            return
        self._live[order.order_id] = order.arrival
        buying = order.action is Action.BUY
        if order.status is OrderStatus.TRIGGER_PENDING:
            falling, price = not buying, order.trigger_price
        else:
            falling, price = buying, limit_of(order)
        self._push(falling, price, order.arrival, order.account_id, order.order_id)
        self._refresh()

    def add_gtt(self, gtt: Gtt) -> None:
        """Let the triggers of an active GTT wait, in the place of what they were before."""
        self._live[gtt.trigger_id] = gtt.arrival
        for trigger in gtt.triggers:
            falling = trigger.side is TriggerSide.BELOW
            self._push(falling, trigger.trigger_price, gtt.arrival, gtt.account_id, gtt.trigger_id)
        self._refresh()

    def remove(self, id_: str) -> None:
        """Forget an order or GTT; it need not be here."""
        if self._live.pop(id_, None) is not None:
            self._refresh()

    def touched_by(self, ltp: Px) -> bool:
        """Whether the market at `ltp` fills, triggers or fires something."""
        return bool(self._live) and (ltp <= self.falls_to or ltp >= self.rises_to)

    def next_at(self, ltp: Px) -> Waiting | None:
        """What the market at `ltp` reaches first: in falling before in rising, and at one price
        what came first."""
        if self._falling and ltp <= self.falls_to:
            return self._falling[0]
        if self._rising and ltp >= self.rises_to:
            return self._rising[0]
        return None

    def _push(self, falling: bool, price: Px, arrival: int, account_id: int, id_: str) -> None:
        heap = self._falling if falling else self._rising
        if len(heap) > 2 * len(self._live) + _DEAD_ALLOWED:
            heap[:] = [waiting for waiting in heap if self._is_live(waiting)]
            heapq.heapify(heap)
        rank = -price if falling else price
        heapq.heappush(heap, Waiting(rank, arrival, account_id, id_))

    def _refresh(self) -> None:
        for heap in (self._falling, self._rising):
            while heap and not self._is_live(heap[0]):
                heapq.heappop(heap)
        self.falls_to = Px(-self._falling[0].rank) if self._falling else NEVER_BELOW
        self.rises_to = Px(self._rising[0].rank) if self._rising else NEVER_ABOVE

    def _is_live(self, waiting: Waiting) -> bool:
        return self._live.get(waiting.id) == waiting.arrival
