"""Sessions of the web app: opened at login, recognised by their cookie, ended at once.

A cookie is 256 random bits that mean nothing to anybody else; the database keeps its digest.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from openalgo.domain.clock import Clock, next_boundary
from openalgo.domain.waiting import until
from openalgo.persistence.main import sessions
from openalgo.persistence.main.sessions import SessionRow
from openalgo.persistence.stores import Store, storage_errors
from openalgo.streaming.listeners import Listeners

MOST_PER_USER = 10
LONGEST_DEVICE_INFO = 500

_SEEN_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """A browser whose user is logged in until `expires_at`. `id` is no secret."""

    id: int
    user_id: int
    username: str
    is_admin: bool
    device_info: str
    address: str
    logged_in_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @property
    def lasts_seconds(self) -> int:
        """From the login to the end."""
        return int((self.expires_at - self.logged_in_at).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """`cookie` is the only plain copy there is."""

    session: WebSession
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a browser says of itself, and where it is."""

    info: str
    address: str


class WebSessions:
    """All valid sessions, in memory where every request looks, written through to the database.

    What ends a session counts at once; `run` ends those whose time is over. `seen` hears that a
    session was used, at most each 30 s.
    """

    def __init__(
        self,
        main: Store,
        digest: Callable[[str], str],
        clock: Clock,
        *,
        expiry: time = time(3),
        seen: Callable[[int, datetime], None] | None = None,
    ) -> None:
        """All sessions end when the clocks of India show `expiry`."""
        self._main = main
        self._digest = digest
        self._clock = clock
        self._expiry = expiry
        self._seen = seen
        self._sessions: dict[str, WebSession] = {}
        self._changing = asyncio.Lock()
        self._opened = asyncio.Event()
        self.began: Listeners[WebSession] = Listeners()
        """They hear of every login."""
        self.ended: Listeners[WebSession] = Listeners()
        """They hear of every session that is over, once."""

    async def run(self) -> None:
        """End sessions when their time is over, also those nobody uses. For the supervisor."""
        while True:
            self._opened.clear()
            self._drop_expired()
            soonest = min((each.expires_at for each in self._sessions.values()), default=None)
            await until(self._clock, soonest, self._opened)

    async def load(self) -> None:
        """Read all sessions that are still valid. Raises `StorageUnavailable`."""
        async with self._changing:
            with storage_errors():
                async with self._main.read() as tx:
                    rows = await sessions.valid(tx, self._clock.now())
            self._sessions = {row.digest: _session(row) for row in rows}
        self._opened.set()

    def lookup(self, cookie: str) -> WebSession | None:
        """The session of this cookie, unless it has expired or been ended."""
        digest = self._digest(cookie)
        session = self._sessions.get(digest)
        if session is None:
            return None
        now = self._clock.now()
        if now >= session.expires_at:
            self._drop(lambda each: each is session)
            return None
        if now - session.last_seen_at >= _SEEN_EVERY:
            session = self._sessions[digest] = replace(session, last_seen_at=now)
            if self._seen is not None:
                self._seen(session.id, now)
        return session

    def of_user(self, user_id: int) -> list[WebSession]:
        """The user's valid sessions, oldest first."""
        now = self._clock.now()
        return [
            each
            for each in self._sessions.values()
            if each.user_id == user_id and now < each.expires_at
        ]

    async def open(
        self, *, user_id: int, username: str, is_admin: bool, device: Device
    ) -> OpenedSession:
        """A new session, always with a cookie of its own. Beyond ten of a user, the oldest end.

        Raises `StorageUnavailable`.
        """
        cookie = secrets.token_urlsafe(32)
        digest = self._digest(cookie)
        info = device.info[:LONGEST_DEVICE_INFO]
        async with self._changing:
            now = self._clock.now()
            expires_at = next_boundary(now, self._expiry)
            ended = {each.id for each in self.of_user(user_id)[: 1 - MOST_PER_USER]}
            with storage_errors():
                async with self._main.write() as tx:
                    session_id = await sessions.create(
                        tx,
                        user_id=user_id,
                        digest=digest,
                        device_info=info,
                        address=device.address,
                        at=now,
                        expires_at=expires_at,
                    )
                    if ended:
                        await sessions.remove(tx, user_id, ended)
            self._drop(lambda session: session.id in ended)
            session = self._sessions[digest] = WebSession(
                id=session_id,
                user_id=user_id,
                username=username,
                is_admin=is_admin,
                device_info=info,
                address=device.address,
                logged_in_at=now,
                last_seen_at=now,
                expires_at=expires_at,
            )
        self._opened.set()
        self.began.tell(session)
        return OpenedSession(session=session, cookie=cookie)

    async def end(self, user_id: int, session_id: int) -> bool:
        """End one session of the user; False when there is none.

        Raises `StorageUnavailable`: it is over nevertheless, until this server starts again.
        """
        async with self._changing:
            self._drop(lambda each: (each.user_id, each.id) == (user_id, session_id))
            with storage_errors():
                async with self._main.write() as tx:
                    return await sessions.remove(tx, user_id, [session_id]) > 0

    async def end_all(self, user_id: int) -> int:
        """End every session of the user; how many there were.

        Raises `StorageUnavailable`: they are over nevertheless, until this server starts again.
        """
        async with self._changing:
            count = len(self.of_user(user_id))
            self._drop(lambda session: session.user_id == user_id)
            with storage_errors():
                async with self._main.write() as tx:
                    await sessions.remove_of_user(tx, user_id)
        return count

    def _drop_expired(self) -> None:
        now = self._clock.now()
        self._drop(lambda session: session.expires_at <= now)

    def _drop(self, ending: Callable[[WebSession], bool]) -> None:
        gone = {digest: session for digest, session in self._sessions.items() if ending(session)}
        for digest, session in gone.items():
            del self._sessions[digest]
            self.ended.tell(session)


def _session(row: SessionRow) -> WebSession:
    return WebSession(
        id=row.id,
        user_id=row.user_id,
        username=row.username,
        is_admin=row.is_admin,
        device_info=row.device_info,
        address=row.address,
        logged_in_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
