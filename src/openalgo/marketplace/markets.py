"""Opens, runs and closes markets: the embedded one, and one for each account at a broker."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from openalgo.accounts.accounts import AccountNotFound, Accounts
from openalgo.brokers.base import BrokerInfo, Replay
from openalgo.domain.calendar import Calendar
from openalgo.domain.clock import Clock, SystemClock
from openalgo.domain.events import AccountEvent, AccountMarked
from openalgo.domain.market import InstrumentKey, Mode, Tick
from openalgo.instruments.current import CurrentMaster
from openalgo.marketdata.depth import DepthBroker, Depths
from openalgo.marketdata.history import CandleBroker, History
from openalgo.marketdata.quotes import QuoteBroker, Quotes
from openalgo.observability.health import Health, HealthChecks
from openalgo.options.chain import Chains
from openalgo.options.greeks import GreeksDesk
from openalgo.options.underlyings import Underlyings
from openalgo.persistence.sandbox.books import EMBEDDED_MARKET, SandboxBooks
from openalgo.persistence.stores import Store
from openalgo.sandbox.dayrunner import DayRunner
from openalgo.sandbox.engine import Engine, EngineStatus
from openalgo.sandbox.exchanges import PaperExchanges
from openalgo.sandbox.marking import Marking
from openalgo.sandbox.past_prices import PastPrices
from openalgo.streaming.demand import SANDBOX, Demand
from openalgo.streaming.feeds import FeedMonitor, FeedState, FeedStatus
from openalgo.streaming.hub import Hub
from openalgo.supervisor import Fail, Once, Restart, Supervisor
from openalgo.trading.markets import LiveSide, Market, Markets, PaperSide
from openalgo.trading.sandbox_venue import SandboxVenue


class MarketDataSource(QuoteBroker, DepthBroker, CandleBroker, Protocol):
    """Who is asked for quotes, order books and candles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSource:
    """What a market is made from.

    `instruments` is the broker's master, which its accounts share. Load it before: paper orders
    that wait find their instruments when the market opens (yesterday's will do). `data` is asked.
    The feed hears by `set_demand` what to send, and `stream` sends it until cancelled; one that
    needs no connection has no `feed` to be watched. `paced` is given what to wait for after each
    step of a replay.
    """

    info: BrokerInfo
    clock: Clock
    calendar: Calendar
    instruments: CurrentMaster
    data: MarketDataSource
    set_demand: Callable[[Mapping[InstrumentKey, Mode]], None]
    stream: Callable[[Callable[[Tick], None]], Awaitable[None]]
    feed: FeedMonitor | None = None
    replay: Replay | None = None
    paced: Callable[[Callable[[], Awaitable[None]]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A market and what runs in it. `account_id` is whose it is, if it is one account's."""

    market: Market
    source: MarketSource
    engine: Engine
    days: DayRunner
    marking: Marking
    books: SandboxBooks
    account_id: int | None

    def task(self, name: str) -> str:
        """What the task `name` of this market is called."""
        return name if self.account_id is None else f"{name}-{self.account_id}"

    @property
    def check(self) -> str:
        """What the check of its health is called."""
        name = "paper exchange"
        return name if self.account_id is None else f"{name} of account {self.account_id}"


class Marketplace:
    """The embedded market serves the accounts at `brokers`; `store` is that of the sandbox, and
    `publish` gets the events of all accounts; their values only where the account `is_heard`."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        brokers: Collection[str],
        store: Store,
        exchanges: PaperExchanges,
        publish: Callable[[AccountEvent | AccountMarked], None],
        is_heard: Callable[[int], bool],
        supervisor: Supervisor,
        health: HealthChecks,
        greeks_min_years: float,
        embedded: MarketSource,
        carry: Callable[[Hub, str, int | None], None] = lambda *_: None,
    ) -> None:
        """`carry` hears of every market that opens: its hub, its broker and whose it is."""
        self._accounts = accounts
        self._carry = carry
        self._brokers = brokers
        self._store = store
        self._exchanges = exchanges
        self._publish = publish
        self._is_heard = is_heard
        self._supervisor = supervisor
        self._health = health
        self._greeks_min_years = greeks_min_years
        self._embedded = self._open(embedded, self._is_embedded)
        self._own: dict[int, _Opened] = {}
        self.markets = Markets(accounts, self._embedded.market, brokers)

    def start(self) -> None:
        """Run the embedded market: before, it answers and does nothing by itself."""
        self._start(self._embedded)

    def is_live(self, broker_id: str) -> bool:
        """Whether accounts at this broker have a market of their own."""
        return broker_id not in self._brokers

    def open_live(self, account_id: int, source: MarketSource, live: LiveSide) -> Market:
        """Open and run the market of an account at a broker: of every such account, when the server
        starts or the account is made, whether it is logged in or not. It stays open over logins,
        and with it what clients have subscribed to. Raises `ValueError` while it is open."""
        if account_id in self._own:
            raise ValueError(f"The market of account {account_id} is already open")
        opened = self._open(source, lambda each: each == account_id, account_id)
        self._own[account_id] = opened
        self._start(opened)
        self.markets.add(account_id, opened.market, live)
        return opened.market

    async def close_live(self, account_id: int) -> None:
        """The account is gone. Safe to call twice."""
        self.markets.remove(account_id)
        opened = self._own.pop(account_id, None)
        if opened is not None:
            await self._supervisor.stop(
                *map(opened.task, ("market", "paper-days", "paper-marking", "paper-capital"))
            )
            await self._finish(opened)
            self._health.forget(opened.check)
            self._exchanges.remove(opened.engine)
            await opened.books.close()

    async def finish(self) -> None:
        """Let every paper exchange do what it was asked, and take no more."""
        for opened in self._all():
            await self._finish(opened)

    async def close(self) -> None:
        """Give back what the markets hold; their tasks have ended."""
        for opened in self._all():
            await opened.books.close()

    def _all(self) -> list[_Opened]:
        return [*self._own.values(), self._embedded]

    def _is_embedded(self, account_id: int) -> bool:
        try:
            return self._accounts[account_id].broker in self._brokers
        except AccountNotFound:
            return False

    def _start(self, opened: _Opened) -> None:
        source, hub, start = opened.source, opened.market.hub, self._supervisor.start
        start(opened.task("paper-exchange"), opened.engine.run, Fail())
        start(opened.task("paper-days"), opened.days.run, Restart())
        start(opened.task("paper-marking"), opened.marking.run, Restart())
        start(opened.task("paper-capital"), opened.engine.align_capital, Once())
        start(opened.task("market"), lambda: _streaming(source, hub), Restart())

    async def _finish(self, opened: _Opened) -> None:
        await self._supervisor.finish(opened.task("paper-exchange"), opened.engine.stop)

    def _open(
        self,
        source: MarketSource,
        owns: Callable[[int], bool],
        account_id: int | None = None,
    ) -> _Opened:
        clock, master, data = source.clock, source.instruments, source.data
        hub, demand = Hub(), Demand()
        quotes, history = Quotes(master, hub.latest, data), History(master, data)
        books = SandboxBooks(self._store, EMBEDDED_MARKET + (account_id or 0), owns)
        engine = Engine(
            books,
            master,
            clock,
            source.calendar,
            self._publish,
            self._exchanges.rules,
            interest=lambda keys: demand.state(SANDBOX, dict.fromkeys(keys, Mode.QUOTE)),
            counters=self._exchanges.counters,
        )
        self._exchanges.add(engine)
        hub.tap(engine.on_tick)
        self._carry(hub, source.info.id, account_id)
        demand.follow(source.set_demand)
        days = DayRunner(
            engine,
            source.calendar,
            clock,
            source.info.exchanges,
            PastPrices(master, quotes, history, clock),
        )
        if source.paced is not None:
            source.paced(days.settled)
        underlyings = Underlyings(master, quotes, clock)
        chains = Chains(underlyings, quotes, clock, source.calendar, self._greeks_min_years)
        opened = _Opened(
            market=Market(
                info=source.info,
                clock=clock,
                calendar=source.calendar,
                instruments=master,
                hub=hub,
                demand=demand,
                feed=source.feed or FeedMonitor(lambda: _always_up(source, demand)),
                quotes=quotes,
                underlyings=underlyings,
                chains=chains,
                greeks=GreeksDesk(chains, quotes),
                paper=PaperSide(
                    venue=SandboxVenue(engine, books, quotes, clock),
                    exchange=engine,
                    next_events=days.next_events,
                    running=lambda: engine.status is EngineStatus.RUNNING,
                ),
                depth=Depths(master, hub.latest, data),
                history=history,
                replay=source.replay,
            ),
            source=source,
            engine=engine,
            days=days,
            marking=Marking(engine, clock, self._publish, self._is_heard, SystemClock()),
            books=books,
            account_id=account_id,
        )
        self._health.register(opened.check, lambda: _engine_health(engine))
        return opened


async def _streaming(source: MarketSource, hub: Hub) -> None:
    await source.stream(hub.publish)


def _always_up(source: MarketSource, demand: Demand) -> FeedStatus:
    """Of a market that is played here."""
    wanted = len(demand.wanted)
    return FeedStatus(
        broker=source.info.id,
        state=FeedState.CONNECTED,
        connections=(),
        wanted=wanted,
        subscribed=wanted,
        polled=0,
        unknown=0,
        capacity=len(source.instruments.master),
    )


def _engine_health(engine: Engine) -> Health:
    running = engine.status is EngineStatus.RUNNING
    return Health("pass" if running else "fail", engine.status)
