"""The web app's routes on a real database, with clock, timer and Argon2 of the test's own."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import cached_property
from pathlib import Path

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp

from openalgo.accounts.accounts import Accounts
from openalgo.accounts.broker_desk import BrokerDesk
from openalgo.accounts.sessions import BrokerSessions
from openalgo.accounts.vault import Vault
from openalgo.accounts.web_preferences import WebPreferences
from openalgo.api.application import ApiSettings, create_api
from openalgo.api.limits import AddressWindows
from openalgo.api.ui.browser import BrowserPolicy
from openalgo.api.ui.deps import UiServices
from openalgo.domain.clock import ManualClock
from openalgo.domain.events import Event
from openalgo.domain.instruments import Instrument
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.key_desk import KeyDesk
from openalgo.identity.logins import Logins
from openalgo.identity.passwords import HashCost, Passwords
from openalgo.identity.sessions import WebSessions
from openalgo.identity.setup import Setup
from openalgo.identity.throttle import PasswordThrottle
from openalgo.instruments.upkeep import Rows, Upkeep
from openalgo.observability.call_times import CallTimes
from openalgo.observability.traffic import TrafficRecord
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.main import accounts, users
from openalgo.persistence.main.login_attempts import LoginAttempt
from openalgo.persistence.record_log import RecordLog
from openalgo.persistence.stores import Store
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.unresolved import UnresolvedOrders
from openalgo.trading.paper.calls import PaperCalls
from openalgo.trading.paper.desk import PaperDesk
from openalgo.trading.paper.settings import PaperSettings
from openalgo.trading.profit.desk import ProfitDesk
from openalgo.trading.profit.record import ProfitRecord
from tests.api.fakes import World
from tests.support.folders import fresh_folder
from tests.support.live_broker import FakeAdapters, FakeBroker, listing_of
from tests.support.paper_desk import make_desk

# 10:30 in the morning in India.
MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
USERNAME = "ravi"
PASSWORD = "Nifty#25000"
PEPPER = SecretStr("p" * 32)


def passwords() -> Passwords:
    """At the least cost; new for each event loop, to which its slots belong."""
    return Passwords(PEPPER, HashCost(time=1, memory_kib=8, lanes=1))


class Seconds:
    """Transport time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class NoTasks:
    def start(self, name: str, run: Callable[[], object]) -> None:
        pass

    def end(self, name: str) -> None:
        pass


