"""What a WebSocket client has still to receive."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from typing import Protocol

from openalgo.streaming.views import View

TICK_QUEUE = 64
"""So many ticks a client may fall behind before it misses any."""

_FAREWELL_SECONDS = 2.0
"""For what still waits for a client when its connection is to be ended."""

_SLICE = 0.002


class Sink(Protocol):
    """Where frames leave: a socket."""

    @property
    def writable(self) -> bool:
        """Whether `write` may be called now."""
        ...

    def write(self, frames: Sequence[bytes]) -> None:
        """Send each of `frames` as a text message, at once."""
        ...

    async def ready(self) -> None:
        """Return once the socket takes more. Raises `SinkGone`."""
        ...

    async def send(self, frames: Sequence[bytes]) -> None:
        """As `write`, for a sink that has to wait for it. Raises `SinkGone`."""
        ...


class SinkGone(Exception):
    """Nobody is there any more to send to."""


class Flusher:
    """Empties the outboxes that got something, all in one callback instead of a task for each.

    It lets go of the loop every 2 ms.
    """

    def __init__(self) -> None:
        self._due: deque[Callable[[], None]] = deque()

    def soon(self, flush: Callable[[], None]) -> None:
        """Call `flush` once the work that is being done now is done."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._run)
        self._due.append(flush)

    def _run(self) -> None:
        until = time.perf_counter() + _SLICE
        try:
            while self._due and time.perf_counter() < until:
                self._due.popleft()()
        finally:
            if self._due:
                asyncio.get_running_loop().call_soon(self._run)


class Outbox:
    """Frames waiting for one client, each kind in order.

    Control and order frames are never dropped: beyond `limit` the client is cut off, because
    skipping one would leave it wrong without knowing. Ticks beyond the first 64 are conflated: of
    each view only the newest waits, in the place of the one it replaces.
    """

    def __init__(
        self, sink: Sink, flusher: Flusher, limit: int, overflowed: Callable[[], None]
    ) -> None:
        """`overflowed` is told when the client reads too slowly for what it must not miss."""
        self._sink = sink
        self._flusher = flusher
        self._limit = limit
        self._frames: list[bytes] = []
        # Side by side, so that what is sent is ready as it lies.
        self._views: list[View] = []
        self._ticks: list[bytes] = []
        self._newest: dict[View, bytes] = {}
        self._awake = False
        self._taken: asyncio.Future[None] | None = None
        self._overflowed = overflowed
        self._sending: asyncio.Task[None] | None = None
        self.sent = 0
        """Ticks handed to the socket."""
        self.conflated = 0
        """Ticks replaced by newer ones before they could be sent."""

    def put(self, frame: bytes) -> None:
        """Queue a control or order frame. Never waits."""
        if len(self._frames) >= self._limit:
            self._overflowed()
        else:
            self._frames.append(frame)
        if not self._awake:
            self._awake = True
            self._flusher.soon(self._flush)

    def put_tick(self, view: View, frame: bytes) -> None:
        """Queue the newest frame of `view`. Never waits."""
        if len(self._ticks) < TICK_QUEUE:
            self._views.append(view)
            self._ticks.append(frame)
        else:
            self.conflated += view in self._newest
            self._newest[view] = frame
        if not self._awake:
            self._awake = True
            self._flusher.soon(self._flush)

    def forget(self, views: Set[View]) -> None:
        """Drop the ticks of `views` that still wait."""
        waiting = zip(self._views, self._ticks, strict=True)
        kept = [(view, frame) for view, frame in waiting if view not in views]
        self._views = [view for view, _ in kept]
        self._ticks = [frame for _, frame in kept]
        for view in views:
            self._newest.pop(view, None)

    async def emptied(self) -> None:
        """Return once everything that waits was handed to the socket."""
        while self._awake or self._frames:
            self._taken = asyncio.get_running_loop().create_future()
            await self._taken
        if self._sending is not None:
            await asyncio.wait([self._sending])

    async def say_farewell(self) -> None:
        """Return once it is emptied, or the client had time enough for that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self.emptied()

    async def close(self) -> None:
        """Send no more."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    def _flush(self) -> None:
        if self._sending is not None:
            return
        if self._sink.writable:
            self._awake = False
            self._sink.write(self._take())
        else:
            self._sending = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        """Send what cannot be sent at once. That nobody is there any more is for the reader of the
        socket to act on; nothing is sent from then on."""
        try:
            while self._awake:
                await self._sink.ready()
                self._awake = False
                await self._sink.send(self._take())
        except SinkGone:
            self._awake = False
            self._take()
        else:
            self._sending = None

    def _take(self) -> list[bytes]:
        """Everything that waits: control and order frames, then ticks."""
        frames, self._ticks = self._ticks, []
        self._views.clear()
        if self._newest:
            frames.extend(self._newest.values())
            self._newest.clear()
        self.sent += len(frames)
        if self._frames:
            frames, self._frames = self._frames + frames, []
        if self._taken is not None:
            if not self._taken.done():
                self._taken.set_result(None)
            self._taken = None
        return frames
