"""A broker's rate limits, kept before it has to remind us.

Limits are data. A call names the scopes it counts against and waits, in its lane, until all of them
have room; what cannot be had in time fails without having been sent. Times are seconds of the
event loop.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from math import inf

Scopes = tuple[str, ...]

_EXACT_UP_TO = 256
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 900.0


class Lane(IntEnum):
    """Who goes first where calls wait for the same limit."""

    EXIT = 0
    ORDER = 1
    READ = 2


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` in any span of `seconds`, for each of `windows`, all kept at once.

    The last `reserve` calls of each window are for exits only, so that an account that used up its
    orders can still get out. A broker that counts strictly is best given a little more time than it
    says (1.05 s for a second): calls sent evenly need not arrive so. `of_orders` limits are those
    whose numbers the user may set.
    """

    scope: str
    windows: tuple[tuple[int, float], ...]
    reserve: int = 0
    of_orders: bool = False

    def __post_init__(self) -> None:
        for calls, seconds in self.windows:
            if not calls > self.reserve >= 0 or seconds <= 0:
                raise ValueError(
                    f"Rate limit {self.scope}: {calls} calls in {seconds:g} s, {self.reserve} of "
                    "them reserved, leaves none for orders"
                )


class LimitReached(Exception):
    """The calls allowed are used up, and waiting would take too long. `retry_after` is in seconds,
    at least; `inf` for a call that fits in no window."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"the next call is allowed in {retry_after:.1f} s")


class Limiter:
    """The limits of one account, or of several that share an API key. Belongs to one event loop."""

    def __init__(self, limits: Iterable[RateLimit] = ()) -> None:
        self._buckets: dict[str, _Bucket] = {}
        for limit in limits:
            if limit.scope in self._buckets:
                raise ValueError(f"There are two rate limits for {limit.scope}")
            self._buckets[limit.scope] = _Bucket(limit)
        self._queues: dict[tuple[Lane, Scopes], deque[_Waiter]] = {}
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many calls wait at the moment."""
        return sum(not waiter.granted.done() for q in self._queues.values() for waiter in q)

    def room_in(self, scopes: Scopes, lane: Lane) -> float:
        """Seconds until one more call would find room in all `scopes`, if nobody else takes it.

        Raises `ValueError` for a scope nobody declared.
        """
        now = asyncio.get_running_loop().time()
        ready = (bucket.ready_at(now, lane, weight=1) for bucket in self._named(scopes))
        return max(ready, default=now) - now

    async def acquire(self, scopes: Scopes, lane: Lane, *, weight: int = 1, within: float) -> float:
        """Wait at most `within` seconds for room in all `scopes`; return how long it took.

        First come, first served within a lane and the same scopes, and a more urgent lane first.
        Raises `LimitReached`, and `ValueError` for a scope nobody declared.
        """
        buckets = self._named(scopes)
        if not buckets:
            return 0.0
        loop = asyncio.get_running_loop()
        started = loop.time()
        soonest = max(bucket.ready_at(started, lane, weight) for bucket in buckets) - started
        if soonest > within:
            raise LimitReached(soonest)
        if soonest <= 0.0 and not self._queues:
            # Nobody to be fair to, which is how nearly every call finds it.
            for bucket in buckets:
                bucket.take(started, weight)
            return 0.0
        waiter = _Waiter(next(self._order), weight, loop.create_future())
        self._queues.setdefault((lane, scopes), deque()).append(waiter)
        self._serve()
        if waiter.granted.done():
            return 0.0
        try:
            async with asyncio.timeout(within):
                await waiter.granted
        except TimeoutError:
            now = loop.time()
            ready = max(bucket.ready_at(now, lane, weight) for bucket in buckets)
            raise LimitReached(ready - now) from None
        finally:
            if waiter.granted.cancelled():
                self._serve()
        return loop.time() - started

    def pause(self, scopes: Scopes, lane: Lane, seconds: float | None = None) -> float:
        """The broker asked for a break after a call of `lane`: send nothing that counts against
        `scopes` for so long, in that lane and those behind it.

        Without `seconds` it is one second, and twice as long each time in a row. At most a quarter
        of an hour, whatever the broker says. Returns the seconds.
        """
        now = asyncio.get_running_loop().time()
        pauses = [bucket.pause(now, lane, seconds) for bucket in self._named(scopes)]
        self._serve()
        return max(pauses, default=0.0 if seconds is None else seconds)

    def sent_before(self, ages: Iterable[float]) -> None:
        """Orders left before there was this limiter: so many seconds ago each, oldest first."""
        now = asyncio.get_running_loop().time()
        for age in ages:
            for bucket in self._buckets.values():
                if bucket.of_orders:
                    bucket.take(now - age, weight=1)

    def accepted(self, scopes: Scopes) -> None:
        """The broker took a call: the next break it asks for is the first again."""
        for bucket in self._named(scopes):
            bucket.breaks = 0

    def _named(self, scopes: Scopes) -> list["_Bucket"]:
        try:
            return [self._buckets[scope] for scope in scopes]
        except KeyError as missing:
            raise ValueError(f"There is no rate limit {missing}") from None

    def _serve(self) -> None:
        """Let go everybody who can, the most urgent and longest waiting first.

        A limit somebody waits for is closed to everybody behind him; other limits are not.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        short: set[str] = set()
        wake_at = inf
        heads = [(lane, queue[0].seq, scopes) for (lane, scopes), queue in self._waiting_queues()]
        heapq.heapify(heads)
        while heads:
            lane, _, scopes = heapq.heappop(heads)
            if not short.isdisjoint(scopes):
                continue
            queue = self._queues[lane, scopes]
            waiter = queue[0]
            ready = {
                scope: self._buckets[scope].ready_at(now, lane, waiter.weight) for scope in scopes
            }
            if max(ready.values()) > now:
                short.update(scope for scope, at in ready.items() if at > now)
                wake_at = min(wake_at, max(ready.values()))
                continue
            for scope in scopes:
                self._buckets[scope].take(now, waiter.weight)
            waiter.granted.set_result(None)
            if _head(queue) is not None:
                heapq.heappush(heads, (lane, queue[0].seq, scopes))
            else:
                del self._queues[lane, scopes]
        if wake_at < inf:
            self._timer = loop.call_at(wake_at, self._serve)

    def _waiting_queues(self) -> Iterator[tuple[tuple[Lane, Scopes], deque["_Waiter"]]]:
        for key, queue in list(self._queues.items()):
            if _head(queue) is None:
                del self._queues[key]
            else:
                yield key, queue


@dataclass(slots=True)
class _Waiter:
    seq: int
    weight: int
    granted: asyncio.Future[None]


def _head(queue: deque[_Waiter]) -> _Waiter | None:
    """Who waits first; those who were served or gave up are dropped."""
    while queue and queue[0].granted.done():
        queue.popleft()
    return queue[0] if queue else None


class _Bucket:
    """One scope: its windows, and the breaks the broker asked for."""

    def __init__(self, limit: RateLimit) -> None:
        self.breaks = 0
        self.of_orders = limit.of_orders
        self._reserve = limit.reserve
        self._windows = [_Window(calls, seconds) for calls, seconds in limit.windows]
        self._closed_until = [-inf] * len(Lane)

    def ready_at(self, now: float, lane: Lane, weight: int) -> float:
        """When the call may go: `now`, or later."""
        kept = 0 if lane is Lane.EXIT else self._reserve
        times = [window.ready_at(now, weight, kept) for window in self._windows]
        return max(now, self._closed_until[lane], *times)

    def take(self, now: float, weight: int) -> None:
        for window in self._windows:
            window.take(now, weight)

    def pause(self, now: float, lane: Lane, seconds: float | None) -> float:
        if seconds is None:
            seconds = _FIRST_PAUSE * 2.0 ** min(self.breaks, 10)
        seconds = min(max(seconds, 0.0), _LONGEST_PAUSE)
        self.breaks += 1
        for behind in range(lane, len(Lane)):
            self._closed_until[behind] = max(self._closed_until[behind], now + seconds)
        return seconds


@dataclass(slots=True)
class _Taken:
    since: float
    last: float
    weight: int


@dataclass(slots=True)
class _Window:
    """Counts exactly what went in the last `seconds`.

    Of a limit of thousands, calls close together are counted as if all were the last of them, so
    that memory stays small; the limit is kept all the same.
    """

    calls: int
    seconds: float
    _taken: deque[_Taken] = field(default_factory=deque)
    _total: int = 0

    def ready_at(self, now: float, weight: int, kept: int) -> float:
        self._forget(now)
        missing = weight - (self.calls - kept - self._total)
        if missing <= 0:
            return now
        for taken in self._taken:
            missing -= taken.weight
            if missing <= 0:
                return taken.last + self.seconds
        return inf

    def take(self, now: float, weight: int) -> None:
        self._total += weight
        newest = self._taken[-1] if self._taken else None
        if newest is not None and now - newest.since < self._grain:
            newest.last = now
            newest.weight += weight
        else:
            self._taken.append(_Taken(now, now, weight))

    @property
    def _grain(self) -> float:
        return 0.0 if self.calls <= _EXACT_UP_TO else self.seconds / _EXACT_UP_TO

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0].last + self.seconds <= now:
            self._total -= self._taken.popleft().weight
