"""What was sent to brokers: written down before it leaves, and again when it is answered."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from openalgo.domain.calendar import session_date, session_start
from openalgo.domain.clock import Clock
from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.intents import PlaceGtt, PlaceOrder
from openalgo.domain.live_orders import INTENDED, Outcome, SentOrder, SentState
from openalgo.observability.health import Health
from openalgo.persistence.main import live_orders
from openalgo.persistence.record_log import RecordLog
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.live.storage import MOST_AHEAD, OrderStorage
from openalgo.trading.live.tags import new_site, tag_of

_UNTAGGED = 20
"""The length of a tag that no broker sees: it is a name all the same."""
_KEPT = timedelta(days=1)


class Journal:
    """The journal of all accounts.

    Orders of this session day, and those whose outcome is open, are held in memory too. One process
    owns the store, so it numbers them. Everything that is awaited raises `StorageUnavailable`.
    `run` it while orders are sent, and `close` it at the end.
    """

    def __init__(self, main: Store, log: RecordLog, clock: Clock) -> None:
        self._main = main
        self._clock = clock
        self._storage = OrderStorage(main, log)
        self._known: defaultdict[int, _Known] = defaultdict(_Known)
        self._last_id = 0
        self._site = ""

    async def load(self) -> None:
        """Read what an earlier process left. Before anything else."""
        await self._storage.load()
        since = session_start(session_date(self._clock.now()))
        with storage_errors():
            async with self._main.write() as tx:
                site = await live_orders.site(tx)
                if site is None:
                    site = new_site()
                    await live_orders.set_site(tx, site)
                # A power cut may have taken the records of orders that are at the broker. No other
                # may carry their tags.
                self._last_id = await live_orders.skip_ids(tx, MOST_AHEAD)
                orders = await live_orders.recent(tx, since)
        self._site = site
        for order in orders:
            self._known[order.account_id].add(order)

    async def run(self) -> None:
        """Bring what is written down to the database, until cancelled."""
        await self._storage.run()

    async def settle(self) -> None:
        """Bring it there now. Raises `StorageUnavailable`."""
        await self._storage.settle()

    def health(self) -> Health:
        """Whether the database takes it."""
        return self._storage.health()

    async def close(self) -> None:
        """Bring the last of it there, and let go of the log."""
        await self._storage.close()

    async def intend(
        self,
        account_id: int,
        intent: PlaceOrder | PlaceGtt,
        *,
        tag_length: int | None,
        cause: str,
    ) -> SentOrder:
        """Write down that `intent` is about to be sent. The account has not used its client id
        before. What `OrderStorage.ready` promises is so when this returns."""
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
        self._storage.begin(order, is_new=True)
        await self._ready(order)
        known = self._known[account_id]
        known.forget(now - _KEPT)
        known.add(order)
        return order

    async def again(self, order: SentOrder) -> SentOrder:
        """The same for one that was not sent before."""
        renewed = replace(order, sent_at=self._clock.now(), outcome=INTENDED)
        self._storage.begin(renewed, is_new=False)
        await self._ready(renewed)
        self._known[order.account_id].add(renewed)
        return renewed

    async def resolve(self, order: SentOrder, outcome: Outcome) -> SentOrder:
        """Write down what came of `order`. Survives the death of the process when it returns; known
        to this one even where it raises, and stored as soon as that is possible."""
        resolved = replace(order, outcome=outcome)
        self._known[order.account_id].add(resolved)
        await self._storage.set_outcome(resolved)
        return resolved

    async def _ready(self, order: SentOrder) -> None:
        try:
            await self._storage.ready(order)
        except StorageUnavailable:
            # It is written down all the same, and must not pass for one that was sent.
            with suppress(StorageUnavailable):
                await self.resolve(order, _never_left(self._clock.now()))
            raise

    async def find(self, account_id: int, client_order_id: str) -> SentOrder | None:
        """What was sent under this id of the client's, of whatever day."""
        known = self._known[account_id].by_name.get(client_order_id)
        if known is not None:
            return known
        with storage_errors():
            async with self._main.read() as tx:
                return await live_orders.by_client_order_id(tx, account_id, client_order_id)

    async def by_order_id(self, account_id: int, order_id: str) -> SentOrder | None:
        """The order the broker calls so, of whatever day: the latest, should ids come again."""
        known = self._known[account_id].by_order_id.get(order_id)
        if known is not None:
            return known
        with storage_errors():
            async with self._main.read() as tx:
                return await live_orders.by_order_id(tx, account_id, order_id)

    async def by_tag(self, account_id: int, tag: str) -> SentOrder | None:
        known = self._known[account_id].by_tag.get(tag)
        if known is not None:
            return known
        with storage_errors():
            async with self._main.read() as tx:
                return await live_orders.by_tag(tx, account_id, tag)

    async def of_request(self, account_id: int, client_order_id: str) -> list[SentOrder]:
        """What was sent for the request of this id: itself, or orders numbered under it."""
        await self.settle()
        with storage_errors():
            async with self._main.read() as tx:
                return await live_orders.of_request(tx, account_id, client_order_id)

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

    def is_current(self, order: SentOrder) -> bool:
        """Whether nothing more is known of `order`, which was held in memory, than when it was
        looked up."""
        return self._known[order.account_id].by_tag.get(order.tag) is order

    def sent_at(self, account_id: int) -> Iterator[datetime]:
        """When the orders of today left, oldest first; also where nobody knows that they did."""
        for each in self.sent_today(account_id):
            if isinstance(each.intent, PlaceOrder) and each.state is not SentState.NOT_SENT:
                yield each.sent_at

    def sent_today(self, account_id: int) -> Iterator[SentOrder]:
        return iter(self._known[account_id].by_tag.values())


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
