"""Why a WebSocket ends, as the client is told."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple


class Ending(NamedTuple):
    """`code` is for programs, `reason` for people."""

    code: int
    reason: str


NORMAL = 1000
GOING_AWAY = 1001
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
NOT_LOGGED_IN = 4401
"""Nobody said in time who they are, or their session has ended."""

LEFT = Ending(NORMAL, "")
AUTH_TIMEOUT = Ending(NOT_LOGGED_IN, "auth timeout")
SESSION_OVER = Ending(NOT_LOGGED_IN, "the session has ended")
KEY_REVOKED = Ending(POLICY_VIOLATION, "the API key was revoked")
TOO_MANY_MESSAGES = Ending(POLICY_VIOLATION, "too many messages")
TOO_MANY_CLIENTS = Ending(TRY_AGAIN_LATER, "too many clients")
TOO_MANY_OF_USER = Ending(TRY_AGAIN_LATER, "too many clients of this user")
TOO_SLOW = Ending(TRY_AGAIN_LATER, "reading too slowly")
SHUTTING_DOWN = Ending(GOING_AWAY, "the server is shutting down")


class Life:
    """One client is served until somebody ends it, or reading what it says does: what comes first
    counts. A client costs one task by that, however much may end it."""

    def __init__(self) -> None:
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    @property
    def is_over(self) -> bool:
        return self._ending.done()

    def end(self, ending: Ending) -> None:
        """From now on it is over. Safe to call again."""
        if not self._ending.done():
            self._ending.set_result(ending)

    async def lived(
        self,
        reading: Coroutine[Any, Any, Ending],
        farewell: Callable[[Ending], Awaitable[None]],
    ) -> Ending:
        """Run `reading` until it is over, and beside `farewell`, which hears why. The reading has
        stopped when this returns. Raises what it raises."""
        task = asyncio.ensure_future(reading)
        task.add_done_callback(self._read)
        try:
            ending = await self._ending
            await farewell(ending)
            return ending
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            # Who failed would know this frame by its traceback, and this frame who failed.
            del task

    def _read(self, reading: asyncio.Task[Ending]) -> None:
        if reading.cancelled() or self._ending.done():
            return
        if (error := reading.exception()) is not None:
            self._ending.set_exception(error)
        else:
            self._ending.set_result(reading.result())
