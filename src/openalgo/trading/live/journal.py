"""What was sent to brokers: written down before it leaves, and again when it is answered."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from openalgo.domain.calendar import session_date, session_start
from openalgo.domain.clock import Clock
from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import INTENDED, Outcome, SentOrder, SentState
from openalgo.persistence.main import live_orders
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.live.commits import Commits
from openalgo.trading.live.tags import new_site, tag_of

log = structlog.get_logger(__name__)

_UNTAGGED = 20
"""The length of a tag that no broker sees: it is a name all the same."""
_KEPT = timedelta(days=1)


class ClientIdTaken(Exception):
    """The account has sent something under this client id before."""


class Journal:
    """The journal of all accounts.

    Orders of this session day, and those whose outcome is open, are held in memory too. One process
    owns the store, so it numbers them. Everything that is awaited raises `StorageUnavailable`.
    """

    def __init__(self, main: Store, clock: Clock) -> None:
        self._main = main
        self._clock = clock
        self._commits = Commits(main)
        self._known: defaultdict[int, _Known] = defaultdict(_Known)
        self._last_id = 0
        self._site = ""
        self._unstored: dict[int, SentOrder] = {}
        self._storing = asyncio.Lock()

    async def load(self) -> None:
        """Read what an earlier process left. Before anything else."""
        since = session_start(session_date(self._clock.now()))
        with storage_errors():
            async with self._main.write() as tx:
                site = await live_orders.site(tx)
                if site is None:
                    site = new_site()
                    await live_orders.set_site(tx, site)
                self._last_id = await live_orders.last_id(tx)
                orders = await live_orders.recent(tx, since)
        self._site = site
        for order in orders:
            self._known[order.account_id].add(order)

    async def intend(
        self,
        account_id: int,
        intent: PlaceOrder | PlaceGtt,
        *,
        tag_length: int | None,
        cause: str,
    ) -> SentOrder:
        """Write down that `intent` is about to be sent. Survives a power cut when it returns.
        Raises `ClientIdTaken` when the account has used its client id before."""
        now = self._clock.now()
        self._last_id += 1
        order = SentOrder(
            id=self._last_id,
            account_id=account_id,
            intent=intent,
            fingerprint=intent.fingerprint(),
            tag=tag_of(self._last_id, self._site, tag_length or _UNTAGGED),
            cause=cause,
            created_at=now,
            sent_at=now,
        )
        try:
            await self._commits.intend(order, is_new=True)
        except IntegrityError as error:
            if await self.find(account_id, intent.client_order_id or "") is None:
                raise
            raise ClientIdTaken from error
        except StorageUnavailable:
            # Perhaps it is stored all the same; then it must not pass for one that was sent.
            self._unstored[order.id] = replace(order, outcome=_never_left(now))
            raise
        known = self._known[account_id]
        known.forget(now - _KEPT)
        known.add(order)
        return order

    async def again(self, order: SentOrder) -> SentOrder:
        """The same for one that was not sent before."""
        renewed = replace(order, sent_at=self._clock.now(), outcome=INTENDED)
        await self._commits.intend(renewed, is_new=False)
        self._unstored.pop(order.id, None)
        self._known[order.account_id].add(renewed)
        return renewed

    async def resolve(self, order: SentOrder, outcome: Outcome) -> SentOrder:
        """Write down what came of `order`. Survives the death of the process when it returns; known
        to this one even where it raises."""
        resolved = replace(order, outcome=outcome)
        self._known[order.account_id].add(resolved)
        try:
            await self._commits.set_outcome(resolved)
        except StorageUnavailable:
            self._unstored[order.id] = resolved
            raise
        self._unstored.pop(order.id, None)
        return resolved

    async def catch_up(self) -> None:
        """Store what could not be stored when it became known."""
        async with self._storing:
            for order in list(self._unstored.values()):
                await self._commits.set_outcome(order)
                if self._unstored.get(order.id) is order:
                    del self._unstored[order.id]

    def remembered(self, account_id: int, client_order_id: str) -> SentOrder | None:
        """What was sent today under this id of the client's, from memory."""
        return self._known[account_id].by_name.get(client_order_id)

    async def find(self, account_id: int, client_order_id: str) -> SentOrder | None:
        """What was sent under this id of the client's."""
        with storage_errors():
            async with self._main.read() as tx:
                found = await live_orders.by_client_order_id(tx, account_id, client_order_id)
        return found and self._newest(found)

    async def by_order_id(self, account_id: int, order_id: str) -> SentOrder | None:
        """The order the broker calls so, of whatever day: the latest, should ids come again."""
        known = self._known[account_id].by_order_id.get(order_id)
        if known is not None:
            return known
        with storage_errors():
            async with self._main.read() as tx:
                found = await live_orders.by_order_id(tx, account_id, order_id)
        return found and self._newest(found)

    async def by_tag(self, account_id: int, tag: str) -> SentOrder | None:
        known = self._known[account_id].by_tag.get(tag)
        if known is not None:
            return known
        with storage_errors():
            async with self._main.read() as tx:
                found = await live_orders.by_tag(tx, account_id, tag)
        return found and self._newest(found)

    async def of_request(self, account_id: int, client_order_id: str) -> list[SentOrder]:
        """What was sent for the request of this id: itself, or orders numbered under it."""
        with storage_errors():
            async with self._main.read() as tx:
                found = await live_orders.of_request(tx, account_id, client_order_id)
        return [self._newest(order) for order in found]

    def open(self, account_id: int) -> list[SentOrder]:
        """Those whose outcome is not known, oldest first."""
        return list(self._known[account_id].open.values())

    def accounts(self) -> list[int]:
        """Those that have sent something today, or of which an outcome is open."""
        return list(self._known)

    def named(self, account_id: int, *, order_id: str = "", tag: str = "") -> SentOrder | None:
        """The order of today the broker calls `order_id`, or else the one that carries `tag`."""
        known = self._known[account_id]
        return known.by_order_id.get(order_id) or (known.by_tag.get(tag.lower()) if tag else None)

    def sent_at(self, account_id: int) -> Iterator[datetime]:
        """When the orders of today left, oldest first; also where nobody knows that they did."""
        for each in self.sent_today(account_id):
            if isinstance(each.intent, PlaceOrder) and each.state is not SentState.NOT_SENT:
                yield each.sent_at

    def sent_today(self, account_id: int) -> Iterator[SentOrder]:
        return iter(self._known[account_id].by_tag.values())

    def _newest(self, stored: SentOrder) -> SentOrder:
        """`stored`, as this process knows it."""
        return self._unstored.get(stored.id, stored)


