"""Sending orders and GTTs to a broker: written down, sent once, written down again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from msgspec.structs import replace

from openalgo.domain.clock import Clock
from openalgo.domain.errors import (
    BrokerOutcomeUnknown,
    BrokerRejected,
    IdempotencyConflict,
    InvalidRequest,
    NotSent,
    OpenAlgoError,
    OrderRefused,
    OrderUnresolved,
    OutcomeUnknown,
    StorageUnavailable,
)
from openalgo.domain.events import Event, OutcomeReported
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import Outcome, SentOrder, SentState
from openalgo.trading.live.journal import Journal
from openalgo.trading.locks import KeyedLocks

log = structlog.get_logger(__name__)

C = TypeVar("C")

_FINAL = (BrokerRejected, OrderRefused, InvalidRequest)
"""What asking again would be answered with once more."""


class Sender:
    """The sends of one account. Whoever is cancelled while sending loses the broker's answer, so
    run it `Undisturbed`."""

    def __init__(
        self,
        account_id: int,
        journal: Journal,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        tag_length: int | None,
        accepted: Callable[[SentOrder, str], None] = lambda _, __: None,
    ) -> None:
        """`tag_length` is how long a tag the broker takes, `None` for one that takes none.
        `accepted` hears of everything the broker took and what it calls it, once it is stored."""
        self._account_id = account_id
        self._journal = journal
        self._clock = clock
        self._publish = publish
        self._tag_length = tag_length
        self._accepted = accepted
        self._names: KeyedLocks[str] = KeyedLocks()
        self.under_way: dict[int, SentOrder] = {}

    async def send(
        self,
        intent: PlaceOrder | PlaceGtt,
        connect: Callable[[], C],
        place: Callable[[C, str], Awaitable[str]],
        *,
        cause: str,
    ) -> SentOrder:
        """What was sent for `intent`, accepted by the broker, now or when it was first asked for.

        `place` sends it once, with a tag, and returns the broker's id. Raises what `connect`
        raises; what the broker refused it with; `OrderUnresolved`, `IdempotencyConflict`,
        `StorageUnavailable`. An intent without a client id is sent whenever it is asked for.
        """
        name = intent.client_order_id
        if name is None:
            return await self._new(intent, connect, place, cause)
        async with self._names.hold([name]):
            earlier = await self._journal.find(self._account_id, name)
            if earlier is None:
                return await self._new(intent, connect, place, cause)
            if earlier.fingerprint != intent.fingerprint():
                raise IdempotencyConflict
            return await self._repeated(earlier, connect, place)

    async def _new(
        self,
        intent: PlaceOrder | PlaceGtt,
        connect: Callable[[], C],
        place: Callable[[C, str], Awaitable[str]],
        cause: str,
    ) -> SentOrder:
        connection = connect()
        sent = await self._journal.intend(
            self._account_id, intent, tag_length=self._tag_length, cause=cause
        )
        return await self._send(sent, connection, place)

    async def _repeated(
        self,
        earlier: SentOrder,
        connect: Callable[[], C],
        place: Callable[[C, str], Awaitable[str]],
    ) -> SentOrder:
        match earlier.state:
            case SentState.ACCEPTED:
                return earlier
            case SentState.REJECTED:
                raise earlier.refusal()
            case SentState.NOT_SENT:
                connection = connect()
                return await self._send(await self._journal.again(earlier), connection, place)
        raise OrderUnresolved(reference=earlier.tag)

    async def _send(
        self, sent: SentOrder, connection: C, place: Callable[[C, str], Awaitable[str]]
    ) -> SentOrder:
        self.under_way[sent.id] = sent
        try:
            failure: OpenAlgoError | None = None
            order_id: str | None = None
            try:
                order_id = await place(connection, sent.tag if self._tag_length else "")
            except OpenAlgoError as error:
                failure = error
            except Exception:
                log.exception("sending an order failed unexpectedly", reference=sent.tag)
                failure = OutcomeUnknown()
            if failure is None and not order_id:
                failure = BrokerOutcomeUnknown()
            return await self._answered(sent, order_id, failure)
        finally:
            del self.under_way[sent.id]

    async def _answered(
        self, sent: SentOrder, order_id: str | None, failure: OpenAlgoError | None
    ) -> SentOrder:
        """Write down what came of `sent`; raise it, if nothing stands for sure."""
        now = self._clock.now()
        if failure is None:
            accepted = Outcome(state=SentState.ACCEPTED, order_id=order_id, resolved_at=now)
            try:
                sent = await self._journal.resolve(sent, accepted)
            except StorageUnavailable as error:
                log.error("an accepted order could not be written down", reference=sent.tag)
                raise OrderUnresolved(
                    f"The broker took the order as {order_id}, but that could not be stored. Do "
                    "not send it again: it is in the order book.",
                    reference=sent.tag,
                    order_id=order_id,
                ) from error
            self._accepted(sent, order_id or "")
            return sent
        state = _state_after(failure)
        if state is SentState.UNKNOWN:
            failure = _unresolved(failure, sent)
        outcome = Outcome.of(state, failure, now)
        sent = replace(sent, outcome=outcome)
        try:
            await self._journal.resolve(sent, outcome)
        except StorageUnavailable:
            log.warning("a refusal could not be written down", reference=sent.tag)
        if state is SentState.UNKNOWN:
            log.warning("the outcome of an order is unknown", reference=sent.tag)
            tell(sent, self._clock, self._publish)
        raise failure


def tell(sent: SentOrder, clock: Clock, publish: Callable[[Event], None]) -> None:
    """Let whoever listens know what is known of an unanswered order."""
    publish(
        OutcomeReported(
            account_id=sent.account_id,
            at=clock.now(),
            cause=sent.cause,
            reference=sent.tag,
            client_order_id=sent.client_order_id,
            state=str(sent.state),
            order_id=sent.order_id,
            message=sent.outcome.message,
        )
    )


def _state_after(failure: OpenAlgoError) -> SentState:
    """What is known of an order after `failure`: only `OutcomeUnknown` leaves it open."""
    if isinstance(failure, OutcomeUnknown):
        return SentState.UNKNOWN
    if isinstance(failure, _FINAL) and not isinstance(failure, NotSent):
        return SentState.REJECTED
    return SentState.NOT_SENT


def _unresolved(failure: OpenAlgoError, sent: SentOrder) -> OrderUnresolved:
    if not isinstance(failure, BrokerOutcomeUnknown):
        return OrderUnresolved(reference=sent.tag)
    return OrderUnresolved(
        failure.message,
        reference=sent.tag,
        broker_status=failure.broker_status,
        broker_message=failure.broker_message,
    )
