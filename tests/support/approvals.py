"""An Action Center on a real database, with a venue, prices and a clock in a test's hand."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from openalgo.accounts.accounts import OrderMode
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import IdempotencyConflict, OpenAlgoError, SymbolNotFound
from openalgo.domain.events import Event
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import (
    BasketOrder,
    Intent,
    OptionsOrder,
    PlaceOrder,
    SmartOrder,
    SplitOrder,
)
from openalgo.domain.market import InstrumentKey, Quote
from openalgo.domain.orders import Order, OrderStatus, PositionKey
from openalgo.domain.portfolio import MarkedPosition, Position
from openalgo.identity.principal import Principal, Scope
from openalgo.observability.latency import OrderTimer
from openalgo.persistence.main import accounts, users
from openalgo.persistence.stores import Store
from openalgo.streaming.events import EventBus
from openalgo.trading.approvals.assembly import make_action_center
from openalgo.trading.approvals.book import PendingBook
from openalgo.trading.approvals.queue import WaitingLine
from openalgo.trading.approvals.records import Actor, Channel, PendingOrder
from openalgo.trading.approvals.rules import ApprovalRules
from openalgo.trading.approvals.steps import Steps
from openalgo.trading.baskets import Baskets, Splits
from openalgo.trading.children import Children
from openalgo.trading.executor import Executor
from openalgo.trading.gate import Gate
from openalgo.trading.plans import Leg, Plan
from openalgo.trading.receipts import QueuedReceipt
from openalgo.trading.run import Run
from openalgo.trading.smart import SmartOrders
from openalgo.trading.stored_plans import StoredPlans
from openalgo.trading.submit import Origin, Trading
from openalgo.trading.venues import VenueMode
from tests.api.fakes import FakeVenue
from tests.support.market import INFY, MORNING, NIFTY_CALL, SBIN, Shelf, derivative
from tests.support.markets import OneMarket, a_market
from tests.support.trading import AccountsInMemory, Unlimited

NEXT_CALL = derivative("NIFTY28JUL2625100CE", InstrumentType.CALL)

ASHA, RAVI = 1, 2
ACCOUNT, OTHER_ACCOUNT = 1, 2
"""Asha's and Ravi's."""

OWNER = Actor(name="asha", channel=Channel.UI, request_id="click", address="10.0.0.9")
NO_RULES = ApprovalRules()


async def add_accounts(main: Store) -> None:
    async with main.write() as tx:
        for name in ("asha", "ravi"):
            user = await users.create(
                tx, username=name, email=None, password_hash="", is_admin=False, created_at=MORNING
            )
            await accounts.create(
                tx, user_id=user.id, name="Default", broker="simulator", created_at=MORNING
            )


class BoxVenue(FakeVenue):
    """On paper it takes each client id once; a broker places whatever comes. Holds orders back
    while `open` is cleared; `after` is raised once an order has been taken."""

    def __init__(self, mode: VenueMode) -> None:
        super().__init__()
        self.mode = mode
        self.open = asyncio.Event()
        self.open.set()
        self.arrived = asyncio.Event()
        self.after: Exception | None = None

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        self.arrived.set()
        await self.open.wait()
        for earlier in self.book if self.mode is VenueMode.ANALYZE else ():
            if earlier.client_order_id == order.client_order_id is not None:
                if earlier.symbol != order.symbol or earlier.quantity != order.quantity:
                    raise IdempotencyConflict
                return earlier
        stored = await super().submit(account_id, order, instrument, cause=cause)
        if self.after is not None:
            raise self.after
        return stored

    def end(self, order_id: str, status: OrderStatus) -> Order:
        """The order ends, as the book shows from now on."""
        place = next(i for i, order in enumerate(self.book) if order.order_id == order_id)
        self.book[place] = replace(self.book[place], status=status)
        return self.book[place]

    def hold(self, instrument: Instrument, product: str, quantity: int) -> None:
        """The account has this position from now on."""
        key = PositionKey(instrument.exchange, instrument.symbol, product)  # type: ignore[arg-type]
        day = MORNING.date()
        position = Position(
            account_id=ACCOUNT,
            symbol=key.symbol,
            exchange=key.exchange,
            product=key.product,
            quantity=Decimal(quantity),
            cost=Decimal(abs(quantity) * 800),
            margin=Decimal(0),
            realised=Decimal(0),
            realised_today=Decimal(0),
            realised_on=day,
            opened_on=day,
            created_at=MORNING,
            updated_at=MORNING,
        )
        self.marked = [
            MarkedPosition(
                position=position,
                ltp=Decimal(800),
                unrealised=Decimal(0),
                realised_today=Decimal(0),
            )
        ]


class Prices:
    """What instruments trade at; others are unknown."""

    def __init__(self) -> None:
        self.ltp: dict[InstrumentKey, float] = {SBIN.key: 800.0, NIFTY_CALL.key: 100.0}

    async def quote(self, key: InstrumentKey) -> Quote:
        [outcome] = await self.quotes([key])
        if isinstance(outcome, OpenAlgoError):
            raise outcome
        return outcome

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]:
        return [
            Quote(key=key, at_ms=0, ltp=self.ltp[key])
            if key in self.ltp
            else SymbolNotFound(f"no price of {key}")
            for key in keys
        ]


class AtTheMoney:
    """Trades whatever `instrument` is at the money."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument

    async def concerns(self, run: Run, intent: OptionsOrder) -> Sequence[PositionKey]:
        return ()

    async def plan(self, run: Run, intent: OptionsOrder) -> Plan:
        order = PlaceOrder(
            strategy=intent.strategy,
            exchange=self.instrument.exchange,
            symbol=self.instrument.symbol,
            action=intent.action,
            quantity=intent.quantity,
            price_type=intent.price_type,
            product=intent.product,
        )
        return Plan(legs=(Leg(order=order),))


