"""Work that goes on when whoever asked for it has gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Undisturbed:
    """Carries work to its end: a client that disconnects must not lose the answer of a broker."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns or raises; if this is cancelled, it goes on alone."""
        # Told by the work itself: what `asyncio.shield` does costs a turn of the loop more.
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(_carry(work, told))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await told

    async def finished(self) -> None:
        """Wait until nothing is under way. For shutdown, when nothing new comes."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))


async def _carry(work: Coroutine[Any, Any, T], told: "asyncio.Future[T]") -> None:
    try:
        result = await work
    except asyncio.CancelledError:
        told.cancel()
        raise
    except BaseException as error:
        if told.done():
            log.debug("sending ended with an error", error=type(error).__name__)
        else:
            told.set_exception(error)
    else:
        if not told.done():
            told.set_result(result)
