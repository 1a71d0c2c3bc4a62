"""A venue at a broker in memory, with its journal in a store, which may die at any moment."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.brokers.adapter import Broker, Connection
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import OpenAlgoError
from openalgo.domain.events import Event, OrderReported, OutcomeReported
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.live_orders import SentOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, PriceType, Product
from openalgo.persistence.dedicated import Statement
from openalgo.persistence.main import accounts, live_orders, users
from openalgo.persistence.stores import Store
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.venue import BrokerVenue
from tests.support.fake_broker import CONNECTION, FakeBroker, broker_of

MORNING = datetime(2025, 11, 21, 5, 0, tzinfo=UTC)

SBIN = Instrument(
    exchange=Exchange.NSE,
    symbol="SBIN",
    name="SBIN",
    type=InstrumentType.EQUITY,
    broker_symbol="SBIN",
    broker_exchange="NSE",
    token="779521",
    tick_size=px("0.05"),
    lot_size=1,
)


class Killed(BaseException):
    """The process ends here."""


class DyingStore:
    """A store whose `fate` is asked before each write is begun and before it is committed, whose
    `committed` is after, and whose `flushing` before what is committed reaches the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fate: Callable[[], None] = lambda: None
        self.committed: Callable[[], None] = lambda: None
        self.flushing: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with self._store.write() as tx:
            yield tx
            self.fate()
        self.committed()

    async def commit(
        self, make: Callable[[Dialect], Sequence[Statement]], *, to_flush: bool = False
    ) -> None:
        def made(dialect: Dialect) -> Sequence[Statement]:
            self.fate()
            return make(dialect)

        await self._store.commit(made, to_flush=to_flush)
        self.committed()

    async def flush(self) -> None:
        self.flushing()
        await self._store.flush()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._store.read() as tx:
            yield tx


def order(
    quantity: int = 1,
    name: str | None = "k",
    *,
    price: str = "0",
    trigger: str = "0",
    price_type: PriceType = PriceType.MARKET,
    action: Action = Action.BUY,
    product: Product = Product.MIS,
    strategy: str = "Python",
) -> PlaceOrder:
    return PlaceOrder(
        strategy=strategy,
        client_order_id=name,
        exchange=Exchange.NSE,
        symbol="SBIN",
        action=action,
        quantity=Decimal(quantity),
        price_type=price_type,
        product=product,
        price=px(price),
        trigger_price=px(trigger),
    )


def limit(quantity: int = 1, name: str | None = "k", price: str = "812") -> PlaceOrder:
    return order(quantity, name, price=price, price_type=PriceType.LIMIT)


class LiveDesk:
    """One account's venue. `restart` is a new process on the same store."""

    def __init__(
        self,
        main: Store,
        account_id: int,
        *,
        desk: FakeBroker | None = None,
        broker: Broker | None = None,
    ) -> None:
        self.main = main
        self.account_id = account_id
        self.clock = desk.clock if desk is not None else ManualClock(MORNING)
        self.desk = desk or FakeBroker(self.clock)
        self.broker = broker or broker_of(self.desk)
        self.store = DyingStore(main)
        self.events: list[Event] = []
        self.elsewhere: list[int] = []
        self.logged_out: OpenAlgoError | None = None

    async def start(self) -> "LiveDesk":
        self.store = DyingStore(self.main)
        self.journal = Journal(cast(Store, self.store), self.clock)
        await self.journal.load()
        self.venue = BrokerVenue(
            self.account_id,
            self.broker,
            self.connect,
            self.journal,
            self.clock,
            self.events.append,
            placed_elsewhere=self.elsewhere.append,
        )
        return self

    def connect(self) -> Connection:
        if self.logged_out is not None:
            raise self.logged_out
        return CONNECTION

    async def place(self, wanted: PlaceOrder) -> str:
        placed = await self.venue.submit(self.account_id, wanted, SBIN, cause="req")
        return placed.order_id

    async def rows(self) -> list[SentOrder]:
        """The journal as it is stored."""
        async with self.main.read() as tx:
            stored = await live_orders.recent(tx, MORNING - timedelta(days=30))
        return [each for each in stored if each.account_id == self.account_id]

    async def look(self, *, after: timedelta = timedelta(0)) -> None:
        self.clock.advance(after)
        await self.venue.refresh()

    @property
    def told(self) -> list[tuple[str, str]]:
        """What happened to which order."""
        return [
            (each.kind, each.order.order_id)
            for each in self.events
            if isinstance(each, OrderReported)
        ]

    @property
    def outcomes(self) -> list[tuple[str, str | None]]:
        return [
            (each.state, each.order_id) for each in self.events if isinstance(each, OutcomeReported)
        ]


async def new_account(main: Store, name: str) -> int:
    async with main.write() as tx:
        user = await users.create(
            tx, username=name, email=None, password_hash="", is_admin=False, created_at=MORNING
        )
        account = await accounts.create(
            tx, user_id=user.id, name="Main", broker="fake", created_at=MORNING
        )
    return account.id
