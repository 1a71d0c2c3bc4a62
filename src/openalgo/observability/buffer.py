"""Telemetry off the request path: callers drop a record, a task writes batches."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class BatchWriter(Generic[T]):
    """A bounded buffer in front of `write`.

    `put` is for the event loop's thread; it never waits and never fails. When the buffer is full
    the oldest record makes room, and `dropped` counts it. A batch whose write was interrupted is
    written again, so `write` may see records it has stored already.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Sequence[T]], Awaitable[None]],
        *,
        capacity: int = 10_000,
        batch: int = 500,
        interval: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Write when `batch` records wait, or `interval` seconds after the first one came."""
        self._name = name
        self._write = write
        self._batch = min(batch, capacity)
        self._interval = interval
        self._sleep = sleep
        self._waiting: deque[T] = deque(maxlen=capacity)
        self._writing: list[T] = []
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._dropped = 0
        self._reported = 0

    def __len__(self) -> int:
        """Records not yet written."""
        return len(self._waiting) + len(self._writing)

    @property
    def dropped(self) -> int:
        """Records lost so far, because the buffer was full or the last write failed."""
        return self._dropped

    def put(self, record: T) -> None:
        if len(self._waiting) == self._waiting.maxlen:
            self._dropped += 1
        self._waiting.append(record)
        self._some.set()
        if len(self._waiting) >= self._batch:
            self._enough.set()

    async def run(self) -> None:
        """Write batches until cancelled; then write what is left."""
        try:
            while True:
                await self._ready()
                await self._write_persistently()
        except asyncio.CancelledError:
            await self._drain()
            raise

    async def _ready(self) -> None:
        await self._some.wait()
        try:
            async with asyncio.timeout(self._interval):
                await self._enough.wait()
        except TimeoutError:
            return

    async def _write_persistently(self) -> None:
        pause = _FIRST_PAUSE
        while len(self):
            try:
                await self._write_one_batch()
            except Exception as error:
                logger.warning(
                    "%s: %d records cannot be written (%s); next try in %g s",
                    self._name,
                    len(self),
                    type(error).__name__,
                    pause,
                )
                await self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            if len(self._waiting) < self._batch:
                return

    async def _write_one_batch(self) -> None:
        if not self._writing:
            count = min(self._batch, len(self._waiting))
            self._writing = [self._waiting.popleft() for _ in range(count)]
        await self._write(self._writing)
        self._writing = []
        if not self._waiting:
            self._some.clear()
        if len(self._waiting) < self._batch:
            self._enough.clear()
        if self._dropped > self._reported:
            logger.warning(
                "%s: %d records were dropped", self._name, self._dropped - self._reported
            )
            self._reported = self._dropped

    async def _drain(self) -> None:
        try:
            while len(self):
                await self._write_one_batch()
        except Exception:
            logger.exception("%s: %d records are lost", self._name, len(self))
            self._dropped += len(self)
            self._waiting.clear()
            self._writing = []
