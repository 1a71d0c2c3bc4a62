"""Opening connections: not too many, not too often, and not with a session that is over."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from openalgo.brokers.adapter import StreamAddress
from openalgo.streaming.feeds.session import FeedSession
from openalgo.streaming.feeds.sockets import Dial, HandshakeRefused, NotConnected, Socket

log = structlog.get_logger(__name__)

OPENED_WITHIN: Final = 4.0
FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 8.0
REFUSED_PAUSE: Final = 60.0
"""Seconds between attempts at a feed that has been refused for minutes, though the session is good:
the broker may not give it to this app at all."""

_REFUSALS: Final = 2
_MANY_REFUSALS: Final = 60


class Slots:
    """How many more connections the broker allows just now."""

    def __init__(self, left: int) -> None:
        self.left = left


class Opener:
    """Opens the connections of one line, and counts how that goes.

    `opened` is how many there were, `failures` how many attempts have gone wrong since one lasted,
    `login` the session they belong to. `error` is what went wrong last. `others` tells whether
    another connection of this session is up.
    """

    def __init__(
        self,
        number: int,
        session: FeedSession,
        dial: Dial,
        slots: Slots,
        others: Callable[[], bool],
        jitter: Callable[[], float],
    ) -> None:
        self.opened = 0
        self.failures = 0
        self.login = 0
        self.error = ""
        self._number = number
        self._session = session
        self._dial = dial
        self._slots = slots
        self._others = others
        self._jitter = jitter
        self._refusals = 0

    @property
    def may_open(self) -> bool:
        """Whether the broker allows one connection more."""
        return self._slots.left > 0

    def note_login(self) -> None:
        """What went wrong before a login says nothing about what comes after it."""
        if self.login != self._session.logins:
            self.login = self._session.logins
            self.failures = self._refusals = 0

    def pause(self) -> float:
        """Seconds to wait before the next attempt; 0 for the first."""
        if not self.failures:
            return 0.0
        most = LONGEST_PAUSE if self._refusals < _MANY_REFUSALS else REFUSED_PAUSE
        longest = min(most, FIRST_PAUSE * 2.0 ** min(self.failures - 1, 16))
        return longest * (1 - self._jitter() / 2)

    async def open(self, address: StreamAddress) -> Socket | None:
        """The open connection, to be given back with `closed`; `None` when it failed."""
        socket = None
        self._slots.left -= 1
        try:
            async with asyncio.timeout(OPENED_WITHIN):
                socket = await self._dial(address)
        except TimeoutError:
            self._failed("the broker did not answer in time")
        except HandshakeRefused as refusal:
            self._failed(str(refusal))
            self._refused(address)
        except NotConnected as error:
            self._failed(str(error))
        else:
            self.opened += 1
            self._refusals = 0
        finally:
            if socket is None:
                self.closed()
        return socket

    def closed(self) -> None:
        """A connection is no more."""
        self._slots.left += 1

    def lost(self, *, steady: bool) -> None:
        """A connection ended for the reason in `error`. After a `steady` one the next may follow
        at once; any other is as good as none."""
        self._count(0 if steady else self.failures + 1)

    def _failed(self, why: str) -> None:
        self.error = why
        self._count(self.failures + 1)

    def _count(self, failures: int) -> None:
        self.failures = failures
        log.warning(
            "a connection of the feed is down",
            connection=self._number,
            why=self.error,
            failures=failures,
        )

    def _refused(self, address: StreamAddress) -> None:
        # Others that are up prove the session good: this one is too many, or too soon.
        self._refusals += 0 if self._others() else 1
        if self._refusals >= _REFUSALS and not self._session.is_good(address):
            self._session.over(address, self.error)
