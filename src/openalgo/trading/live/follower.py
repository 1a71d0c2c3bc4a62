"""Keeping up with a broker: its order book, and what became of orders that were not answered."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from openalgo.brokers.adapter import Broker, Connection
from openalgo.brokers.rows import OrderRow
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import Clock
from openalgo.domain.errors import (
    BrokerSessionExpired,
    OpenAlgoError,
    OutcomeUnknown,
    StorageUnavailable,
)
from openalgo.domain.events import Event
from openalgo.domain.intents import PlaceGtt
from openalgo.domain.live_orders import Outcome, SentOrder, SentState
from openalgo.domain.waiting import until
from openalgo.trading.live.book import LiveBook
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.matching import Found, Missing, OrderBook, found_gtts, settled
from openalgo.trading.live.sending import Sender, tell

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)

_TOLD_WITHIN = timedelta(seconds=1)
"""An order younger than this is left to the broker's stream: where many fill as they come, the book
would be read all day for orders that have just ended, and it grows with every one of them."""

_NEVER_ARRIVED = (
    "The order never arrived at the broker, so nothing of it stands. It may be sent anew."
)


class Follower:
    """Reads the broker's order book while there is something to learn from it: when it was not read
    yet, while orders are unanswered or work for more than a moment, after `look`, and always where
    the broker does not tell of orders by itself. Sends nothing."""

    def __init__(
        self,
        account_id: int,
        broker: Broker,
        connect: Callable[[], Connection],
        journal: Journal,
        book: LiveBook,
        sender: Sender,
        clock: Clock,
        publish: Callable[[Event], None],
        *,
        every: timedelta = EVERY,
    ) -> None:
        self._account_id = account_id
        self._broker = broker
        self._connect = connect
        self._journal = journal
        self._book = book
        self._sender = sender
        self._clock = clock
        self._publish = publish
        self._every = every
        self._asked = asyncio.Event()
        self._failing = False

    def look(self) -> None:
        """Read the book soon: the stream was away, say."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._is_due:
                await self.follow()
            await self._pause()

    async def follow(self) -> None:
        """Look once. What prevents it is logged, and tried again the next time."""
        self._asked.clear()
        await self._interrupted()
        try:
            await self._look()
        except BrokerSessionExpired:
            # Nobody is logged in; the book is read again when somebody is.
            return
        except OpenAlgoError as error:
            if not self._failing:
                log.warning(
                    "the order book cannot be read", why=error.code, account=self._account_id
                )
            self._failing = True
            return
        self._failing = False

    @property
    def _is_due(self) -> bool:
        return (
            not self._book.was_read
            or self._asked.is_set()
            or not self._broker.info.order_updates
            or self._book.works_since(self._clock.now() - _TOLD_WITHIN)
            or bool(self._undecided())
        )

    async def _interrupted(self) -> None:
        """What an earlier process left on its way is unknown, and somebody should know."""
        for sent in self._journal.open(self._account_id):
            if sent.state is SentState.INTENDED and sent.id not in self._sender.under_way:
                unknown = Outcome(
                    state=SentState.UNKNOWN,
                    code=OutcomeUnknown.code,
                    status=OutcomeUnknown.status,
                    message="OpenAlgo stopped while this order was being sent",
                )
                await self._decide(sent, unknown)

    async def _look(self) -> None:
        connection = self._connect()
        asked_at = self._clock.now()
        rows = await self._broker.orders.orders(connection)
        # Before the book is: then events tell whose orders they are about.
        await self._settle_orders(rows, asked_at)
        await self._book.read(rows)
        await self._settle_gtts(connection)

    async def _settle_orders(self, rows: Sequence[OrderRow], asked_at: datetime) -> None:
        tag = self._broker.info.tag
        tags_returned = tag is not None and tag.returned
        if tags_returned:
            await self._recognise(rows)
        undecided = self._undecided(gtts=False)
        if not undecided:
            return
        book = OrderBook(
            rows=rows,
            asked_at=asked_at,
            claimed=self._claimed(),
            tags_returned=tags_returned,
        )
        for verdict in settled(undecided, self._sender.under_way.values(), book):
            match verdict:
                case Found(sent, order_id):
                    await self._decide(sent, self._accepted(order_id))
                case Missing(sent):
                    never = Outcome(
                        state=SentState.REJECTED,
                        code="order_never_arrived",
                        status=502,
                        message=_NEVER_ARRIVED,
                        resolved_at=self._clock.now(),
                    )
                    await self._decide(sent, never)

    async def _recognise(self, rows: Sequence[OrderRow]) -> None:
        """An order that was given up stands in the book after all: the book is right."""
        for row in rows:
            sent = self._journal.named(self._account_id, tag=row.tag) if row.tag else None
            if (
                sent is not None
                and sent.id not in self._sender.under_way
                and sent.state in (SentState.REJECTED, SentState.NOT_SENT)
            ):
                log.error("an order given up for lost is at the broker", reference=sent.tag)
                await self._decide(sent, self._accepted(row.order_id))

    async def _settle_gtts(self, connection: Connection) -> None:
        undecided = self._undecided(gtts=True)
        if not undecided or self._broker.gtt is None:
            return
        rows = await self._broker.gtt.gtts(connection)
        under_way = self._sender.under_way.values()
        for found in found_gtts(undecided, under_way, rows, self._claimed()):
            await self._decide(found.order, self._accepted(found.order_id))

    async def _decide(self, sent: SentOrder, outcome: Outcome) -> None:
        if not self._journal.is_current(sent):
            return
        try:
            await self._journal.resolve(sent, outcome)
        except StorageUnavailable:
            # Known to this process; stored as soon as that is possible.
            log.warning("the outcome of an order could not be stored", reference=sent.tag)
        log.info("the outcome of an order", reference=sent.tag, state=str(outcome.state))
        tell(replace(sent, outcome=outcome), self._clock, self._publish)

    def _accepted(self, order_id: str) -> Outcome:
        return Outcome(state=SentState.ACCEPTED, order_id=order_id, resolved_at=self._clock.now())

    def _undecided(self, *, gtts: bool | None = None) -> list[SentOrder]:
        """Orders not answered that the books of today can tell something of; with `gtts`, GTTs or
        plain orders only."""
        today = session_date(self._clock.now())
        return [
            sent
            for sent in self._journal.open(self._account_id)
            if sent.id not in self._sender.under_way
            and session_date(sent.sent_at) == today
            and gtts in (None, isinstance(sent.intent, PlaceGtt))
        ]

    def _claimed(self) -> set[str]:
        return {
            sent.order_id
            for sent in self._journal.sent_today(self._account_id)
            if sent.order_id is not None
        }

    async def _pause(self) -> None:
        """Until the next look is due or asked for."""
        await until(self._clock, self._clock.now() + self._every, self._asked)