@dataclass
class Site:
    main: Store
    origin: str = "http://127.0.0.1:5000"
    websocket_url: str = "ws://127.0.0.1:8765"
    login_rule: str = "1000 per minute"
    logs: Store | None = None
    settings: ApiSettings = field(default_factory=lambda: ApiSettings(version="0.1.0"))
    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    seconds: Seconds = field(default_factory=Seconds)
    world: World = field(default_factory=World)
    attempts: list[LoginAttempt] = field(default_factory=list)
    seen: list[tuple[int, datetime]] = field(default_factory=list)
    uses: list[tuple[int, datetime]] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    traffic: list[TrafficRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    broker_session: bool = True
    web_build: str | None = "/assets/index-B4k_9fQz.js"
    listed: Sequence[Instrument] = ()
    broker: FakeBroker = field(default_factory=FakeBroker)
    folder: Path = field(default_factory=fresh_folder)
    adapters: FakeAdapters = field(default_factory=FakeAdapters)

    @cached_property
    def ring(self) -> KeyRing:
        return KeyRing(PEPPER, b"salt" * 8)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.main)

    @cached_property
    def keys(self) -> ApiKeys:
        return ApiKeys(
            self.main,
            self.ring,
            used=lambda key_id, at: self.uses.append((key_id, at)),
            forgotten=self.forgotten.append,
            now=self.clock.now,
            monotonic=self.seconds,
        )

    @cached_property
    def paper_settings(self) -> PaperSettings:
        return PaperSettings(self.main, self.clock)

    @cached_property
    def paper(self) -> PaperDesk:
        return make_desk(self.paper_settings, self.clock, self.world.venue, self.world.paper_past)

    @cached_property
    def upkeep(self) -> Upkeep:
        return Upkeep(
            "zerodha",
            self.read_instruments,
            self.clock,
            listed_at=time(8),
            available=lambda: self.broker_session,
        )

    async def read_instruments(self) -> Rows:
        return self.listed

    @cached_property
    def call_times(self) -> CallTimes:
        return CallTimes()

    @cached_property
    def desk(self) -> BrokerDesk:
        vault = Vault(self.main, self.ring.cipher, self.clock)
        sessions = BrokerSessions(
            self.accounts,
            vault,
            self.adapters,
            self.broker.clients(),
            self.clock,
            listing_of=listing_of,
            record=self.call_times.note,
        )
        return BrokerDesk(
            self.accounts, vault, sessions, self.adapters, self.clock, SecretStr("k" * 32)
        )

    @cached_property
    def journal(self) -> Journal:
        log = RecordLog(self.folder, "live-orders")
        return Journal(self.main, log, self.clock)

    @cached_property
    def profit(self) -> ProfitDesk:
        """Nothing runs by itself: the day is sampled when it is asked for."""
        return ProfitDesk(
            self.world.services.markets,
            ProfitRecord(self.main),
            self.clock,
            self.events.append,
            lambda _: True,
            NoTasks(),
        )

    @cached_property
    def ui(self) -> UiServices:
        sessions = WebSessions(
            self.main,
            self.ring.digest,
            self.clock,
            expiry=time(3),
            seen=lambda session_id, at: self.seen.append((session_id, at)),
        )
        return UiServices(
            accounts=self.accounts,
            sessions=sessions,
            logins=Logins(
                self.main,
                passwords(),
                sessions,
                self.clock,
                throttle=PasswordThrottle(monotonic=self.seconds),
                record=self.attempts.append,
            ),
            setup=Setup(self.main, passwords(), self.ring, self.clock, broker="simulator"),
            keys=KeyDesk(self.main, self.ring, self.keys, self.accounts, self.clock),
            browser=BrowserPolicy(self.origin, SecretStr("a" * 32)),
            login_limit=AddressWindows(self.login_rule, timer=self.seconds),
            masters=lambda _: self.upkeep,
            broker_desk=self.desk,
            unresolved=UnresolvedOrders(self.journal, self.clock, self.events.append),
            call_times=self.call_times,
            preferences=WebPreferences(self.main, self.clock),
            profit=self.profit,
            web_build=lambda: self.web_build,
            websocket_url=self.websocket_url,
        )

    @cached_property
    def app(self) -> ASGIApp:
        services = replace(self.world.services, keys=self.keys, paper=self.paper)
        if self.logs is not None:
            calls = PaperCalls(LogRecords(self.logs), self.clock.now)
            services = replace(services, paper_calls=calls)
        return create_api(services, self.settings, ui=self.ui, traffic=self.traffic.append)

    def browser(self, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """A browser of its own, with its own cookies. It knows no token before it logs in."""
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url=self.origin, headers=headers)

    async def make_other_user(self, username: str = "asha") -> None:
        """Somebody who administers nothing, with an account of their own."""
        async with self.main.write() as tx:
            user = await users.create(
                tx,
                username=username,
                email=None,
                password_hash=await passwords().hash(PASSWORD),
                is_admin=False,
                created_at=self.clock.now(),
            )
            await accounts.create(
                tx,
                user_id=user.id,
                name="Default",
                broker="simulator",
                created_at=self.clock.now(),
            )

    async def make_user(self) -> str:
        """The first user; their API key."""
        made = await self.ui.setup.create(
            username=USERNAME, password=PASSWORD, email="ravi@example.com"
        )
        return made.api_key

    @asynccontextmanager
    async def visit(
        self, address: str = "127.0.0.1", *, username: str = USERNAME
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A browser whose user has logged in."""
        async with self.browser(address) as browser:
            await log_in(browser, username=username)
            yield browser


async def log_in(
    browser: httpx.AsyncClient, *, username: str = USERNAME, password: str = PASSWORD
) -> httpx.Response:
    """Log in, and send the token from then on."""
    reply = await browser.post("/auth/login", json={"username": username, "password": password})
    assert reply.status_code == 200, reply.text
    browser.headers["X-CSRFToken"] = reply.json()["csrf_token"]
    return reply
