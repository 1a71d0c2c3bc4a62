"""What a WebSocket client has still to receive."""

import asyncio
from collections import deque
from collections.abc import Set

from openalgo.streaming.views import View

TICK_QUEUE = 64
"""So many ticks a client may fall behind before it misses any."""


class Overflow(Exception):
    """The client reads too slowly to be told what it must not miss."""


class Outbox:
    """Frames waiting for one client, each kind in order.

    Control and order frames are never dropped: beyond `limit` the client is cut off, because
    skipping one would leave it wrong without knowing. Ticks beyond the first 64 are conflated: of
    each view only the newest waits, in the place of the one it replaces.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frames: deque[bytes] = deque()
        self._ticks: deque[tuple[View, bytes]] = deque()
        self._newest: dict[View, bytes] = {}
        self._filled = asyncio.Event()
        self._overflowed = False
        self.sent = 0
        """Ticks handed out to be sent."""
        self.conflated = 0
        """Ticks replaced by newer ones before they could be sent."""

    def put(self, frame: bytes) -> None:
        """Queue a control or order frame. Never waits."""
        if len(self._frames) >= self._limit:
            self._overflowed = True
        else:
            self._frames.append(frame)
        self._filled.set()

    def put_tick(self, view: View, frame: bytes) -> None:
        """Queue the newest frame of `view`. Never waits."""
        if len(self._ticks) < TICK_QUEUE:
            self._ticks.append((view, frame))
        else:
            self.conflated += view in self._newest
            self._newest[view] = frame
        self._filled.set()

    def forget(self, views: Set[View]) -> None:
        """Drop the ticks of `views` that still wait."""
        self._ticks = deque(tick for tick in self._ticks if tick[0] not in views)
        for view in views:
            self._newest.pop(view, None)

    async def take(self) -> list[bytes]:
        """Wait for something to come; then everything: control and order frames, then ticks.

        Raises `Overflow` once control frames were lost.
        """
        await self._filled.wait()
        self._filled.clear()
        if self._overflowed:
            raise Overflow
        self.sent += len(self._ticks) + len(self._newest)
        frames = [*self._frames, *(frame for _, frame in self._ticks), *self._newest.values()]
        self._frames.clear()
        self._ticks.clear()
        self._newest.clear()
        return frames
