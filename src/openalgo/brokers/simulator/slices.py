"""Work in short stretches, so that the event loop is never held for long."""

import asyncio
import time
from collections.abc import Callable

LONGEST_STRETCH = 0.001

Timer = Callable[[], float]


class Slices:
    """Lets others run once a stretch of work has taken 1 ms.

    `start` a stretch, then `pause` after each small piece of work. `timer` is in seconds.
    """

    def __init__(self, timer: Timer = time.perf_counter) -> None:
        self._timer = timer
        self._until = 0.0

    def start(self) -> None:
        self._until = self._timer() + LONGEST_STRETCH

    async def pause(self) -> None:
        if self._timer() >= self._until:
            await asyncio.sleep(0)
            self.start()