class Center:
    """Signals come in with `signal`; `approvals` and the rest decide on them."""

    def __init__(
        self,
        main: Store,
        *,
        mode: VenueMode = VenueMode.LIVE,
        rules: ApprovalRules = NO_RULES,
        venue: BoxVenue | None = None,
    ) -> None:
        self.main = main
        self.clock = ManualClock(MORNING)
        self.bus = EventBus()
        self.venue = venue or BoxVenue(mode)
        self.prices = Prices()
        self.shelf = Shelf(SBIN, INFY, NIFTY_CALL, NEXT_CALL)
        self.venues = OneMarket(
            self.venue,
            a_market(clock=self.clock, instruments=self.shelf, quotes=self.prices),
        )
        self.accounts = AccountsInMemory(OrderMode.SEMI_AUTO, rehearse=True)
        self.options = AtTheMoney(NIFTY_CALL)
        self.news: list[Event] = []
        self.foreign: list[Event] = []
        self.bus.listen(ACCOUNT, self.news.append)
        self.bus.listen(OTHER_ACCOUNT, self.foreign.append)
        self.book = PendingBook(main)
        self.steps = Steps(main, self.venues, self.bus.publish)
        line = WaitingLine(self.book, self.steps, self.accounts, rules)
        children = Children(Unlimited())
        self.trading = Trading(
            markets=self.venues,
            gate=Gate(self.accounts),
            approvals=line,
            children=children,
            executor=Executor(children, StoredPlans(main, self.clock)),
            planners={
                SmartOrder: SmartOrders(),
                BasketOrder: Baskets(),
                SplitOrder: Splits(),
                OptionsOrder: self.options,
            },
            timer=OrderTimer(lambda _: None),
        )
        self.center = make_action_center(
            book=self.book,
            steps=self.steps,
            trading=self.trading,
            markets=self.venues,
            accounts=self.accounts,
            rules=rules,
            listen=self.bus.listen,
        )
        self.approvals = self.center.approvals

    async def signal(
        self, intent: Intent, *, account_id: int = ACCOUNT, cause: str = "signal"
    ) -> int:
        """The id the signal waits under."""
        principal = Principal(
            user_id=account_id,
            username="asha" if account_id == ACCOUNT else "ravi",
            account_id=account_id,
            key_id=account_id * 10,
            scopes=frozenset(Scope),
        )
        receipt = await self.trading.submit(
            principal, intent, cause=cause, origin=Origin(address="10.0.0.1")
        )
        assert isinstance(receipt, QueuedReceipt)
        return receipt.pending_id

    async def order(self, pending_id: int, account_id: int = ACCOUNT) -> PendingOrder:
        return await self.book.find(account_id, pending_id)

    async def audit(self, pending_id: int) -> list[tuple[str, str, str, str]]:
        """Who did what, and from where to where."""
        return [
            (entry.actor.name, entry.action, entry.from_state or "", entry.to_state)
            for entry in await self.book.audit(ACCOUNT, pending_id)
        ]
