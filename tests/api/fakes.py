"""In-memory stand-ins for what `app` wires into the API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import httpx
from msgspec.structs import replace
from starlette.types import ASGIApp

from openalgo.api.application import ApiSettings, create_api
from openalgo.api.deps import Services
from openalgo.brokers.base import BrokerInfo
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import (
    GttNotFound,
    IdempotencyConflict,
    OpenAlgoError,
    OrderNotFound,
    OutcomeUnknown,
    SymbolNotFound,
)
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import GttTerms, ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Quote
from openalgo.domain.numbers import ZERO, px
from openalgo.domain.orders import Order, OrderStatus, PriceType, Product, Trade
from openalgo.domain.portfolio import (
    Funds,
    FundsStatement,
    MarginNeed,
    MarkedHolding,
    MarkedPosition,
    Position,
)
from openalgo.identity.principal import Principal, Scope
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.instruments.master import Master
from openalgo.marketdata.history import History
from openalgo.observability.health import CheckedHealth, HealthReport, HealthWord
from openalgo.observability.latency import LatencyRecord, OrderTimer
from openalgo.observability.traffic import OrderCallRecord, TrafficRecord
from openalgo.persistence.logs.records import LogRecords
from openalgo.persistence.stores import Store
from openalgo.streaming.events import EventBus
from openalgo.trading.approvals.assembly import make_action_center
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.assembly import make_risk, make_trading
from openalgo.trading.explain import Explanation
from openalgo.trading.markets import Market
from openalgo.trading.paper.calls import PaperCalls
from openalgo.trading.paper.settings import PaperSettings
from openalgo.trading.venues import MarginOrder, Venue, VenueMode
from tests.support.markets import OneMarket, a_market
from tests.support.paper_desk import PaperPastInMemory, make_desk
from tests.support.trading import AccountsInMemory, PlansInMemory, QueueInMemory, RiskInMemory

ACCOUNT = 7
KEY = "k" * 64
READ_KEY = "r" * 64
TRADE_KEY = "t" * 64
ADMIN_KEY = "a" * 64
OTHER_KEY = "o" * 64
COLD_KEY = "c" * 64
NOW = datetime(2025, 11, 21, 5, 0, tzinfo=UTC)


def principal(key_id: int, *scopes: Scope) -> Principal:
    return Principal(
        user_id=1,
        username="asha",
        account_id=ACCOUNT,
        key_id=key_id,
        scopes=frozenset(scopes),
    )


class FakeKeys:
    """`COLD_KEY` is known to storage only, until it has been asked for once."""

    def __init__(self) -> None:
        self.warm = {
            KEY: principal(1, *Scope),
            READ_KEY: principal(2, Scope.READ),
            TRADE_KEY: principal(5, Scope.TRADE),
            ADMIN_KEY: principal(6, Scope.ADMIN),
            OTHER_KEY: principal(3, *Scope),
        }
        self.cold = {COLD_KEY: principal(4, *Scope)}

    def lookup(self, key: str, address: str = "") -> Principal | None:
        return self.warm.get(key)

    async def authenticate(self, key: str, address: str = "") -> Principal | None:
        found = self.cold.get(key)
        if found is not None:
            self.warm[key] = found
        return found


def instrument(exchange: Exchange, symbol: str, lot_size: int = 1) -> Instrument:
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        name=symbol,
        type=InstrumentType.EQUITY if exchange is Exchange.NSE else InstrumentType.FUTURE,
        broker_symbol=symbol,
        broker_exchange=exchange,
        token=symbol,
        tick_size=px("0.05"),
        lot_size=lot_size,
    )


class FakeInstruments:
    """Two of its own, and those of `others`."""

    def __init__(self, others: CurrentMaster | None = None) -> None:
        self._others = others or CurrentMaster()
        known = (
            instrument(Exchange.NSE, "RELIANCE"),
            instrument(Exchange.NFO, "NIFTY25NOV25FUT", lot_size=75),
        )
        self._known = {each.key: each for each in known}

    def find(self, key: InstrumentKey) -> Instrument | None:
        return self._known.get(key) or self._others.find(key)

    @property
    def master(self) -> Master:
        return self._others.master


class FakeVenue:
    """Keeps orders as given, each client id once; raises `refusal` when there is one, or what
    `fate` has for an order. Those `lost` is true of are kept, but the answer does not arrive. Books
    hold what tests put in."""

    def __init__(self) -> None:
        self.mode = VenueMode.ANALYZE
        self.refusal: Exception | None = None
        self.fate: Callable[[PlaceOrder], Exception | None] = lambda _: None
        self.lost: Callable[[PlaceOrder], bool] = lambda _: False
        self.stuck: dict[str, Exception] = {}
        self.placed: list[tuple[PlaceOrder, str]] = []
        self.book: list[Order] = []
        self.fills: list[Trade] = []
        self.marked: list[MarkedPosition] = []
        self.held: list[MarkedHolding] = []
        self.waiting: list[Gtt] = []
        self.wanted: list[PlaceGtt] = []

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        await asyncio.sleep(0)
        refusal = self.refusal or self.fate(order)
        if refusal is not None:
            raise refusal
        stored = self._known(order) or self._keep(account_id, order, cause)
        if self.lost(order):
            raise OutcomeUnknown
        return stored

    def _known(self, order: PlaceOrder) -> Order | None:
        for each in self.book:
            if order.client_order_id is not None and each.client_order_id == order.client_order_id:
                if each.fingerprint != order.fingerprint():
                    raise IdempotencyConflict
                return each
        return None

    def _keep(self, account_id: int, order: PlaceOrder, cause: str) -> Order:
        self.placed.append((order, cause))
        stored = Order(
            account_id=account_id,
            order_id=f"251121{len(self.placed):08}",
            symbol=order.symbol,
            exchange=order.exchange,
            action=order.action,
            product=order.product,
            price_type=order.price_type,
            quantity=order.quantity,
            price=order.price if order.price_type is not PriceType.MARKET else px("1512.4"),
            trigger_price=order.trigger_price,
            status=OrderStatus.OPEN,
            strategy=order.strategy,
            created_at=NOW,
            updated_at=NOW,
            client_order_id=order.client_order_id,
            fingerprint=order.fingerprint(),
            cause=cause,
        )
        self.book.insert(0, stored)
        return stored

    async def margin(self, account_id: int, orders: Sequence[MarginOrder]) -> MarginNeed:
        """100 rupees a unit, a tenth of it saved."""
        self._check()
        whole = sum((order.quantity * 100 for order, _ in orders), ZERO)
        return MarginNeed(total=whole * 9 / 10, benefit=whole / 10)

    async def modify(
        self, account_id: int, change: ModifyOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        if self.refusal is not None:
            raise self.refusal
        order = await self.order(account_id, change.order_id)
        modified = replace(
            order,
            quantity=change.quantity,
            price_type=change.price_type,
            price=change.price,
            trigger_price=change.trigger_price,
        )
        self.book[self.book.index(order)] = modified
        return modified

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:
        refusal = self.refusal or self.stuck.get(order_id)
        if refusal is not None:
            raise refusal
        order = await self.order(account_id, order_id)
        cancelled = replace(order, status=OrderStatus.CANCELLED)
        self.book[self.book.index(order)] = cancelled
        return cancelled

    async def ended(self, account_id: int, order_id: str) -> Order:
        return await self.order(account_id, order_id)

    async def order(self, account_id: int, order_id: str) -> Order:
        self._check()
        for order in self.book:
            if (order.account_id, order.order_id) == (account_id, order_id):
                return order
        raise OrderNotFound(order_id)

    async def orders(self, account_id: int) -> list[Order]:
        self._check()
        return [order for order in self.book if order.account_id == account_id]

    async def trades(self, account_id: int) -> list[Trade]:
        self._check()
        return [trade for trade in self.fills if trade.account_id == account_id]

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        self._check()
        return self.marked

    async def holdings(self, account_id: int) -> list[MarkedHolding]:
        self._check()
        return [each for each in self.held if each.holding.account_id == account_id]

    async def place_gtt(
        self, account_id: int, gtt: PlaceGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        if self.refusal is not None:
            raise self.refusal
        self.wanted.append(gtt)
        placed = _gtt(account_id, f"GTT-251121-{len(self.waiting) + 1:08x}", gtt, cause)
        self.waiting.insert(0, placed)
        return placed

    async def modify_gtt(
        self, account_id: int, change: ModifyGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        self.waiting.remove(await self._active(change.trigger_id))
        modified = _gtt(account_id, change.trigger_id, change, cause)
        self.waiting.insert(0, modified)
        return modified

    async def cancel_gtt(self, account_id: int, trigger_id: str, *, cause: str) -> Gtt:
        gtt = await self._active(trigger_id)
        cancelled = replace(gtt, status=GttStatus.CANCELLED)
        self.waiting[self.waiting.index(gtt)] = cancelled
        return cancelled

    async def gtts(self, account_id: int, *, active_only: bool = True) -> list[Gtt]:
        self._check()
        return [
            each
            for each in self.waiting
            if each.account_id == account_id
            and (each.status is GttStatus.ACTIVE or not active_only)
        ]

    def _check(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def _active(self, trigger_id: str) -> Gtt:
        self._check()
        for gtt in self.waiting:
            if gtt.trigger_id == trigger_id and gtt.status is GttStatus.ACTIVE:
                return gtt
        raise GttNotFound(trigger_id)

    async def funds(self, account_id: int) -> FundsStatement:
        self._check()
        return FundsStatement.on_paper(
            Funds(
                account_id=account_id,
                starting_capital=Decimal(10000000),
                available=Decimal("9998500.1234"),
                used=Decimal("1512.4000"),
                realised=Decimal("12.5234"),
                realised_today=Decimal("2.5000"),
                realised_on=date(2025, 11, 21),
                opened_at=NOW,
            ),
            unrealised=Decimal("-24.1000"),
            realised_today=Decimal("2.5000"),
        )


def _gtt(account_id: int, trigger_id: str, terms: GttTerms, cause: str) -> Gtt:
    return Gtt(
        account_id=account_id,
        trigger_id=trigger_id,
        trigger_type=terms.trigger_type,
        exchange=terms.exchange,
        symbol=terms.symbol,
        action=terms.action,
        product=terms.product,
        quantity=terms.quantity,
        price_type=terms.price_type,
        triggers=terms.triggers,
        status=GttStatus.ACTIVE,
        strategy=terms.strategy,
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + timedelta(days=365),
        last_price=px("1512.4"),
        cause=cause,
    )


class FakeMarkets(OneMarket):
    """`account_id` is the only one that trades here."""

    def __init__(
        self,
        venue: Venue,
        market: Market | None = None,
        account_id: int = ACCOUNT,
        accounts: "FakeAccounts | None" = None,
    ) -> None:
        super().__init__(venue, market)
        self._account_id = account_id
        self._fake = accounts or FakeAccounts()

    def resolve(self, account_id: int) -> Venue:
        if account_id != self._account_id:
            raise LookupError(account_id)
        return super().resolve(account_id)

    def broker_of(self, account_id: int) -> BrokerInfo:
        return self._fake.broker_of(account_id)


class FakeExplainer:
    """Knows the orders in `explained`."""

    def __init__(self) -> None:
        self.explained: dict[str, Explanation] = {}

    async def explain(self, account_id: int, order_id: str) -> Explanation:
        found = self.explained.get(order_id)
        if found is None or found.order.account_id != account_id:
            raise OrderNotFound(order_id)
        return found


class FakeQuotes:
    def __init__(self) -> None:
        self.known = {
            InstrumentKey(Exchange.NSE, "RELIANCE"): Quote(
                key=InstrumentKey(Exchange.NSE, "RELIANCE"),
                at_ms=0,
                ltp=1512.4,
                open=float("nan"),
                high=1519.9,
                prev_close=float("inf"),
                bid=1512.35,
                ask=1512.45,
                volume=1840221,
            )
        }

        self.failing: dict[InstrumentKey, OpenAlgoError] = {}

    async def quote(self, key: InstrumentKey) -> Quote:
        outcome = self._outcome(key)
        if isinstance(outcome, OpenAlgoError):
            raise outcome
        return outcome

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]:
        return [self._outcome(key) for key in keys]

    def _outcome(self, key: InstrumentKey) -> Quote | OpenAlgoError:
        missing = SymbolNotFound(f"Symbol '{key.symbol}' not found for exchange '{key.exchange}'.")
        return self.failing.get(key) or self.known.get(key) or missing


class FakeDepths:
    def __init__(self) -> None:
        self.known: dict[InstrumentKey, Depth] = {}

    async def depth(self, key: InstrumentKey) -> Depth:
        if key not in self.known:
            raise SymbolNotFound(f"Symbol '{key.symbol}' not found for exchange '{key.exchange}'.")
        return self.known[key]


class FakeCandles:
    """A broker with the candles a test gives it, whatever is asked for."""

    clock = ManualClock(NOW)
    intervals = ("5s", "1m", "5m", "1h", "D", "W", "M", "Q")

    def __init__(self) -> None:
        self.candle_rows: Sequence[Candle] = ()
        self.asked: list[tuple[str, str, date, date]] = []

    @property
    def info(self) -> BrokerInfo:
        return BrokerInfo(
            id="simulator",
            name="Simulated market",
            exchanges=frozenset({Exchange.NSE}),
            trading=False,
        )

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        self.asked.append((str(instrument.key), interval, start, end))
        return self.candle_rows


class FakePreferences:
    def __init__(self) -> None:
        self.kept: dict[int, dict[str, str]] = {}
        self.refusal: OpenAlgoError | None = None

    async def of_user(self, user_id: int) -> dict[str, str]:
        return self.kept.get(user_id, {})

    async def update(self, user_id: int, values: Mapping[str, str]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.kept.setdefault(user_id, {}).update(values)


@dataclass(frozen=True)
class Mode:
    analyze_mode: bool
    total_logs: int = 12


class FakeAnalyzer:
    def __init__(self) -> None:
        self.now = Mode(analyze_mode=True)
        self.refusal: OpenAlgoError | None = None

    async def status(self, account_id: int) -> Mode:
        return self.now

    async def set_mode(self, account_id: int, analyze: bool, *, by_owner: bool = False) -> Mode:
        if self.refusal is not None:
            raise self.refusal
        self.now = Mode(analyze_mode=analyze)
        return self.now


class FakeAccounts:
    def __init__(self) -> None:
        self.refusal: OpenAlgoError | None = None

    def broker_of(self, account_id: int) -> BrokerInfo:
        if self.refusal is not None:
            raise self.refusal
        return BrokerInfo(
            id="simulator",
            name="Simulated market",
            exchanges=frozenset({Exchange.NSE}),
            trading=False,
            simulated=True,
        )


class ListJournal:
    def __init__(self) -> None:
        self.records: list[OrderCallRecord] = []

    def order_call(self, record: OrderCallRecord) -> None:
        self.records.append(record)


class FakeHealth:
    def __init__(self) -> None:
        self.word: HealthWord = "pass"

    def ready(self) -> HealthReport:
        check = CheckedHealth(name="engine", status=self.word, detail="12 commands waiting")
        return HealthReport(status=self.word, checks=[check])


@dataclass(frozen=True)
class Played:
    now: datetime
    next_at: datetime | None
    position: int
    total: int
    finished: bool


class FakeReplay:
    """Ten ticks, one a minute."""

    def __init__(self) -> None:
        self.position = 0

    def status(self) -> Played:
        finished = self.position == 10
        return Played(
            now=NOW + timedelta(minutes=self.position),
            next_at=None if finished else NOW + timedelta(minutes=self.position + 1),
            position=self.position,
            total=10,
            finished=finished,
        )

    async def advance(self, until: datetime | None = None, ticks: int | None = None) -> Played:
        if until is None:
            self.position = min(10, self.position + (ticks or 1))
        while until is not None and self.position < 10 and self.status().now < until:
            self.position += 1
        return self.status()


@cache
def never_opened() -> Store:
    """Stands where a database belongs that no test here asks."""
    return Store("main", "sqlite:///never-opened.db")


@dataclass
class World:
    """The API and everything behind it, within a test's reach."""

    account_id: int = ACCOUNT
    keys: FakeKeys = field(default_factory=FakeKeys)
    venue: FakeVenue = field(default_factory=FakeVenue)
    quotes: FakeQuotes = field(default_factory=FakeQuotes)
    analyzer: FakeAnalyzer = field(default_factory=FakeAnalyzer)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    journal: ListJournal = field(default_factory=ListJournal)
    health: FakeHealth = field(default_factory=FakeHealth)
    depth: FakeDepths | None = field(default_factory=FakeDepths)
    candles: FakeCandles | None = field(default_factory=FakeCandles)
    instruments: CurrentMaster = field(default_factory=CurrentMaster)
    preferences: FakePreferences = field(default_factory=FakePreferences)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    replay: FakeReplay | None = None
    traffic: list[TrafficRecord] = field(default_factory=list)
    latencies: list[LatencyRecord] = field(default_factory=list)
    modes: AccountsInMemory = field(default_factory=AccountsInMemory)
    queue: QueueInMemory = field(default_factory=QueueInMemory)
    plans: PlansInMemory = field(default_factory=PlansInMemory)
    explainer: FakeExplainer = field(default_factory=FakeExplainer)
    risk: RiskInMemory = field(default_factory=lambda: RiskInMemory(NOW))
    paper_past: PaperPastInMemory = field(default_factory=PaperPastInMemory)
    settings: ApiSettings = field(default_factory=lambda: ApiSettings(version="0.1.0"))

    @property
    def market(self) -> Market:
        return a_market(
            self.venue,
            clock=self.clock,
            instruments=FakeInstruments(self.instruments),
            masters=self.instruments,
            quotes=self.quotes,
            depth=self.depth,
            history=None if self.candles is None else History(FakeInstruments(), self.candles),
            replay=self.replay,
        )

    @property
    def services(self) -> Services:
        markets = FakeMarkets(self.venue, self.market, self.account_id, self.accounts)
        control, desk = make_risk(self.risk, FreezeQuantities())
        trading = make_trading(
            markets=markets,
            accounts=self.modes,
            approvals=self.queue,
            risk=control,
            plans=self.plans,
            timer=OrderTimer(self.latencies.append),
        )
        store = never_opened()
        return Services(
            keys=self.keys,
            trading=trading,
            action_center=make_action_center(
                book=PendingBook(store),
                steps=Steps(store, markets, lambda _: None),
                trading=trading,
                markets=markets,
                accounts=self.modes,
                rules=ApprovalRules(),
                listen=EventBus().listen,
            ),
            markets=markets,
            analyzer=self.analyzer,
            journal=self.journal,
            health=self.health,
            calendar=ExchangeCalendar(),
            freeze=FreezeQuantities(),
            risk=desk,
            paper=make_desk(
                PaperSettings(store, self.clock), self.clock, self.venue, self.paper_past
            ),
            paper_calls=PaperCalls(LogRecords(store), self.clock.now),
            preferences=self.preferences,
            explainer=self.explainer,
        )

    def app(self) -> ASGIApp:
        return create_api(self.services, self.settings, traffic=self.traffic.append)

    @asynccontextmanager
    async def client(
        self, *, address: str = "127.0.0.1", wrap: Callable[[ASGIApp], ASGIApp] | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        app = self.app()
        transport = httpx.ASGITransport(wrap(app) if wrap else app, client=(address, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://openalgo") as client:
            yield client


def position(
    quantity: str, cost: str = "0", unrealised: str = "0", realised: str = "0"
) -> MarkedPosition:
    """Of RELIANCE, intraday, with the last price at 1510."""
    return MarkedPosition(
        position=Position(
            account_id=ACCOUNT,
            symbol="RELIANCE",
            exchange=Exchange.NSE,
            product=Product.MIS,
            quantity=Decimal(quantity),
            cost=Decimal(cost),
            margin=ZERO,
            realised=ZERO,
            realised_today=Decimal(realised),
            realised_on=date(2025, 11, 21),
            opened_on=date(2025, 11, 21),
            created_at=NOW,
            updated_at=NOW,
        ),
        ltp=Decimal("1510.0"),
        unrealised=Decimal(unrealised),
        realised_today=Decimal(realised),
    )


def order_body(**changes: object) -> dict[str, object]:
    """A valid order, as the SDK sends it."""
    body: dict[str, object] = {
        "apikey": KEY,
        "strategy": "Python",
        "symbol": "RELIANCE",
        "exchange": "NSE",
        "action": "BUY",
        "quantity": "1",
        "pricetype": "MARKET",
        "product": "MIS",
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}
