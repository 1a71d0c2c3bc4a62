"""Garbage collections that never hold the event loop for long; see docs/adr/0007."""

import asyncio
import gc
from datetime import datetime, timedelta

from openalgo.domain.calendar import SESSION_BOUNDARY
from openalgo.domain.clock import IST, Clock

_YOUNG = 700
_MIDDLE = 3
_NEVER = 1_000_000_000
_MOST = 2_000
_EVERY = 0.01
_AT_LEAST_EVERY = 16


class Memory:
    """Bounds what one collection looks at, which is what decides how long it takes.

    Young objects are looked at often and few at a time. Python counts those made less those freed,
    so where clients come as fast as others go, it would let them become any number: they are looked
    at every so often as well, less often while little happens.

    Those that stay are counted after every collection of the middle generation, and beyond `most`
    of them put aside (frozen): no collection looks at them again but one a day, at night between
    two trading dates. They are still freed as soon as nobody refers to them; only what refers to
    itself has to wait for that night.
    """

    def __init__(self, clock: Clock, most: int = _MOST, every: float = _EVERY) -> None:
        """`every` is in seconds, and up to sixteen times that while little happens."""
        self._clock = clock
        self._most = most
        self._every = every
        self._pause = every
        self._looks = 0
        self._look: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thresholds = gc.get_threshold()
        self._due = False

    def settle(self) -> None:
        """Put aside everything there is, and watch what comes until `close`."""
        self._loop = asyncio.get_running_loop()
        gc.freeze()
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
        gc.callbacks.append(self._collected)
        self._look = self._loop.call_later(self._every, self._look_at_young)

    def close(self) -> None:
        """Leave collections as they were found."""
        if self._look is not None:
            self._look.cancel()
        if self._loop is not None:
            self._loop = None
            gc.callbacks.remove(self._collected)
            gc.set_threshold(*self._thresholds)
            gc.unfreeze()

    async def run(self) -> None:
        """Look at everything once a day, until cancelled."""
        while True:
            await self._clock.sleep_until(_next_night(self._clock.now()))
            self.renew()

    def renew(self) -> None:
        """Free all garbage, put aside the rest. Takes some 100 ms for a large market."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def _look_at_young(self) -> None:
        if self._loop is None:
            return
        quiet = len(gc.get_objects(generation=0)) < _YOUNG / 2
        self._pause = min(2 * self._pause, _AT_LEAST_EVERY * self._every) if quiet else self._every
        self._looks += 1
        gc.collect(1 if self._looks % _MIDDLE == 0 else 0)
        self._look = self._loop.call_later(self._pause, self._look_at_young)

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        """Called by the collector, in whichever thread it happens to run."""
        if phase == "stop" and info["generation"] == 1 and not self._due and self._loop is not None:
            self._due = True
            self._loop.call_soon_threadsafe(self._put_aside)

    def _put_aside(self) -> None:
        self._due = False
        if len(gc.get_objects(generation=2)) > self._most:
            gc.collect()
            gc.freeze()


def _next_night(now: datetime) -> datetime:
    today = datetime.combine(now.astimezone(IST), SESSION_BOUNDARY, IST)
    return today if today > now else today + timedelta(days=1)
