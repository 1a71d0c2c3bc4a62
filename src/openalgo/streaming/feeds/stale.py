"""Noticing that prices stay away though everything seems well."""

import asyncio
from collections.abc import Callable, Set
from typing import Final, NoReturn

import structlog

from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock
from openalgo.domain.market import Exchange
from openalgo.streaming.feeds.status import FeedState, FeedStatus

log = structlog.get_logger(__name__)

LOOKED_EVERY: Final = 30.0


class StaleTicks:
    """Warns once of each time that no price came for `longest` seconds, while the feed is connected
    and one of the `exchanges` it is asked for is open; never if `longest` is 0 or less."""

    def __init__(
        self,
        name: str,
        longest: float,
        status: Callable[[], FeedStatus],
        exchanges: Callable[[], Set[Exchange]],
        calendar: Calendar,
        clock: Clock,
    ) -> None:
        self.since: float | None = None
        """Seconds without a price when that was last found too long; `None` while all is well."""
        self._name = name
        self._longest = longest
        self._status = status
        self._exchanges = exchanges
        self._calendar = calendar
        self._clock = clock
        self._heard = True

    def heard(self) -> None:
        """A price has come."""
        self._heard = True

    async def run(self) -> NoReturn:
        """Look until cancelled."""
        every = min(LOOKED_EVERY, max(self._longest, 1.0))
        silent = 0.0
        while True:
            await asyncio.sleep(every)
            if self._heard or not self._expected():
                self._heard, silent, self.since = False, 0.0, None
                continue
            silent += every
            if 0 < self._longest <= silent:
                if self.since is None:
                    log.warning("no prices come though markets are open", feed=self._name)
                self.since = silent

    def _expected(self) -> bool:
        status, at = self._status(), self._clock.now()
        return (
            status.state is FeedState.CONNECTED
            and status.subscribed > 0
            and any(self._calendar.is_open(each, at) for each in self._exchanges())
        )
