"""Why a WebSocket ends, as the client is told."""

import asyncio
from collections.abc import Coroutine
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


async def first_ending(*works: Coroutine[Any, Any, Ending]) -> Ending:
    """How the first of `works` ended. The others are stopped, and have stopped when this returns.
    Raises what the first one raises."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Who failed would know this frame by its traceback, and this frame who failed.
        tasks.clear()
        del task
