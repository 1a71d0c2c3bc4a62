"""Long work in short turns, so that the event loop is never held."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

T = TypeVar("T")

Steps = Generator[None, None, T]
"""Work that may be interrupted wherever it yields; a step is well below a millisecond."""

_SLICE = 0.002


class Slices:
    """Counts the time since the loop last ran something else: one for each piece of work."""

    def __init__(
        self,
        length: float = _SLICE,
        now: Callable[[], float] = time.perf_counter,
        *,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`length` is in seconds, `now` a clock that counts them. `turn` lets everything else run,
        where that is more than what is ready."""
        self._length = length
        self._now = now
        self._turn = turn
        self._ends = now() + length

    @property
    def over(self) -> bool:
        """Whether it is time to pause."""
        return self._now() >= self._ends

    async def pause(self) -> None:
        """Let everything else that is ready run, then begin a new slice."""
        await (asyncio.sleep(0) if self._turn is None else self._turn())
        self._ends = self._now() + self._length

    async def run(self, steps: Steps[T]) -> T:
        """Do all `steps`, with pauses."""
        while True:
            try:
                next(steps)
            except StopIteration as done:
                result: T = done.value
                return result
            if self.over:
                await self.pause()


def run_through(steps: Steps[T]) -> T:
    """Do all `steps` at once: for small work, and where no loop runs."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result
