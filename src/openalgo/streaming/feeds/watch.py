"""Telling a dead connection from a quiet one."""

import asyncio
from collections.abc import Callable, Set
from typing import NoReturn

from openalgo.brokers.adapter import Stream
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.market import Exchange
from openalgo.streaming.feeds.sockets import ConnectionLost, Socket

LOOKED_EVERY = 1.0
QUIET = 2.0
"""Seconds without anything after which the other side is asked whether it is there."""
ANSWERED_WITHIN = 3.0

_KEPT_ALIVE_EVERY = 10.0


class Pulse:
    """When something last came over a connection, in seconds of the event loop."""

    def __init__(self) -> None:
        self._now = asyncio.get_running_loop().time
        self.last = self._now()

    def beat(self) -> None:
        self.last = self._now()

    @property
    def age(self) -> float:
        return self._now() - self.last


async def notice_silence(
    pulse: Pulse,
    longest: float,
    exchanges: Callable[[], Set[Exchange]],
    calendar: Calendar,
    clock: Clock,
) -> NoReturn:
    """Raise `ConnectionLost` once nothing came for `longest` seconds in which one of `exchanges`
    was open throughout."""
    now = asyncio.get_running_loop().time
    watched_since = now()
    while True:
        before = now()
        await asyncio.sleep(LOOKED_EVERY)
        at = clock.now()
        is_open = any(calendar.is_open(exchange, at) for exchange in exchanges())
        was_held_up = now() - before > 2 * LOOKED_EVERY
        if not is_open or was_held_up:
            watched_since = now()
        elif now() - max(pulse.last, watched_since) >= longest:
            raise ConnectionLost(f"nothing came for {longest:g} s while markets are open")


async def notice_absence(socket: Socket, pulse: Pulse) -> NoReturn:
    """Raise `ConnectionLost` once a broker that answers pings does not, and sends nothing else."""
    answers = False
    while True:
        asked = pulse.last
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                await socket.ping()
            answers = True
        except TimeoutError:
            if answers and pulse.last == asked:
                raise ConnectionLost("the broker does not answer any more") from None
        await asyncio.sleep(QUIET)
        while pulse.age < QUIET:  # noqa: ASYNC110 - time is the event
            await asyncio.sleep(QUIET - pulse.age)


async def keep_alive(socket: Socket, stream: Stream) -> None:
    """Send what the broker must hear every ten seconds, if there is such."""
    while frames := stream.pings():
        await asyncio.sleep(_KEPT_ALIVE_EVERY)
        for frame in frames:
            await socket.send(frame)
