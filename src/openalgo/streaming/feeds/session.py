"""The login a feed lives by."""

import asyncio
from collections.abc import Callable

import structlog

from openalgo.brokers.adapter import StreamAddress
from openalgo.domain.errors import BrokerSessionExpired

log = structlog.get_logger(__name__)

TRIED_AGAIN = 300.0
"""Seconds after which an address the broker refused is tried once more, without a new login."""
GOOD_FOR = 60.0
"""Seconds for which a session that was found good is not doubted again."""


class FeedSession:
    """What the connections of one feed know of its session. `logins` counts those there were."""

    def __init__(self, address: Callable[[], StreamAddress], ended: Callable[[str], None]) -> None:
        """`address` raises `BrokerSessionExpired` when nobody is logged in; `ended` hears once of
        each session that the broker does not take it any more, as far as a feed can tell."""
        self.logins = 0
        self.handing_over = asyncio.Lock()
        """Held by the connection that moves to a new login: one after the other."""
        self._address = address
        self._ended = ended
        self._refused: StreamAddress | None = None
        self._refused_at = 0.0
        self._told: StreamAddress | None = None
        self._good: StreamAddress | None = None
        self._good_at = 0.0

    def began(self) -> None:
        """There was a login."""
        self.logins += 1
        self._refused = self._told = self._good = None

    def found_good(self) -> None:
        """The broker takes the session in calls: what it refused was this feed, for now."""
        if self._refused is not None:
            self._good, self._good_at = self._refused, asyncio.get_running_loop().time()
        self._refused = self._told = None

    def is_good(self, address: StreamAddress) -> bool:
        """Whether a refusal of `address` says nothing about its session."""
        lasted = asyncio.get_running_loop().time() - self._good_at
        return address == self._good and lasted < GOOD_FOR

    def address(self) -> StreamAddress | None:
        """Where to connect; `None` while there is no use in it before the next login."""
        address = self._current()
        if address is None or address != self._refused:
            return address
        rested = asyncio.get_running_loop().time() - self._refused_at
        return address if rested >= TRIED_AGAIN else None

    def over(self, address: StreamAddress, why: str) -> None:
        """The broker said it does not take the session of `address` any more."""
        if address != self._current():
            return
        self._refused, self._refused_at = address, asyncio.get_running_loop().time()
        if self._told == address:
            return
        self._told = address
        try:
            self._ended(why)
        except Exception:
            log.exception("the end of a feed's session was not taken in")

    def _current(self) -> StreamAddress | None:
        try:
            return self._address()
        except BrokerSessionExpired:
            return None
