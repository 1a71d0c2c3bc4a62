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
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def finished(self) -> None:
        """Wait until nothing is under way. For shutdown, when nothing new comes."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Whoever waits is told; asking here keeps asyncio from reporting it when nobody does.
            log.debug("sending ended with an error", error=type(error).__name__)
