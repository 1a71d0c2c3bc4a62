"""Orders of which nobody found out what became of them, and the word of their owner on it."""

from collections.abc import Callable

import structlog

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import NotFound, OpenAlgoError, OrderNotFound
from openalgo.domain.events import Event
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import Outcome, SentOrder, SentState
from openalgo.observability.health import Health
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.matching import NEVER_ARRIVED
from openalgo.trading.live.sending import tell
from openalgo.trading.venues import Venue

log = structlog.get_logger(__name__)


class ReferenceNotFound(NotFound):
    code = "reference_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(f"No order of this account has the reference {reference}")


class NotUnresolved(OpenAlgoError):
    """Somebody knows by now, or will in a moment."""

    code = "not_unresolved"
    status = 409


class AnotherOrder(OpenAlgoError):
    """The broker has the order it was said to be, and it is not that one; or has none."""

    code = "another_order"
    status = 409


class UnresolvedOrders:
    """What stays unknown: where no tag comes back two orders may look alike, and books of brokers
    are of one day. Only somebody who has looked at the broker can tell then."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        publish: Callable[[Event], None],
        venue_of: Callable[[int], Venue | None] = lambda _: None,
    ) -> None:
        """`publish` hears what an order was settled as. `venue_of` is an account's broker."""
        self._journal = journal
        self._clock = clock
        self._publish = publish
        self._venue_of = venue_of

    def of(self, account_id: int) -> list[SentOrder]:
        """Those of the account, oldest first; what was sent a minute ago may still be found."""
        return [order for order in self._journal.open(account_id) if self._may_settle(order)]

    async def settle(
        self, account_id: int, reference: str, *, order_id: str | None, by: str
    ) -> SentOrder:
        """The order arrived and the broker calls it `order_id`, or with `None` it never arrived.

        Written down with the order, with the name of who said so. Raises `ReferenceNotFound`,
        `NotUnresolved`, `StorageUnavailable`; `AnotherOrder` where the broker knows better.
        """
        sent = await self._unresolved(account_id, reference)
        if order_id is not None:
            self._check_free(account_id, order_id)
            await self._look_for(sent, order_id)
            # Either may have been found out about meanwhile.
            sent = await self._unresolved(account_id, reference)
            self._check_free(account_id, order_id)
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

    async def _unresolved(self, account_id: int, reference: str) -> SentOrder:
        """The order, of which nobody knows what became of it. Raises if somebody does."""
        sent = await self._journal.by_tag(account_id, reference)
        if sent is None:
            raise ReferenceNotFound(reference)
        if not sent.state.is_open:
            raise NotUnresolved(f"The order {reference} is settled: it was {sent.state}")
        if not self._may_settle(sent):
            raise NotUnresolved(f"The order {reference} is being found out about. Try again soon.")
        return sent

    def _check_free(self, account_id: int, order_id: str) -> None:
        """Raises `NotUnresolved` if the broker's order of this id is known to be another one."""
        other = self._journal.named(account_id, order_id=order_id)
        if other is not None:
            raise NotUnresolved(f"The broker's {order_id} is our order {other.tag}")

    async def _look_for(self, sent: SentOrder, order_id: str) -> None:
        """Ask the broker for the order, while its book may hold it: books are of one day. Its owner
        is taken at their word where it cannot be asked. Raises `AnotherOrder`."""
        venue, wanted = self._venue_of(sent.account_id), sent.intent
        today = session_date(self._clock.now())
        if (
            venue is None
            or not isinstance(wanted, PlaceOrder)
            or session_date(sent.sent_at) != today
        ):
            return
        try:
            found = await venue.order(sent.account_id, order_id)
        except OrderNotFound:
            raise AnotherOrder(f"The broker has no order {order_id} today") from None
        except OpenAlgoError as error:
            log.warning("the broker could not be asked for an order", error=error.message)
            return
        said = (found.key, found.action, found.product)
        if said != (wanted.key, wanted.action, wanted.product):
            raise AnotherOrder(
                f"The broker's {order_id} is another order: {found.action} {found.symbol} "
                f"({found.exchange}, {found.product})"
            )

    def health(self) -> Health:
        count = sum(len(self.of(account_id)) for account_id in self._journal.accounts())
        if not count:
            return Health("pass")
        return Health("warn", f"orders with an unknown outcome: {count}")

    def _may_settle(self, order: SentOrder) -> bool:
        return order.sent_at + NEVER_ARRIVED <= self._clock.now()
