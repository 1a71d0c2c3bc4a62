"""A socket for tests: what comes in is a queue, what goes out is a list."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any


class FakeSocket:
    """While `open` is cleared it takes nothing."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.sent: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.heard = asyncio.Event()
        """Something was sent, or it was closed."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(frame) for frame in self.sent]

    @property
    def writable(self) -> bool:
        return self.open.is_set()

    def write(self, frames: Sequence[bytes]) -> None:
        assert self.open.is_set()
        self.sent.extend(frames)
        self.heard.set()

    async def ready(self) -> None:
        await self.open.wait()

    async def send(self, frames: Sequence[bytes]) -> None:
        self.write(frames)

    async def receive(self) -> str | bytes | None:
        return await self.incoming.get()

    async def close(self, code: int, reason: str) -> None:
        self.closed = code, reason
        self.heard.set()


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0)
