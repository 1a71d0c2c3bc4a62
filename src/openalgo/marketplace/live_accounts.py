"""The accounts at brokers: each gets its market, its feed and its way to the broker."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from openalgo.accounts.accounts import Account, Accounts
from openalgo.accounts.session_status import SessionState, SessionStatus
from openalgo.accounts.sessions import BrokerSessions
from openalgo.accounts.vault import Vault
from openalgo.brokers.adapter import Broker, StreamAddress
from openalgo.brokers.adapters import Adapters
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import Clock
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerRejected,
    BrokerSessionExpired,
    BrokerUnavailable,
    OpenAlgoError,
)
from openalgo.domain.events import Event, FeedChanged
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import InstrumentKey, Quote, Tick
from openalgo.instruments.status import MasterStatus
from openalgo.marketdata.live import LiveMarketData
from openalgo.marketplace.markets import Marketplace, MarketSource
from openalgo.marketplace.masters import BrokerMasters, is_new
from openalgo.observability.health import Health, HealthChecks
from openalgo.streaming.feeds import FeedMonitor, FeedState, FeedStatus, LiveFeed, dialler
from openalgo.streaming.feeds.sockets import Socket
from openalgo.streaming.feeds.stale import StaleTicks
from openalgo.supervisor import Restart, Supervisor
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.venue import BrokerVenue
from openalgo.trading.markets import LiveSide

log = structlog.get_logger(__name__)

ASKED_AGAIN = 5.0
"""Seconds until a broker that could not say whether a session is over is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDesk:
    """What all accounts at brokers share. `publish` gets their events; `placed_elsewhere` hears of
    an account when an order shows up that was not sent from here. After `stale_after` seconds
    without a price the log warns, unless that is 0 or less."""

    accounts: Accounts
    brokers: Adapters
    vault: Vault
    sessions: BrokerSessions
    masters: BrokerMasters
    journal: Journal
    clock: Clock
    publish: Callable[[Event], None]
    placed_elsewhere: Callable[[int], None]
    stale_after: float = 0.0


class LiveAccounts:
    """Opens what an account at a broker needs when it is made, and closes it when it is put away.

    A login changes nothing of that but what calls go by, so nobody loses a subscription.
    """

    def __init__(
        self,
        desk: LiveDesk,
        marketplace: Marketplace,
        supervisor: Supervisor,
        health: HealthChecks,
    ) -> None:
        self._desk = desk
        self._marketplace = marketplace
        self._supervisor = supervisor
        self._health = health
        self._open: dict[int, _AtBroker] = {}
        self._changes: asyncio.Queue[Account] = asyncio.Queue()
        desk.accounts.follow(self._changes.put_nowait)
        desk.sessions.follow(self._on_session)
        desk.masters.follow(self._on_master)

    async def start(self) -> None:
        """Open the accounts there are, logged in or not."""
        for account in self._desk.accounts.all():
            await self._settle(account)
        self._supervisor.start("live-accounts", self._run, Restart())

    async def finish(self) -> None:
        """Wait for the answers to what was sent. No more may be asked by now."""
        for each in self._open.values():
            await each.venue.finish()

    async def close(self) -> None:
        """Give back what the accounts hold; their tasks have ended."""
        for each in self._open.values():
            await each.data.close()

    async def _run(self) -> None:
        while True:
            await self._settle(await self._changes.get())

    async def _settle(self, account: Account) -> None:
        if account.archived:
            await self._close(account.id)
        elif account.id not in self._open and self._marketplace.is_live(account.broker):
            try:
                await self._open_one(account)
            except OpenAlgoError as error:
                log.error("account cannot be opened", account=account.id, error=error.message)

    async def _open_one(self, account: Account) -> None:
        desk, account_id = self._desk, account.id
        broker = desk.brokers.broker(account.broker)
        upkeep = await desk.masters.open(account.broker)
        at_broker = self._open[account_id] = _AtBroker(desk, account_id, broker)
        source = MarketSource(
            info=broker.info,
            clock=desk.clock,
            calendar=at_broker.calendar,
            instruments=upkeep.current,
            data=at_broker.data,
            set_demand=at_broker.feed.set_demand,
            stream=at_broker.stream,
            feed=at_broker.monitor,
        )
        live = LiveSide(venue=at_broker.venue, connected=at_broker.connected)
        self._marketplace.open_live(account_id, source, live)
        self._supervisor.start(f"orders-{account_id}", at_broker.venue.follow, Restart())
        self._supervisor.start(f"session-{account_id}", at_broker.settle_doubts, Restart())
        self._supervisor.start(f"stale-{account_id}", at_broker.stale.run, Restart())
        self._health.register(_feed_check(account_id), at_broker.feed_health)

    async def _close(self, account_id: int) -> None:
        at_broker = self._open.pop(account_id, None)
        if at_broker is None:
            return
        await self._marketplace.close_live(account_id)
        self._health.forget(_feed_check(account_id))
        await self._supervisor.stop(
            f"orders-{account_id}", f"session-{account_id}", f"stale-{account_id}"
        )
        await at_broker.venue.finish()
        await at_broker.data.close()

    def _on_session(self, account_id: int, status: SessionStatus) -> None:
        at_broker = self._open.get(account_id)
        if at_broker is not None and status.state is SessionState.CONNECTED:
            at_broker.feed.roll_over()
            at_broker.venue.look()
            self._desk.masters.wake(at_broker.broker.info.id)

    def _on_master(self, status: MasterStatus) -> None:
        if is_new(status):
            for at_broker in self._open.values():
                if at_broker.broker.info.id == status.broker:
                    at_broker.feed.relist()


