"""Waiting for whatever comes first."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime

from openalgo.domain.clock import Clock


async def first_of(*waits: Coroutine[object, object, object]) -> None:
    """Return when one of `waits` does; the others are given up. Raises what that one raises."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


async def until(clock: Clock, at: datetime | None, news: asyncio.Event) -> None:
    """Return when it is `at`, or as soon as there is `news`; without a time, when there is."""
    if at is None:
        await news.wait()
    else:
        await first_of(news.wait(), clock.sleep_until(at))
