"""Sessions at brokers: in memory where every call looks, kept over restarts, ended in time."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from openalgo.accounts.accounts import Account, Accounts
from openalgo.accounts.lines import Lines
from openalgo.accounts.session_status import (
    Follower,
    Login,
    SessionState,
    SessionStatus,
    connected,
    ended,
    not_connected,
    remembered,
    with_known_end,
)
from openalgo.accounts.vault import Vault
from openalgo.brokers.adapter import Broker, Connection, Listing, Session
from openalgo.brokers.adapters import Adapters
from openalgo.brokers.base import AuthKind
from openalgo.brokers.clients import Clients
from openalgo.brokers.http import BrokerHttp, CallRecord, Credentials
from openalgo.domain.clock import Clock
from openalgo.domain.errors import BrokerAuthExpired, OpenAlgoError
from openalgo.domain.waiting import until

logger = structlog.get_logger(__name__)

Connect = Callable[[], Connection]
"""The account's connection as it is now. Raises `BrokerSessionExpired`."""


@dataclass(frozen=True, slots=True)
class Live:
    login: Login
    line: BrokerHttp


class BrokerSessions:
    """The sessions of all accounts at live brokers.

    What ends a session counts at once; `run` stores it, and ends those whose time is over. Users
    log in and out at the `BrokerDesk`.
    """

    def __init__(
        self,
        accounts: Accounts,
        vault: Vault,
        brokers: Adapters,
        clients: Clients,
        clock: Clock,
        *,
        listing_of: Callable[[str], Listing],
        record: Callable[[CallRecord], None] = lambda _: None,
        sent: Callable[[int], Iterable[datetime]] = lambda _: (),
    ) -> None:
        """`listing_of` finds the symbol master of a broker by its id. `record` hears of every call
        and must not raise. `sent` tells when an account sent its orders of today: they count
        against its rate limits, also those of a process before."""
        self._accounts = accounts
        self._vault = vault
        self._brokers = brokers
        self._clock = clock
        self._listing_of = listing_of
        self._made = Lines(clients, record, clock, sent)
        self._lines: dict[int, BrokerHttp] = {}
        self._live: dict[int, Live] = {}
        self._statuses: dict[int, SessionStatus] = {}
        self._unstored: dict[int, SessionStatus] = {}
        self._followers: list[Follower] = []
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"<BrokerSessions: {len(self._live)} connected>"

    def load(self) -> None:
        """Take up the sessions the vault holds. Those that are over are not used."""
        for account in self._accounts.all():
            self._statuses[account.id] = remembered(self._vault.ended(account.id))
            session = self._vault.session(account.id)
            if session is not None and not account.archived:
                self._resume(account, session)

    def follow(self, follower: Follower) -> None:
        """Tell `follower` of every change from now on."""
        self._followers.append(follower)

    def status(self, account_id: int) -> SessionStatus:
        """How the account stands now. An embedded market is always connected."""
        account = self._accounts[account_id]
        self._end_if_over(account_id)
        status = self._statuses.get(account_id)
        if status is not None and status.state is SessionState.CONNECTED:
            return status
        try:
            info = self._brokers.info(account.broker)
        except OpenAlgoError as error:
            return SessionStatus(state=SessionState.DISCONNECTED, reason=error.message)
        if info.auth is AuthKind.NONE:
            return SessionStatus(state=SessionState.CONNECTED)
        return status or SessionStatus(state=SessionState.DISCONNECTED)

    def connection(self, account_id: int) -> Connection:
        """What calls of the account go by now. Raises `AccountNotFound`, `BrokerSessionExpired`."""
        live = self._connected(account_id)
        return Connection(
            http=live.line,
            instruments=self._listing_of(live.login.broker.info.id),
            clock=self._clock,
        )

    def connector(self, account_id: int) -> Connect:
        return lambda: self.connection(account_id)

    def http_at(self, broker_id: str) -> BrokerHttp | None:
        """The calls of any account that is logged in at the broker; `None` where none is."""
        for account_id in tuple(self._live):
            self._end_if_over(account_id)
        lines = (
            live.line for live in self._live.values() if live.login.broker.info.id == broker_id
        )
        return next(lines, None)

    def login_of(self, account_id: int) -> Login:
        """For feeds, whose addresses are made of it. Raises `BrokerSessionExpired`."""
        return self._connected(account_id).login

    def turn(self, account_id: int) -> asyncio.Lock:
        """Held by whoever changes the account's session: one at a time."""
        return self._turns[account_id]

    def line_for_login(self, account_id: int, broker: Broker) -> BrokerHttp:
        """A line of its own: nothing of the session of before goes with a login, and nothing that
        comes back says something about that session."""
        app, route = self._vault.app(account_id), self._vault.route(account_id)
        return self._made.make(account_id, broker, app, route)

    async def open(self, account_id: int, login: Login) -> SessionStatus:
        """Keep this session, and make the account's calls its calls, also those that wait. In
        `turn`. Raises `StorageUnavailable`; the session of before goes on then."""
        login = replace(login, session=with_known_end(login.broker.info, login.session))
        credentials = login.broker.auth.credentials(login.app, login.session)
        await self._vault.keep_session(account_id, login.session)
        self._unstored.pop(account_id, None)
        self._take_up(account_id, login, credentials)
        logger.info("logged in to broker", broker=login.broker.info.id, account=account_id)
        return self._tell(account_id, connected(login.session))

    def end(
        self, account_id: int, state: SessionState, reason: str, at: datetime | None = None
    ) -> Live | None:
        """End the session, if there is one, and return it. Of several who find out at once, the
        first one counts."""
        live = self._live.pop(account_id, None)
        if live is None:
            return None
        session = live.login.session
        status = ended(session, state, at or self._clock.now(), reason)
        self._unstored[account_id] = status
        logger.info(
            "broker session ended",
            broker=live.login.broker.info.id,
            account=account_id,
            state=state,
            reason=reason,
        )
        self._tell(account_id, status)
        return live

    async def store_end(self, account_id: int) -> None:
        """In `turn`. Raises `StorageUnavailable`; `run` tries again then."""
        status = self._unstored.get(account_id)
        if status is None or status.ended_at is None:
            return
        await self._vault.end_session(
            account_id, at=status.ended_at, state=status.state, reason=status.reason or ""
        )
        del self._unstored[account_id]

    def renew_line(self, account_id: int) -> None:
        """Calls go out by the account's app and route as they are now, a session goes on."""
        self._lines.pop(account_id, None)
        live = self._live.get(account_id)
        if live is not None:
            auth, login = live.login.broker.auth, live.login
            self._take_up(account_id, login, auth.credentials(login.app, login.session))

    async def run(self) -> None:
        """End sessions whose time is over, and store every end. For the supervisor."""
        while True:
            self._changed.clear()
            for account_id in tuple(self._live):
                self._end_if_over(account_id)
            for account_id in tuple(self._unstored):
                async with self._turns[account_id]:
                    await self.store_end(account_id)
            await self._until_something_is_due()

    def _resume(self, account: Account, session: Session) -> None:
        try:
            broker = self._brokers.broker(account.broker)
            login = Login(broker=broker, app=self._vault.app(account.id), session=session)
            self._take_up(account.id, login, broker.auth.credentials(login.app, session))
        except Exception as error:
            # An adapter that does not load, or no longer understands what an older one kept.
            logger.warning(
                "broker session cannot be resumed",
                broker=account.broker,
                account=account.id,
                error=type(error).__name__,
            )
            return
        self._statuses[account.id] = connected(session)
        self._end_if_over(account.id)

    def _take_up(self, account_id: int, login: Login, credentials: Credentials) -> None:
        line = self._lines.get(account_id)
        if line is None:
            line = self._lines[account_id] = self._made.make(
                account_id,
                login.broker,
                login.app,
                self._vault.route(account_id),
                lambda line, error: self._refused(account_id, line, error),
            )
        line.use(credentials)
        self._live[account_id] = Live(login, line)

    def _refused(self, account_id: int, line: BrokerHttp, error: BrokerAuthExpired) -> None:
        if self._lines.get(account_id) is line:
            said = error.broker_message or "The broker no longer takes its token"
            self.end(account_id, SessionState.EXPIRED, said)

    def _end_if_over(self, account_id: int) -> None:
        live = self._live.get(account_id)
        ends = None if live is None else live.login.session.expires_at
        if ends is not None and self._clock.now() >= ends:
            self.end(account_id, SessionState.EXPIRED, "Its time was over", ends)

    def _tell(self, account_id: int, status: SessionStatus) -> SessionStatus:
        self._statuses[account_id] = status
        self._changed.set()
        for follower in self._followers:
            try:
                follower(account_id, status)
            except Exception:
                logger.exception("follower of broker sessions failed", account=account_id)
        return status

    def _connected(self, account_id: int) -> Live:
        self._end_if_over(account_id)
        live = self._live.get(account_id)
        if live is None:
            name = self._brokers.info(self._accounts[account_id].broker).name
            raise not_connected(name, self.status(account_id))
        return live

    async def _until_something_is_due(self) -> None:
        ends = [live.login.session.expires_at for live in self._live.values()]
        soonest = min((end for end in ends if end is not None), default=None)
        await until(self._clock, soonest, self._changed)
