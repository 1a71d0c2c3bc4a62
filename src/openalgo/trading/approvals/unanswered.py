"""What became of approved orders whose broker did not answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from openalgo.domain.clock import Clock
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.live_orders import SentOrder, SentState
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.records import PendingLeg, PendingOrder
from openalgo.trading.approvals.states import LegStatus
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.venues import VenueMode

log = structlog.get_logger(__name__)

_EVERY = timedelta(seconds=5)
_LOOKED_AT_FOR = timedelta(days=1)
"""A broker's books are of one day: what they have not told by then, they never will."""
_NOT_SENT = "Not sent: OpenAlgo stopped before it came to this order"


class SentOrders(Protocol):
    """The journal of what was sent to brokers."""

    async def of_request(self, account_id: int, client_order_id: str) -> list[SentOrder]: ...


class Unanswered:
    """Takes what the journal finds out into the Action Center. Sends nothing."""

    def __init__(
        self,
        book: PendingBook,
        steps: Steps,
        sent: SentOrders,
        clock: Clock,
        follow: Callable[[PendingOrder], None],
    ) -> None:
        self._book = book
        self._steps = steps
        self._sent = sent
        self._clock = clock
        self._follow = follow

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except OpenAlgoError as error:
                log.warning("unanswered approvals cannot be read", why=error.code)
            await self._clock.sleep_until(self._clock.now() + _EVERY)

    async def look(self) -> None:
        """Settle what can be settled. Raises `StorageUnavailable`."""
        since = self._clock.now() - _LOOKED_AT_FOR
        for order in await self._book.unanswered():
            at_a_broker = order.mode is VenueMode.LIVE
            if at_a_broker and order.executed_at is not None and order.executed_at >= since:
                await self._settle(order)

    async def _settle(self, order: PendingOrder) -> None:
        sent = await self._sent.of_request(order.account_id, order.client_order_id)
        by_number = {_number_of(each): each for each in sent}
        if not by_number.keys() <= {leg.number for leg in order.legs}:
            # It was planned anew when it ran, so the legs are not those that were sent.
            return
        legs = [_known(leg, by_number.get(leg.number)) for leg in order.legs]
        if tuple(legs) == order.legs:
            return
        settled = await self._steps.answer(order, legs)
        if settled is not None:
            self._follow(settled)


def _number_of(sent: SentOrder) -> int:
    """Which leg of its request an order is: `ac-4:2` is the third."""
    _, _, number = (sent.client_order_id or "").partition(":")
    return int(number or 0)


def _known(leg: PendingLeg, sent: SentOrder | None) -> PendingLeg:
    if leg.status is not LegStatus.UNKNOWN:
        return leg
    if sent is None:
        return replace(leg, status=LegStatus.REFUSED, code="not_sent", message=_NOT_SENT)
    if sent.state.is_open:
        return leg
    outcome = sent.outcome
    if sent.state is SentState.ACCEPTED:
        return replace(leg, status=LegStatus.OPEN, order_id=outcome.order_id, code="", message="")
    return replace(leg, status=LegStatus.REFUSED, code=outcome.code, message=outcome.message)
