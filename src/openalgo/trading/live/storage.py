"""Orders as they are written down: at once in a log, soon after in the database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import structlog

from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.live_orders import SentOrder
from openalgo.observability.health import Health
from openalgo.persistence.main import live_orders
from openalgo.persistence.record_log import RecordLog
from openalgo.persistence.stores import Store, storage_errors
from openalgo.trading.live import records

log = structlog.get_logger(__name__)

MOST_AHEAD = 1000
"""So many orders may be sent while the disk is still at work on their records."""

_GATHERED = 0.05
"""Seconds for which orders gather before they go to the database."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class _Entry:
    """An order that the database does not know as it is now. `number` is its record's that must be
    on the disk before anybody is told of it."""

    order: SentOrder
    number: int
    is_new: bool


class OrderStorage:
    """See docs/adr/0011. `run` it while orders are sent, and `close` it at the end."""

    def __init__(
        self,
        main: Store,
        written: RecordLog,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._main = main
        self._log = written
        self._sleep = sleep
        self._entries: dict[int, _Entry] = {}
        self._leaving: dict[int, _Entry] = {}
        self._some = asyncio.Event()
        self._settling = asyncio.Lock()
        self._refused = False

    async def load(self) -> None:
        """Bring to the database what an earlier process could not. Before anything else."""
        with storage_errors():
            left = self._log.load()
            orders, others = records.told(left)
            async with self._main.write() as tx:
                await live_orders.put(tx, orders)
                await live_orders.set_outcomes(tx, others)
        self._log.forget(len(left))

    def begin(self, order: SentOrder, *, is_new: bool) -> None:
        """`order` is about to be sent. It survives the death of the process from here on. Raises
        `StorageUnavailable`; then nothing was written."""
        with storage_errors():
            number = self._log.append(records.sent(order) if is_new else records.ended(order))
        self._keep(order, number, is_new=is_new)
        self._log.begin_flush()

    async def ready(self, order: SentOrder) -> None:
        """Return when `order`, which was begun, may be sent: what has a client id must not be sent
        twice, so it survives a power cut before it leaves. Anything else may leave while the disk
        is at work. Raises `StorageUnavailable`."""
        if order.client_order_id is not None or self._log.unflushed > MOST_AHEAD:
            with storage_errors():
                await self._log.flush()

    async def set_outcome(self, order: SentOrder) -> None:
        """That `order` was sent survives a power cut when this returns, and its outcome the death
        of the process. Raises `StorageUnavailable`; the outcome is stored as soon as possible."""
        entry = self._keep(order)
        with storage_errors():
            self._log.append(records.ended(order))
            await self._log.flush(entry.number)

    async def settle(self) -> None:
        """Bring to the database what it does not know. Raises `StorageUnavailable`."""
        async with self._settling:
            self._some.clear()
            if not self._entries:
                return
            self._leaving, self._entries = self._entries, {}
            upto = self._log.appended
            try:
                await self._flush()
                await self._put(list(self._leaving.values()))
            except BaseException:
                self._refused = True
                self._take_back()
                raise
            self._refused = False
            self._leaving = {}
            self._log.forget(upto)

    async def run(self) -> None:
        """Bring orders to the database until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            await self._some.wait()
            await self._sleep(_GATHERED)
            try:
                await self.settle()
                pause = _FIRST_PAUSE
            except StorageUnavailable:
                log.warning("orders wait for the database", count=len(self._entries), pause=pause)
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def health(self) -> Health:
        if not self._refused:
            return Health("pass")
        return Health("warn", f"orders that wait for the database: {len(self._entries)}")

    async def close(self) -> None:
        """Bring the last orders to the database; what it does not take stays in the log."""
        try:
            await self.settle()
        except StorageUnavailable:
            log.error("orders stay in the log until the next start", count=len(self._entries))
        await self._log.close()

    def _keep(self, order: SentOrder, number: int = 0, *, is_new: bool = False) -> _Entry:
        if (leaving := self._leaving.get(order.id)) is not None:
            number = max(number, leaving.number)
        if (known := self._entries.get(order.id)) is not None:
            number, is_new = max(number, known.number), known.is_new
        entry = self._entries[order.id] = _Entry(order, number, is_new)
        self._some.set()
        return entry

    def _take_back(self) -> None:
        """What was leaving is not in the database for sure, and some of it has changed."""
        newer, self._entries, self._leaving = self._entries, self._leaving, {}
        for entry in newer.values():
            self._keep(entry.order, entry.number, is_new=entry.is_new)
        self._some.set()

    async def _flush(self) -> None:
        """The database never knows more than the log: at a start the log is what counts."""
        try:
            await self._log.flush()
        except OSError:
            log.warning("the log of orders is damaged; they go to the database alone")

    async def _put(self, entries: list[_Entry]) -> None:
        """One that the database will never take does not keep the others from it."""
        try:
            with storage_errors():
                async with self._main.write() as tx:
                    await live_orders.put(tx, _orders(entries, is_new=True))
                    await live_orders.set_outcomes(tx, _orders(entries, is_new=False))
        except StorageUnavailable:
            raise
        except Exception:
            if len(entries) == 1:
                log.exception("an order cannot be stored", reference=entries[0].order.tag)
                return
            for entry in entries:
                await self._put([entry])


def _orders(entries: Iterable[_Entry], *, is_new: bool) -> list[SentOrder]:
    return [entry.order for entry in entries if entry.is_new is is_new]
