"""One account with limits, its venue, and clocks that tests move."""

import asyncio
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from openalgo.domain.calendar import session_date
from openalgo.domain.clock import ManualClock
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyOrder, PlaceOrder
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Order, Product
from openalgo.domain.portfolio import (
    FundsStatement,
    Holding,
    MarkedHolding,
    MarkedPosition,
    Position,
)
from openalgo.instruments.freeze import FreezeQuantities
from openalgo.observability.latency import OrderTiming
from openalgo.streaming.hub import Hub
from openalgo.streaming.latest import LatestPrices
from openalgo.trading.day import DayCounts, DayLosses
from openalgo.trading.rates import SegmentRates
from openalgo.trading.risk import LimitsInForce, Risk
from openalgo.trading.risk_limits import KillSwitch, RiskLimits, RiskSettings
from openalgo.trading.risk_terms import TermLimits
from openalgo.trading.run import Run
from openalgo.trading.venues import VenueMode
from tests.api.fakes import FakeVenue
from tests.support.market import MORNING
from tests.support.markets import a_market
from tests.support.trading import RiskInMemory

ACCOUNT = 1


class Books(FakeVenue):
    """Counts what is read from it; `loss` is the day's. While `gate` is closed, orders wait at the
    venue, where no book shows them."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock = clock
        self.read: list[str] = []
        self.loss = ZERO
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked_for_funds = asyncio.Event()

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        await self.gate.wait()
        placed = await super().submit(account_id, order, instrument, cause=cause)
        stored = replace(placed, created_at=self.clock.now(), updated_at=self.clock.now())
        self.book[0] = stored
        return stored

    async def orders(self, account_id: int) -> list[Order]:
        self.read.append("orders")
        book = await super().orders(account_id)
        await asyncio.sleep(0)
        return book

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        self.read.append("positions")
        return await super().positions(account_id)

    async def funds(self, account_id: int) -> FundsStatement:
        self.read.append("funds")
        self.asked_for_funds.set()
        await asyncio.sleep(0)
        funds = await super().funds(account_id)
        return replace(funds, realised_today=-self.loss, unrealised=ZERO)


class Prices(LatestPrices):
    """The last prices are what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[InstrumentKey, Px] = {}

    def price(self, key: InstrumentKey) -> Px | None:
        return self.said.get(key)


class Guarded:
    """An account on paper, unless `mode` says live."""

    def __init__(self, limits: RiskLimits | None = None, mode: VenueMode = VenueMode.ANALYZE):
        self.clock = ManualClock(MORNING)
        self.seconds = 0.0
        hub = Hub()
        hub.latest = latest = Prices()
        self.prices = latest.said
        self.market = a_market(clock=self.clock, hub=hub)
        self.settings = RiskInMemory(MORNING)
        self.limit(limits or RiskLimits())
        self.venue = Books(self.clock)
        self.venue.mode = mode
        self.restart()

    def restart(self, settings: LimitsInForce | None = None) -> None:
        """What was in memory is gone."""
        self.days, self.losses = DayCounts(), DayLosses()
        self.rates = SegmentRates(lambda: self.seconds)
        terms = TermLimits(FreezeQuantities())
        self.risk = Risk(settings or self.settings, terms, self.days, self.losses, self.rates)

    @property
    def run(self) -> Run:
        return Run(
            account_id=ACCOUNT,
            market=self.market,
            venue=self.venue,
            cause="test",
            timing=OrderTiming(),
        )

    def limit(self, limits: RiskLimits) -> None:
        self.settings.of[ACCOUNT] = replace(self.settings.settings(ACCOUNT), limits=limits)

    def kill(self) -> None:
        kill = KillSwitch(at=MORNING, by="asha")
        limits = self.settings.settings(ACCOUNT).limits
        self.settings.of[ACCOUNT] = RiskSettings(limits=limits, kill=kill)

    def hold(self, instrument: Instrument, quantity: int, product: str = "MIS") -> None:
        """The account holds this much, and nothing else of it."""
        position = Position(
            account_id=ACCOUNT,
            symbol=instrument.symbol,
            exchange=instrument.exchange,
            product=Product(product),
            quantity=Decimal(quantity),
            cost=Decimal(abs(quantity) * 100),
            margin=ZERO,
            realised=ZERO,
            realised_today=ZERO,
            realised_on=session_date(MORNING),
            opened_on=session_date(MORNING),
            created_at=MORNING,
            updated_at=MORNING,
        )
        self.venue.marked = [
            each for each in self.venue.marked if each.position.key != position.key
        ] + [
            MarkedPosition(
                position=position, ltp=Decimal(100), unrealised=ZERO, realised_today=ZERO
            )
        ]

    def own(self, instrument: Instrument, quantity: int) -> None:
        """Settled shares."""
        holding = Holding(
            account_id=ACCOUNT,
            symbol=instrument.symbol,
            exchange=instrument.exchange,
            quantity=Decimal(quantity),
            cost=Decimal(quantity * 100),
            settled_on=session_date(MORNING),
        )
        self.venue.held = [MarkedHolding(holding=holding, ltp=Decimal(100))]

    async def send(self, order: PlaceOrder, instrument: Instrument) -> Order:
        async with self.risk.admit(self.run, order, instrument):
            return await self.venue.submit(ACCOUNT, order, instrument, cause="test")

    async def change(self, order: Order, instrument: Instrument, **terms: Any) -> Order:
        """Modify a working order; `price` and `trigger_price` in rupees."""
        change = ModifyOrder(
            strategy="test",
            order_id=order.order_id,
            exchange=order.exchange,
            symbol=order.symbol,
            action=order.action,
            product=order.product,
            price_type=order.price_type,
            quantity=Decimal(terms.get("quantity", order.quantity)),
            price=px(terms.get("price", 0)),
            trigger_price=px(terms.get("trigger_price", 0)),
        )
        async with self.risk.admit(self.run, change, instrument):
            return await self.venue.modify(ACCOUNT, change, instrument, cause="test")