class _Known:
    """What is in memory of one account."""

    __slots__ = ("by_name", "by_order_id", "by_tag", "open")

    def __init__(self) -> None:
        self.by_tag: dict[str, SentOrder] = {}
        self.by_name: dict[str, SentOrder] = {}
        self.by_order_id: dict[str, SentOrder] = {}
        self.open: dict[int, SentOrder] = {}

    def add(self, order: SentOrder) -> None:
        """Take `order` in, in place of what it was before."""
        self.by_tag[order.tag] = order
        if order.client_order_id is not None:
            self.by_name[order.client_order_id] = order
        if order.order_id is not None:
            self.by_order_id[order.order_id] = order
        if order.state.is_open:
            self.open[order.id] = order
        else:
            self.open.pop(order.id, None)

    def forget(self, before: datetime) -> None:
        """Drop the oldest orders if they were sent before then."""
        while self.by_tag:
            oldest = next(iter(self.by_tag.values()))
            if oldest.sent_at >= before or oldest.state.is_open:
                return
            del self.by_tag[oldest.tag]
            self.by_name.pop(oldest.client_order_id or "", None)
            if oldest.order_id is not None:
                self.by_order_id.pop(oldest.order_id, None)


def _never_left(at: datetime) -> Outcome:
    return Outcome.of(SentState.NOT_SENT, StorageUnavailable(), at)
