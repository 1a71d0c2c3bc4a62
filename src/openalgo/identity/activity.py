"""What is kept of logins and of the use of keys, written off the request path."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from openalgo.domain.clock import Clock
from openalgo.observability.buffer import BatchWriter
from openalgo.persistence.main import api_keys, login_attempts, sessions
from openalgo.persistence.main.login_attempts import LoginAttempt
from openalgo.persistence.stores import Store

ATTEMPTS_KEPT = timedelta(days=180)

_TRIM_SECONDS = 24 * 3600.0

Moment = tuple[int, datetime]


class Activity:
    """Buffered writers in front of the main store.

    `login`, `key_used` and `session_seen` return at once and never raise.
    """

    def __init__(self, main: Store, clock: Clock) -> None:
        self._main = main
        self._clock = clock
        self._attempts = BatchWriter[LoginAttempt]("login-log", self._add_attempts)
        self._uses = BatchWriter[Moment]("key-uses", self._record_uses)
        self._seen = BatchWriter[Moment]("sessions-seen", self._record_seen)
        self.login = self._attempts.put

    def key_used(self, key_id: int, at: datetime) -> None:
        self._uses.put((key_id, at))

    def session_seen(self, session_id: int, at: datetime) -> None:
        self._seen.put((session_id, at))

    def tasks(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What has to run, by name."""
        return {
            "login-log": self._attempts.run,
            "key-uses": self._uses.run,
            "sessions-seen": self._seen.run,
            "login-retention": self._trim_daily,
        }

    async def trim(self) -> None:
        """Remove what is no longer needed: old attempts, expired sessions."""
        now = self._clock.now()
        async with self._main.write() as tx:
            await login_attempts.remove_before(tx, now - ATTEMPTS_KEPT)
            await sessions.remove_expired(tx, now)

    async def _trim_daily(self) -> None:
        while True:
            await self.trim()
            await asyncio.sleep(_TRIM_SECONDS)

    async def _add_attempts(self, attempts: Sequence[LoginAttempt]) -> None:
        async with self._main.write() as tx:
            await login_attempts.add(tx, attempts)

    async def _record_uses(self, uses: Sequence[Moment]) -> None:
        async with self._main.write() as tx:
            await api_keys.record_uses(tx, dict(uses))

    async def _record_seen(self, seen: Sequence[Moment]) -> None:
        async with self._main.write() as tx:
            await sessions.record_seen(tx, dict(seen))
