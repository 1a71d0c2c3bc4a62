"""What becomes of approved orders after they were sent."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import Event, OrderNews
from openalgo.domain.orders import Order
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.records import PendingLeg, PendingOrder
from openalgo.trading.approvals.results import ended
from openalgo.trading.approvals.states import LegStatus
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.markets import Markets

log = structlog.get_logger(__name__)

Listen = Callable[[int, Callable[[Event], None]], Callable[[], None]]
"""Calls back with every event of an account, until the function it returns is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Followed:
    pending_id: int
    leg: PendingLeg


class Follower:
    """Tells the Action Center how approved orders end.

    An event is a hint that comes once; so whenever orders are added, the books are read too.
    """

    def __init__(self, book: PendingBook, steps: Steps, markets: Markets, listen: Listen) -> None:
        self._book = book
        self._steps = steps
        self._markets = markets
        self._listen = listen
        self._open: dict[tuple[int, str], _Followed] = {}
        self._stops: dict[int, Callable[[], None]] = {}
        self._news: asyncio.Queue[PendingOrder | Order] = asyncio.Queue()

    def follow(self, order: PendingOrder) -> None:
        """Watch the legs of `order` that still work. Returns at once."""
        account_id = order.account_id
        for leg in order.legs:
            if leg.status is LegStatus.OPEN and leg.order_id is not None:
                self._open[account_id, leg.order_id] = _Followed(pending_id=order.id, leg=leg)
                if account_id not in self._stops:
                    self._stops[account_id] = self._listen(account_id, self._hear)
        self._news.put_nowait(order)

    async def run(self) -> None:
        """Keep the states of approved orders true, until cancelled."""
        async for order in self._book.unsettled():
            self.follow(order)
        while True:
            news = await self._news.get()
            if isinstance(news, PendingOrder):
                await self._look(news)
            else:
                await self._settle(news)

    def _hear(self, event: Event) -> None:
        if not isinstance(event, OrderNews):
            return
        if (event.account_id, event.order.order_id) in self._open:
            self._news.put_nowait(event.order)

    async def _look(self, pending: PendingOrder) -> None:
        """What the books say of its orders, which may have ended before anybody listened."""
        followed = [id_ for id_ in pending.order_ids if (pending.account_id, id_) in self._open]
        for order_id in followed:
            try:
                venue = self._markets.resolve(pending.account_id)
                if venue.mode is not pending.mode:
                    break
                order = await venue.order(pending.account_id, order_id)
            except OpenAlgoError as error:
                log.warning("an approved order cannot be read", order_id=order_id, why=error.code)
            else:
                await self._settle(order)
        await self._steps.settle(pending.account_id, pending.id, None)

    async def _settle(self, order: Order) -> None:
        name = order.account_id, order.order_id
        followed = self._open.get(name)
        if followed is None or (leg := ended(followed.leg, order)) is None:
            return
        await self._steps.settle(order.account_id, followed.pending_id, leg)
        self._open.pop(name, None)
        if not any(account_id == order.account_id for account_id, _ in self._open):
            self._stops.pop(order.account_id)()
