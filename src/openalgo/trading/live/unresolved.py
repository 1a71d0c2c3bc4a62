"""Orders of which nobody found out what became of them, and the word of their owner on it."""

from collections.abc import Callable

import structlog

from openalgo.domain.clock import Clock
from openalgo.domain.errors import NotFound, OpenAlgoError
from openalgo.domain.events import Event
from openalgo.domain.live_orders import Outcome, SentOrder, SentState
from openalgo.observability.health import Health
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.matching import NEVER_ARRIVED
from openalgo.trading.live.sending import tell

log = structlog.get_logger(__name__)


class ReferenceNotFound(NotFound):
    code = "reference_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(f"No order of this account has the reference {reference}")


class NotUnresolved(OpenAlgoError):
    """Somebody knows by now, or will in a moment."""

    code = "not_unresolved"
    status = 409


class UnresolvedOrders:
    """What stays unknown: where no tag comes back two orders may look alike, and books of brokers
    are of one day. Only somebody who has looked at the broker can tell then."""

    def __init__(self, journal: Journal, clock: Clock, publish: Callable[[Event], None]) -> None:
        """`publish` hears what an order was settled as."""
        self._journal = journal
        self._clock = clock
        self._publish = publish

    def of(self, account_id: int) -> list[SentOrder]:
        """Those of the account, oldest first; what was sent a minute ago may still be found."""
        return [order for order in self._journal.open(account_id) if self._may_settle(order)]

    async def settle(
        self, account_id: int, reference: str, *, order_id: str | None, by: str
    ) -> SentOrder:
        """The order arrived and the broker calls it `order_id`, or with `None` it never arrived.

        Written down with the order, with the name of who said so. Raises `ReferenceNotFound`,
        `NotUnresolved`, `StorageUnavailable`.
        """
        sent = await self._journal.by_tag(account_id, reference)
        if sent is None:
            raise ReferenceNotFound(reference)
        if not sent.state.is_open:
            raise NotUnresolved(f"The order {reference} is settled: it was {sent.state}")
        if not self._may_settle(sent):
            raise NotUnresolved(f"The order {reference} is being found out about. Try again soon.")
        if order_id is not None:
            other = self._journal.named(account_id, order_id=order_id)
            if other is not None:
                raise NotUnresolved(f"The broker's {order_id} is our order {other.tag}")
        now = self._clock.now()
        if order_id is None:
            outcome = Outcome(
                state=SentState.REJECTED,
                code="order_never_arrived",
                status=502,
                message=f"The order never arrived at the broker, says {by}. It may be sent anew.",
                resolved_at=now,
            )
        else:
            outcome = Outcome(
                state=SentState.ACCEPTED,
                order_id=order_id,
                message=f"Found at the broker by {by}",
                resolved_at=now,
            )
        settled = await self._journal.resolve(sent, outcome)
        log.warning(
            "an order was settled by hand",
            account=account_id,
            reference=reference,
            state=str(outcome.state),
            order_id=order_id,
            by=by,
        )
        tell(settled, self._clock, self._publish)
        return settled

    def health(self) -> Health:
        count = sum(len(self.of(account_id)) for account_id in self._journal.accounts())
        if not count:
            return Health("pass")
        return Health("warn", f"orders with an unknown outcome: {count}")

    def _may_settle(self, order: SentOrder) -> bool:
        return order.sent_at + NEVER_ARRIVED <= self._clock.now()
