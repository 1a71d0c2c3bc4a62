"""What a WebSocket client has still to receive."""

import asyncio
from collections import deque


class Overflow(Exception):
    """The client reads too slowly to be told what it must not miss."""


class Outbox:
    """Frames waiting for one client, in order.

    Control and order frames are never dropped: beyond `limit` the client is cut off, because
    skipping one would leave it wrong without knowing.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frames: deque[str] = deque()
        self._filled = asyncio.Event()
        self._overflowed = False

    def put(self, frame: str) -> None:
        """Queue `frame`. Never waits."""
        if len(self._frames) >= self._limit:
            self._overflowed = True
        else:
            self._frames.append(frame)
        self._filled.set()

    async def take(self) -> list[str]:
        """Everything that waits, at least one frame. Raises `Overflow` once frames were lost."""
        await self._filled.wait()
        self._filled.clear()
        if self._overflowed:
            raise Overflow
        frames = list(self._frames)
        self._frames.clear()
        return frames
