"""Many small writes in few commits."""

import asyncio
from collections.abc import Iterable, Sequence

import structlog
from sqlalchemy.exc import IntegrityError

from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.live_orders import SentOrder
from openalgo.persistence.main import live_orders
from openalgo.persistence.stores import Store, storage_errors

log = structlog.get_logger(__name__)


class _Write:
    __slots__ = ("done", "is_new", "order", "to_flush")

    def __init__(self, order: SentOrder, *, is_new: bool, to_flush: bool) -> None:
        self.order = order
        self.is_new = is_new
        self.to_flush = to_flush
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Commits:
    """Stores orders. What is asked for while a commit is under way shares the next one, and while
    the disk is at work, its next turn: at 16 orders side by side one each would be most of what an
    order waits for."""

    def __init__(self, main: Store) -> None:
        self._main = main
        self._waiting: list[_Write] = []
        self._is_led = False
        self._leaders: set[asyncio.Task[None]] = set()

    async def intend(self, order: SentOrder, *, is_new: bool) -> None:
        """Survives a power cut when it returns, so `order` may be sent. Raises
        `StorageUnavailable`."""
        await self._commit(_Write(order, is_new=is_new, to_flush=True))

    async def set_outcome(self, order: SentOrder) -> None:
        """Survives the death of the process when it returns. After a power cut `order` may be one
        of unknown outcome, and is found out about anew. Raises `StorageUnavailable`."""
        await self._commit(_Write(order, is_new=False, to_flush=False))

    async def _commit(self, write: _Write) -> None:
        """Whoever comes while nobody commits does it for those who come meanwhile. Nobody queues
        for a lock: those whose write is done long ago would have to be woken one by one before the
        next batch."""
        self._waiting.append(write)
        if not self._is_led:
            await self._lead()
        await write.done

    async def _lead(self) -> None:
        """Commit what waits, pass on the lead, and bring to the disk what is to be there. Settles
        every write of the batch, whatever happens."""
        self._is_led = True
        batch, self._waiting = self._waiting, []
        try:
            try:
                committed = await self._commit_all(batch)
            finally:
                self._pass_on()
            _succeed(write for write in committed if not write.to_flush)
            if any(write.to_flush for write in committed):
                with storage_errors():
                    await self._main.flush()
                _succeed(committed)
        except Exception as error:
            _fail(batch, error)
        except BaseException:
            # Whoever leads is being stopped; the others may be told that nothing is sure.
            _fail(batch, StorageUnavailable())
            raise

    def _pass_on(self) -> None:
        self._is_led = bool(self._waiting)
        if self._is_led:
            leader = asyncio.ensure_future(self._lead())
            self._leaders.add(leader)
            leader.add_done_callback(self._leaders.discard)

    async def _commit_all(self, batch: Sequence[_Write]) -> Sequence[_Write]:
        """Those that are committed: of several, one that may not be stored fails alone."""
        try:
            await self._write(batch)
        except IntegrityError as error:
            if len(batch) == 1:
                _fail(batch, error)
                return ()
            return [done for write in batch for done in await self._commit_all([write])]
        return batch

    async def _write(self, batch: Sequence[_Write]) -> None:
        new = [each.order for each in batch if each.is_new]
        # Of one order the last word counts.
        resolved = {each.order.id: each.order for each in batch if not each.is_new}
        with storage_errors():
            await self._main.commit(
                lambda dialect: live_orders.statements(dialect, new, resolved.values()),
                to_flush=any(each.to_flush for each in batch),
            )


def _succeed(batch: Iterable[_Write]) -> None:
    for write in batch:
        if not write.done.done():
            write.done.set_result(None)


def _fail(batch: Iterable[_Write], error: Exception) -> None:
    for write in batch:
        if not write.done.done():
            write.done.set_exception(error)
