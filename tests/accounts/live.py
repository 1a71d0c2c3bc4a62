"""Accounts at a live broker of the test's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from openalgo.accounts.accounts import Account, Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.session_status import SessionStatus
from openalgo.accounts.sessions import BrokerSessions
from openalgo.accounts.vault import Vault
from openalgo.brokers.http import CallRecord, Clients
from openalgo.domain.clock import ManualClock
from openalgo.persistence.cipher import Cipher
from openalgo.persistence.main import users
from openalgo.persistence.stores import Store
from tests.support.live_broker import APP, FakeAdapters, FakeBroker, listing_of

# 10:30 in the morning in India.
MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
CIPHER = Cipher(SecretStr("p" * 32), b"salt" * 8)
BROWSER = 71


@dataclass
class Installation:
    """Everything from the vault to the desk. `restarted` is the same after a restart. `sent` is
    when accounts sent their orders of today."""

    main: Store
    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    broker: FakeBroker = field(default_factory=FakeBroker)
    adapters: FakeAdapters = field(default_factory=FakeAdapters)
    heard: list[tuple[int, SessionStatus]] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list)
    sent: Mapping[int, Sequence[datetime]] = field(default_factory=dict)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.main)

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.main, CIPHER, self.clock)

    @cached_property
    def clients(self) -> Clients:
        return self.broker.clients()

    @cached_property
    def sessions(self) -> BrokerSessions:
        sessions = BrokerSessions(
            self.accounts,
            self.vault,
            self.adapters,
            self.clients,
            self.clock,
            listing_of=listing_of,
            record=self.calls.append,
            sent=lambda account_id: self.sent.get(account_id, ()),
        )
        sessions.follow(lambda account_id, status: self.heard.append((account_id, status)))
        return sessions

    @cached_property
    def desk(self) -> BrokerDesk:
        return BrokerDesk(
            self.accounts,
            self.vault,
            self.sessions,
            self.adapters,
            self.clock,
            SecretStr("k" * 32),
        )

    async def load(self) -> None:
        await self.accounts.load()
        await self.vault.load()
        self.sessions.load()

    async def restarted(self, **changed: Any) -> "Installation":
        again = Installation(self.main, self.clock, self.broker, self.adapters, **changed)
        await again.load()
        return again

    async def account(self, name: str = "Live", broker: str = "acme", **app: str) -> Account:
        """A new account of the user that knows its app."""
        async with self.main.write() as tx:
            user = await users.by_username(tx, "ravi") or await users.create(
                tx,
                username="ravi",
                email=None,
                password_hash="",
                is_admin=True,
                created_at=self.clock.now(),
            )
        account = await self.accounts.create(
            user_id=user.id,
            name=name,
            broker=self.adapters.info(broker),
            now=self.clock.now(),
        )
        await self.desk.set_app(account.id, app or APP)
        return account

    def begin(self, account: Account, browser: int = BROWSER) -> str:
        """The state that the broker's page will give back."""
        query = parse_qs(urlsplit(self.desk.begin(account.id, browser)).query)
        return query["state"][0]

    async def log_in(self, account: Account, code: str = "code1") -> None:
        params = {"code": code, "state": self.begin(account)}
        assert await self.desk.callback(account.broker, params, BROWSER) == account.id
