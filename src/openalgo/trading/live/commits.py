"""Many small writes in few commits."""

import asyncio
from collections.abc import Sequence

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
        self._work: asyncio.Task[None] | None = None

    async def intend(self, order: SentOrder, *, is_new: bool) -> None:
        """Survives a power cut when it returns, so `order` may be sent. Raises
        `StorageUnavailable`."""
        await self._commit(_Write(order, is_new=is_new, to_flush=True))
        with storage_errors():
            await self._main.flush()

    async def set_outcome(self, order: SentOrder) -> None:
        """Survives the death of the process when it returns. After a power cut `order` may be one
        of unknown outcome, and is found out about anew. Raises `StorageUnavailable`."""
        await self._commit(_Write(order, is_new=False, to_flush=False))

    async def _commit(self, write: _Write) -> None:
        """A task of its own commits: in a queue for a lock, those whose write is done long ago
        would each have to be woken before the next batch."""
        self._waiting.append(write)
        if self._work is None:
            self._work = asyncio.ensure_future(self._store_all())
        await write.done

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._store(batch)
        finally:
            self._work = None

    async def _store(self, batch: Sequence[_Write]) -> None:
        """Settles every write of `batch`, whatever happens."""
        try:
            await self._write(batch)
        except IntegrityError as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            for write in batch:
                await self._store([write])
        except Exception as error:
            _fail(batch, error)
        except BaseException:
            # The loop is being stopped: whoever waits is told that nothing is sure.
            _fail(batch, StorageUnavailable())
            raise
        else:
            for write in batch:
                _settle(write, None)

    async def _write(self, batch: Sequence[_Write]) -> None:
        new = [each.order for each in batch if each.is_new]
        # Of one order the last word counts.
        resolved = {each.order.id: each.order for each in batch if not each.is_new}
        with storage_errors():
            await self._main.commit(
                lambda dialect: live_orders.statements(dialect, new, resolved.values()),
                to_flush=any(each.to_flush for each in batch),
            )


def _fail(batch: Sequence[_Write], error: Exception) -> None:
    for write in batch:
        _settle(write, error)


def _settle(write: _Write, error: Exception | None) -> None:
    if write.done.done():
        return
    if error is None:
        write.done.set_result(None)
    else:
        write.done.set_exception(error)
