"""What users do about their accounts at brokers: name their app, log in and out, try it."""

from collections.abc import Mapping
from contextlib import suppress

import structlog
from pydantic import SecretStr

from openalgo.accounts.accounts import Account, AccountNotFound, Accounts
from openalgo.accounts.app_values import MaskedValue, answered, completed, masked, missing
from openalgo.accounts.pending import PendingLogins
from openalgo.accounts.session_status import Login, SessionState, SessionStatus
from openalgo.accounts.sessions import BrokerSessions, Live
from openalgo.accounts.vault import Vault
from openalgo.brokers.adapter import Broker, Values
from openalgo.brokers.adapters import Adapters, BrokerUnusable
from openalgo.brokers.base import AuthKind
from openalgo.brokers.clients import Route
from openalgo.brokers.http import Credentials
from openalgo.brokers.rows import FundsRow
from openalgo.domain.clock import Clock
from openalgo.domain.errors import (
    BrokerAuthExpired,
    InvalidRequest,
    NotFound,
    OpenAlgoError,
    ValidationFailed,
)

logger = structlog.get_logger(__name__)


class BrokerDesk:
    """Methods that take an account raise `AccountNotFound`, and `BrokerUnusable` where its adapter
    does not load. Whose account it is, the caller has to know.
    """

    def __init__(
        self,
        accounts: Accounts,
        vault: Vault,
        sessions: BrokerSessions,
        brokers: Adapters,
        clock: Clock,
        key: SecretStr,
    ) -> None:
        """`key` signs what brokers give back after a login."""
        self.brokers = brokers
        self.sessions = sessions
        self._accounts = accounts
        self._vault = vault
        self._clock = clock
        self._pending = PendingLogins(key, clock)

    async def open_account(self, user_id: int, name: str, broker_id: str) -> Account:
        """One more account of the user. Raises `UnknownBroker`, and what `Accounts.create` does."""
        info = self.brokers.info(broker_id)
        return await self._accounts.create(
            user_id=user_id, name=name, broker=info, now=self._clock.now()
        )

    def app(self, account_id: int) -> list[MaskedValue]:
        """The account's app values, as they may be shown."""
        info = self.brokers.info(self._accounts[account_id].broker)
        return masked(info.app_fields, self._vault.app(account_id))

    def route(self, account_id: int) -> Route:
        return self._vault.route(account_id)

    async def set_app(self, account_id: int, given: Mapping[str, str]) -> None:
        """Keep what the account's app is called; fields not `given` stay. Ends the session, whose
        tokens belong to the app of before. Raises `ValidationFailed`, `InvalidRequest`,
        `StorageUnavailable`."""
        account = self._accounts[account_id]
        info = self.brokers.info(account.broker)
        async with self.sessions.turn(account_id):
            kept = self._vault.app(account_id)
            values = completed(info, kept, given)
            if values == kept:
                return
            await self._vault.keep_app(account_id, values)
            self.sessions.end(account_id, SessionState.DISCONNECTED, "The app was changed")
            self.sessions.renew_line(account_id)
            await self.sessions.store_end(account_id)

    async def take_over(self, broker_id: str, values: Mapping[str, str]) -> None:
        """Give the first account at the broker what its app is called, if nothing is known of it
        and nothing would be missing. Raises `StorageUnavailable`."""
        for account in self._accounts.all():
            if account.broker == broker_id and not account.archived:
                if not self._vault.app(account.id):
                    with suppress(NotFound, BrokerUnusable, InvalidRequest, ValidationFailed):
                        await self.set_app(account.id, values)
                        logger.info("app values taken over", broker=broker_id, account=account.id)
                return

    async def set_route(self, account_id: int, route: Route) -> None:
        """From now on calls leave by `route`; the session stays. Raises `StorageUnavailable`."""
        async with self.sessions.turn(account_id):
            if self._vault.route(account_id) == route:
                return
            await self._vault.keep_route(account_id, route)
            self.sessions.renew_line(account_id)

    def begin(self, account_id: int, web_session: int) -> str:
        """Where the user of the browser session `web_session` logs in (OAUTH).

        Raises `InvalidRequest` where they cannot, or not yet."""
        account = self._accounts[account_id]
        broker = self._broker_for(account, AuthKind.OAUTH)
        state = self._pending.begin(account_id, account.broker, web_session)
        return broker.auth.login_url(broker.endpoints, self._vault.app(account_id), state)

    async def callback(self, broker_id: str, params: Values, web_session: int) -> int:
        """Finish what `begin` began, with what the broker's page sent back; the account.

        Raises `UnknownBroker`, `LoginNotBegun`, what the broker's refusal or silence raises, and
        `StorageUnavailable`. A session the account had before goes on then.
        """
        info = self.brokers.broker(broker_id).info
        if info.returns_state:
            account_id = self._pending.take(broker_id, params.get("state", ""), web_session)
        else:
            account_id = self._pending.take_latest(broker_id, web_session)
        broker = self._broker_for(self._accounts[account_id], AuthKind.OAUTH)
        answers = {name: value for name, value in params.items() if name != "state"}
        await self._log_in(account_id, broker, answers)
        return account_id

    async def login(self, account_id: int, answers: Values) -> SessionStatus:
        """Log in with the filled-in `login_fields` (FORM). Raises `ValidationFailed`, and what
        `callback` raises after it found the account."""
        broker = self._broker_for(self._accounts[account_id], AuthKind.FORM)
        return await self._log_in(account_id, broker, answered(broker.info, answers))

    async def logout(self, account_id: int) -> bool:
        """End the session, here in any case. False when the broker could not be told.

        Raises `StorageUnavailable`: it is over nevertheless.
        """
        async with self.sessions.turn(account_id):
            live = self.sessions.end(account_id, SessionState.DISCONNECTED, "Logged out")
            if live is None:
                return True
            told = await self._tell_broker(live)
            await self.sessions.store_end(account_id)
            return told

    async def archive(self, account_id: int) -> None:
        """Put the account away, logged out and without its app values.

        Raises what `Accounts.archive` raises.
        """
        await self._accounts.archive(account_id, self._clock.now())
        await self.logout(account_id)
        async with self.sessions.turn(account_id):
            await self._vault.forget(account_id)
            self.sessions.renew_line(account_id)

    async def test(self, account_id: int) -> FundsRow:
        """Ask for the account's funds, and so whether everything works. Raises
        `BrokerSessionExpired`, and what the broker's refusal or silence raises."""
        broker = self.sessions.login_of(account_id).broker
        return await broker.portfolio.funds(self.sessions.connection(account_id))

    async def _log_in(self, account_id: int, broker: Broker, answers: Values) -> SessionStatus:
        async with self.sessions.turn(account_id):
            if self._accounts[account_id].archived:
                raise AccountNotFound(account_id)
            app = self._vault.app(account_id)
            http = self.sessions.line_for_login(account_id, broker)
            session = await broker.auth.login(http, app, answers, self._clock.now())
            login = Login(broker=broker, app=app, session=session)
            return await self.sessions.open(account_id, login)

    async def _tell_broker(self, live: Live) -> bool:
        login = live.login
        try:
            await login.broker.auth.logout(live.line, login.app, login.session)
        except BrokerAuthExpired:
            return True
        except OpenAlgoError as error:
            logger.warning("broker not told of logout", error=error.message)
            return False
        finally:
            live.line.use(Credentials())
        return True

    def _broker_for(self, account: Account, auth: AuthKind) -> Broker:
        """The broker, ready for a login of this kind. Raises `InvalidRequest`."""
        info = self.brokers.info(account.broker)
        if info.auth is not auth:
            raise InvalidRequest("account", f"{info.name} has no login of this kind")
        if lacking := missing(info, self._vault.app(account.id)):
            raise InvalidRequest("app", f"{info.name} also needs: {', '.join(lacking)}")
        return self.brokers.broker(account.broker)
