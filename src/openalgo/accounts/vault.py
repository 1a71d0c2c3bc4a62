"""What accounts log in to their brokers with: encrypted at rest, in memory where calls need it."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import msgspec
from cryptography.fernet import InvalidToken

from openalgo.brokers.adapter import Session, Values
from openalgo.brokers.clients import Route
from openalgo.domain.clock import Clock
from openalgo.persistence.cipher import Cipher
from openalgo.persistence.main import broker_logins
from openalgo.persistence.main.broker_logins import BrokerSessionRow, Kept
from openalgo.persistence.stores import Store, storage_errors

logger = logging.getLogger(__name__)

T = TypeVar("T")

_NO_ROUTE = Route()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSession:
    """How the last session of an account ended: `state` and `reason` as they were given."""

    client_id: str
    issued_at: datetime
    expires_at: datetime | None
    ended_at: datetime
    state: str
    reason: str


class Vault:
    """The secrets of all accounts. What raises `StorageUnavailable` has changed nothing.

    Whoever changes an account sees to it that only one does at a time.
    """

    def __init__(self, main: Store, cipher: Cipher, clock: Clock) -> None:
        self._main = main
        self._cipher = cipher
        self._clock = clock
        self._apps: dict[int, Values] = {}
        self._routes: dict[int, Route] = {}
        self._sessions: dict[int, Session] = {}
        self._ended: dict[int, EndedSession] = {}

    def __repr__(self) -> str:
        return f"<Vault of {len(self._apps)} accounts>"

    async def load(self) -> None:
        """Read everything anew, and encrypt with the newest key what was under an older one. What
        no key fits is as if it were not there, and said in the log. Raises `StorageUnavailable`.
        """
        with storage_errors():
            async with self._main.write() as tx:
                now = self._clock.now()
                apps = await broker_logins.every(tx, Kept.APP)
                routes = await broker_logins.every(tx, Kept.ROUTE)
                rows = {row.account_id: row for row in await broker_logins.sessions(tx)}
                self._apps = self._opened(apps, dict[str, str], "app values")
                self._routes = {
                    account_id: Route(fields.source_ip, fields.proxy)
                    for account_id, fields in self._opened(routes, _Route, "route").items()
                }
                tokens = {id_: row.ciphertext for id_, row in rows.items() if row.ciphertext}
                self._sessions = {
                    account_id: _session(rows[account_id], values)
                    for account_id, values in self._opened(
                        tokens, dict[str, str], "broker session"
                    ).items()
                }
                self._ended = {id_: end for id_, row in rows.items() if (end := _ended(row))}
                for kept, texts in ((Kept.APP, apps), (Kept.ROUTE, routes)):
                    for account_id, again in self._renewed(texts).items():
                        await broker_logins.put(tx, kept, account_id, again, now)
                for account_id, again in self._renewed(tokens).items():
                    row = replace(rows[account_id], ciphertext=again)
                    await broker_logins.put_session(tx, row)

    def app(self, account_id: int) -> Values:
        """The values of the broker's `app_fields`; empty before they are given."""
        return self._apps.get(account_id, {})

    async def keep_app(self, account_id: int, values: Values) -> None:
        """Keep `values` instead of what was there. Raises `StorageUnavailable`."""
        await self._keep(Kept.APP, account_id, dict(values))
        self._apps[account_id] = dict(values)

    def route(self, account_id: int) -> Route:
        return self._routes.get(account_id, _NO_ROUTE)

    async def keep_route(self, account_id: int, route: Route) -> None:
        """Raises `StorageUnavailable`."""
        fields = _Route(source_ip=route.source_ip, proxy=route.proxy)
        await self._keep(Kept.ROUTE, account_id, fields)
        self._routes[account_id] = route

    def session(self, account_id: int) -> Session | None:
        """The session, until its end is noted here; it may have expired."""
        return self._sessions.get(account_id)

    def ended(self, account_id: int) -> EndedSession | None:
        """How the last session ended, if none has begun since."""
        return self._ended.get(account_id)

    async def keep_session(self, account_id: int, session: Session) -> None:
        """Keep `session` instead of the one before. Raises `StorageUnavailable`."""
        row = BrokerSessionRow(
            account_id=account_id,
            client_id=session.client_id,
            ciphertext=self._sealed(dict(session.tokens)),
            issued_at=session.issued_at,
            expires_at=session.expires_at,
        )
        with storage_errors():
            async with self._main.write() as tx:
                await broker_logins.put_session(tx, row)
        self._sessions[account_id] = session
        self._ended.pop(account_id, None)

    async def end_session(self, account_id: int, *, at: datetime, state: str, reason: str) -> None:
        """Note that the session ended, and forget its tokens. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.write() as tx:
                await broker_logins.end_session(tx, account_id, at=at, state=state, reason=reason)
        session = self._sessions.pop(account_id, None)
        if session is not None:
            self._ended[account_id] = EndedSession(
                client_id=session.client_id,
                issued_at=session.issued_at,
                expires_at=session.expires_at,
                ended_at=at,
                state=state,
                reason=reason,
            )

    async def forget(self, account_id: int) -> None:
        """Erase the app values and the route of an account. Raises `StorageUnavailable`."""
        with storage_errors():
            async with self._main.write() as tx:
                for kept in Kept:
                    await broker_logins.drop(tx, kept, account_id)
        self._apps.pop(account_id, None)
        self._routes.pop(account_id, None)

    async def _keep(self, kept: Kept, account_id: int, value: object) -> None:
        ciphertext = self._sealed(value)
        with storage_errors():
            async with self._main.write() as tx:
                await broker_logins.put(tx, kept, account_id, ciphertext, self._clock.now())

    def _sealed(self, value: object) -> str:
        return self._cipher.encrypt(msgspec.json.encode(value).decode())

    def _opened(self, texts: dict[int, str], type_: type[T], what: str) -> dict[int, T]:
        opened = {}
        for account_id, text in texts.items():
            try:
                opened[account_id] = msgspec.json.decode(self._cipher.decrypt(text), type=type_)
            except (InvalidToken, msgspec.DecodeError):
                logger.error("The %s of account %d cannot be decrypted", what, account_id)
        return opened

    def _renewed(self, texts: dict[int, str]) -> dict[int, str]:
        """What was under an older key, under the newest one."""
        renewed = {}
        for account_id, text in texts.items():
            if not self._cipher.is_current(text):
                try:
                    renewed[account_id] = self._cipher.encrypt(self._cipher.decrypt(text))
                except InvalidToken:
                    continue  # said above
        return renewed


class _Route(msgspec.Struct, frozen=True):
    source_ip: str | None
    proxy: str | None


def _session(row: BrokerSessionRow, tokens: Values) -> Session:
    return Session(
        client_id=row.client_id,
        tokens=tokens,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )


def _ended(row: BrokerSessionRow) -> EndedSession | None:
    if row.ended_at is None:
        return None
    return EndedSession(
        client_id=row.client_id,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        state=row.end_state or "",
        reason=row.end_reason or "",
    )
