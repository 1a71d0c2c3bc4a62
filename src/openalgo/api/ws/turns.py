"""Clients that come all at once, one after the other."""

import asyncio
from collections import deque


class Turns:
    """What a client asks for is done in its turn: one piece in each turn of the event loop, first
    come, first served. So ticks and orders wait for one piece, however many clients come back at
    once when a network was down for a moment."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def mine(self) -> None:
        """Return when it is the caller's turn; it ends when the caller next waits for anything."""
        loop = asyncio.get_running_loop()
        if not self._taken:
            self._taken = True
            loop.call_soon(self._next)
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                asyncio.get_running_loop().call_soon(self._next)
                return
        self._taken = False
