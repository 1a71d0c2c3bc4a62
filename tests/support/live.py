"""A venue at a broker in memory, with its journal in a store, which may die at any moment."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

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
from openalgo.persistence.main import accounts, live_orders, users
from openalgo.persistence.record_log import RecordLog
from openalgo.persistence.stores import Store
from openalgo.trading.live.journal import Journal
from openalgo.trading.live.venue import BrokerVenue
from tests.support.fake_broker import CONNECTION, FakeBroker, broker_of
from tests.support.folders import fresh_folder

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
    """A store whose `fate` is asked before each write is committed, and whose `committed` after."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fate: Callable[[], None] = lambda: None
        self.committed: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with self._store.write() as tx:
            yield tx
            self.fate()
        self.committed()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._store.read() as tx:
            yield tx


class DyingLog(RecordLog):
    """A log whose `fate` is asked before each record is appended, whose `written` is after, whose
    `waiting` is before anybody waits for the disk, and whose `disk` is by the disk itself."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "live-orders", self._bring)
        self.folder = folder
        self.fate: Callable[[], None] = lambda: None
        self.written: Callable[[], None] = lambda: None
        self.waiting: Callable[[], None] = lambda: None
        self.disk: Callable[[], None] = lambda: None
        self._safe: dict[int, int] = {}

    def append(self, record: bytes) -> int:
        self.fate()
        number = super().append(record)
        self.written()
        return number

    async def flush(self, number: int | None = None) -> None:
        self.waiting()
        await super().flush(number)

    def _bring(self, file: int) -> None:
        about = os.fstat(file)
        self.disk()
        self._safe[about.st_ino] = about.st_size

    def die(self, *, power: bool = False) -> None:
        """The process ends; with `power` what is not on the disk is lost."""
        self._thread.shutdown()
        for path in self.folder.glob("live-orders-*.log") if power else ():
            os.truncate(path, self._safe.get(path.stat().st_ino, 0))


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
    """One account's venue, with a log of its own. `start` is a new process."""

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
        self.folder = fresh_folder()
        self.store = DyingStore(main)
        self.log = DyingLog(self.folder)
        self.events: list[Event] = []
        self.elsewhere: list[int] = []
        self.logged_out: OpenAlgoError | None = None

    async def start(self, *, after_power_cut: bool = False) -> "LiveDesk":
        self.log.die(power=after_power_cut)
        self.store = DyingStore(self.main)
        self.log = DyingLog(self.folder)
        self.journal = Journal(cast(Store, self.store), self.log, self.clock)
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
        """The journal, brought to the database."""
        await self.journal.settle()
        return await self.stored()

    async def stored(self) -> list[SentOrder]:
        """The journal as it is in the database."""
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
