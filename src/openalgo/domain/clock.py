"""Market time: the one source of "now" for everything a trader sees.

Time-outs, back-off and pings are transport time and use the event loop's own clock.
"""

import asyncio
import heapq
from datetime import UTC, datetime, time, timedelta, timezone
from itertools import count
from typing import Protocol

IST = timezone(timedelta(hours=5, minutes=30), "IST")

_LONGEST_NAP = 30.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    async def sleep_until(self, at: datetime) -> None:
        """Return once `now() >= at`."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, at: datetime) -> None:
        """Naps at most 30 s at a time, so a suspended or adjusted machine is noticed."""
        while (left := (at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - time is the event
            await asyncio.sleep(min(left, _LONGEST_NAP))


class AcceleratedClock:
    """Runs `factor` times as fast as the clock `real`, from the time that shows at the start.

    For simulated markets only. `factor` is above 0; less than 1 is slow motion.
    """

    def __init__(self, factor: float, real: Clock | None = None) -> None:
        if factor <= 0:
            raise ValueError(f"A clock cannot run at {factor:g} times the real speed")
        self._factor = factor
        self._real = real or SystemClock()
        self._start = self._real.now()

    def now(self) -> datetime:
        return self._start + (self._real.now() - self._start) * self._factor

    async def sleep_until(self, at: datetime) -> None:
        while self.now() < at:
            due = self._start + (at - self._start) / self._factor
            # Rounded to a microsecond, `due` may come before `at` does.
            await self._real.sleep_until(max(due, self._real.now() + _MICROSECOND))


class ManualClock:
    """A clock that moves only when told to: for replayed days and for tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def set(self, at: datetime) -> None:
        """Move forward to `at` and wake whoever waited for it; earlier times change nothing."""
        self._now = max(self._now, at.astimezone(UTC))
        while self._sleepers and self._sleepers[0][0] <= self._now:
            waiter = heapq.heappop(self._sleepers)[2]
            if not waiter.done():
                waiter.set_result(None)

    def advance(self, by: timedelta) -> None:
        self.set(self._now + by)

    async def sleep_until(self, at: datetime) -> None:
        if at <= self._now:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (at.astimezone(UTC), next(self._order), waiter))
        await waiter


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, exact."""
    return (at - _EPOCH) // _MILLISECOND


def ist_text(at: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` in IST, the form books and logs carry."""
    return at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")


def next_boundary(now: datetime, at: time) -> datetime:
    """The first moment after `now` when the clocks of India show `at`."""
    here = now.astimezone(IST)
    boundary = datetime.combine(here.date(), at, tzinfo=IST)
    if boundary <= here:
        boundary += timedelta(days=1)
    return boundary.astimezone(now.tzinfo)
