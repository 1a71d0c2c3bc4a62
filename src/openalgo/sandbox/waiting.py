"""Waiting for whatever comes first."""

import asyncio
from collections.abc import Coroutine


async def first_of(*waits: Coroutine[object, object, None]) -> None:
    """Return when one of `waits` does; the others are given up. Raises what that one raises."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