class _AtBroker:
    """One account: its orders, its prices, its feed."""

    def __init__(self, desk: LiveDesk, account_id: int, broker: Broker) -> None:
        self.broker = broker
        self.calendar = ExchangeCalendar()
        self._sessions = desk.sessions
        self._vault = desk.vault
        self._account_id = account_id
        self._clock = desk.clock
        self._tell_account = desk.publish
        self._connect = desk.sessions.connector(account_id)
        self.data = LiveMarketData(broker, self._connect, desk.clock)
        self.venue = BrokerVenue(
            account_id,
            broker,
            self._connect,
            desk.journal,
            desk.clock,
            desk.publish,
            placed_elsewhere=desk.placed_elsewhere,
        )
        self._publish: Callable[[Tick], None] = lambda _: None
        self._was_connected = False
        self._doubted = asyncio.Event()
        self.feed = LiveFeed(
            broker,
            address=self._address,
            listing=desk.masters.listing(broker.info.id),
            clock=desk.clock,
            calendar=self.calendar,
            publish=self._tell,
            order_update=self.venue.take,
            session_over=self._session_over,
            poll=self._poll,
            changed=self._feed_changed,
            dial=self._dial,
        )
        self.monitor = FeedMonitor(self.feed.status)
        self.stale = StaleTicks(
            f"{broker.info.id} of account {account_id}",
            desk.stale_after,
            self.feed.status,
            lambda: self.feed.exchanges,
            self.calendar,
            desk.clock,
        )

    def connected(self) -> bool:
        return self._sessions.status(self._account_id).state is SessionState.CONNECTED

    async def stream(self, publish: Callable[[Tick], None]) -> None:
        """Send what is in demand to `publish`, until cancelled."""
        self._publish = publish
        await self.feed.run()

    def feed_health(self) -> Health:
        """For the health checks."""
        if self.stale.since is not None:
            name, seconds = self.broker.info.id, int(self.stale.since)
            return Health("warn", f"{name}: no price for {seconds} s though markets are open")
        return self.feed.health()

    def _tell(self, tick: Tick) -> None:
        self.stale.heard()
        self._publish(tick)

    def _address(self) -> StreamAddress:
        login = self._sessions.login_of(self._account_id)
        if login.broker.stream is None:
            raise BrokerUnavailable(f"{login.broker.info.name} has no feed")
        return login.broker.stream.address(login.broker.endpoints, login.app, login.session)

    async def _dial(self, address: StreamAddress) -> Socket:
        """By the account's route as it is now."""
        return await dialler(self._vault.route(self._account_id))(address)

    async def _poll(self, instruments: Sequence[Instrument]) -> Mapping[InstrumentKey, Quote]:
        return await self.broker.market_data.quotes(self._connect(), instruments)

    async def settle_doubts(self) -> None:
        """Ask the broker whenever its feed does not take the session: a feed is refused for other
        reasons too (not paid for, overloaded), and orders must go on then. Until cancelled."""
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            try:
                await self.broker.portfolio.funds(self._connect())
            except (BrokerAuthExpired, BrokerSessionExpired):
                # What sends the calls has ended the session.
                continue
            except BrokerRejected:
                self.feed.session_good()
            except OpenAlgoError as error:
                log.warning("session in doubt", account=self._account_id, why=error.code)
                await asyncio.sleep(ASKED_AGAIN)
                self._doubted.set()
            else:
                self.feed.session_good()

    def _session_over(self, reason: str) -> None:
        log.info("the feed does not take the session", account=self._account_id, reason=reason)
        self._doubted.set()

    def _feed_changed(self, status: FeedStatus) -> None:
        """Orders told while no connection was up are in the book only."""
        is_connected = status.state is FeedState.CONNECTED
        if is_connected and not self._was_connected:
            self.venue.look()
        self._was_connected = is_connected
        if self.monitor.changed(status):
            self._tell_account(
                FeedChanged(
                    account_id=self._account_id,
                    at=self._clock.now(),
                    cause="",
                    broker=status.broker,
                    state=status.state,
                    message=status.message,
                )
            )


def _feed_check(account_id: int) -> str:
    return f"feed of account {account_id}"
