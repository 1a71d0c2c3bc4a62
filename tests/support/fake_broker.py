"""A broker in memory that misbehaves on request."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from msgspec.structs import replace as varied

from openalgo.brokers.adapter import Broker, Connection, Endpoints
from openalgo.brokers.api import BrokerApi
from openalgo.brokers.base import BrokerInfo, OrderTag
from openalgo.brokers.rows import (
    FundsRow,
    GttLegRow,
    GttRow,
    HoldingRow,
    MarginRow,
    OrderRow,
    PositionRow,
    TradeRow,
)
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import OpenAlgoError, OrderNotFound
from openalgo.domain.gtt import GttStatus
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey, Quote
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus

CONNECTION = cast(Connection, object())

Fate = Callable[[], None]
"""Called while an order is sent; what it raises is the answer."""


class FakeBroker:
    """Takes orders and keeps their books; nothing fills by itself.

    `before` is called before an order is taken, `between` and `after` once it is; whatever they
    raise is what the sender gets. With `drops_tags` the book forgets what orders were tagged with.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.book: dict[str, OrderRow] = {}
        self.tags: list[str] = []
        self.before: Fate = lambda: None
        self.after: Fate = lambda: None
        self.between: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
        self.reading: Fate = lambda: None
        self.drops_tags = False
        self.reads = 0
        self.modified: list[tuple[ModifyOrder, OrderRow]] = []
        self.cancelled: list[OrderRow] = []
        self.fills: list[TradeRow] = []
        self.held: list[PositionRow] = []
        self.shares: list[HoldingRow] = []
        self.money = FundsRow(
            available=Decimal("98487.6"), collateral=Decimal(500), utilised=Decimal("1512.4")
        )
        self.triggers: dict[str, GttRow] = {}
        self.prices: dict[InstrumentKey, float] = {}

    # --- what the venue calls

    async def place(
        self, connection: Connection, order: PlaceOrder, instrument: Instrument, tag: str
    ) -> str:
        await asyncio.sleep(0)
        self.before()
        order_id = self.add(order, tag)
        await self.between()
        self.after()
        return order_id

    async def modify(
        self, connection: Connection, change: ModifyOrder, instrument: Instrument, row: OrderRow
    ) -> None:
        self.before()
        self.modified.append((change, row))
        self.move(
            row.order_id,
            price=change.price,
            trigger_price=change.trigger_price,
            quantity=change.quantity,
            price_type=change.price_type,
        )
        self.after()

    async def cancel(self, connection: Connection, row: OrderRow) -> None:
        self.before()
        self.cancelled.append(row)
        self.move(row.order_id, status=OrderStatus.CANCELLED)
        self.after()

    async def orders(self, connection: Connection) -> Sequence[OrderRow]:
        self.reads += 1
        self.reading()
        await asyncio.sleep(0)
        return [self._shown(row) for row in self.book.values()]

    async def order(self, connection: Connection, order_id: str) -> OrderRow:
        self.reading()
        if order_id not in self.book:
            raise OrderNotFound(order_id)
        return self._shown(self.book[order_id])

    async def trades(self, connection: Connection) -> Sequence[TradeRow]:
        self.reading()
        return list(self.fills)

    async def positions(self, connection: Connection) -> Sequence[PositionRow]:
        self.reading()
        return list(self.held)

    async def holdings(self, connection: Connection) -> Sequence[HoldingRow]:
        self.reading()
        return list(self.shares)

    async def funds(self, connection: Connection) -> FundsRow:
        self.reading()
        return self.money

    async def quotes(
        self, connection: Connection, instruments: Sequence[Instrument]
    ) -> Mapping[InstrumentKey, Quote]:
        return {
            each.key: Quote(key=each.key, at_ms=0, ltp=self.prices[each.key])
            for each in instruments
            if each.key in self.prices
        }

    # --- what tests do

    def add(self, order: PlaceOrder, tag: str = "", *, at: datetime | None = None) -> str:
        """Take `order`, whoever placed it."""
        self.tags.append(tag)
        order_id = f"2511210000{len(self.book) + 1:04d}"
        now = at or self.clock.now()
        waits = order.price_type.takes_trigger
        self.book[order_id] = OrderRow(
            order_id=order_id,
            exchange=order.exchange,
            symbol=order.symbol,
            action=order.action,
            product=order.product,
            price_type=order.price_type,
            quantity=order.quantity,
            status=OrderStatus.TRIGGER_PENDING if waits else OrderStatus.OPEN,
            placed_at=now,
            updated_at=now,
            price=order.price,
            trigger_price=order.trigger_price,
            tag=tag,
            handle="regular",
        )
        return order_id

    def move(self, order_id: str, **changes: object) -> OrderRow:
        """Change an order a moment later; returns what the stream would tell."""
        self.clock.advance(timedelta(milliseconds=10))
        row = varied(self.book[order_id], updated_at=self.clock.now(), **changes)
        self.book[order_id] = row
        return self._shown(row)

    def fill(self, order_id: str, quantity: int, price: str = "100") -> OrderRow:
        row = self.book[order_id]
        filled = row.filled_quantity + quantity
        self.fills.append(
            TradeRow(
                trade_id=f"T{len(self.fills) + 1}",
                order_id=order_id,
                exchange=row.exchange,
                symbol=row.symbol,
                action=row.action,
                product=row.product,
                quantity=Decimal(quantity),
                price=Decimal(price),
                at=self.clock.now(),
            )
        )
        return self.move(
            order_id,
            filled_quantity=filled,
            average_price=Decimal(price),
            status=OrderStatus.COMPLETE if filled == row.quantity else OrderStatus.OPEN,
        )

    @property
    def twice(self) -> list[str]:
        """Tags that were taken more than once."""
        return [tag for tag, times in Counter(self.tags).items() if tag and times > 1]

    def _shown(self, row: OrderRow) -> OrderRow:
        return varied(row, tag="") if self.drops_tags else row


class FakeGtts:
    def __init__(self, desk: FakeBroker) -> None:
        self._desk = desk
        self.last_prices: list[float] = []

    async def place(
        self, connection: Connection, gtt: PlaceGtt, instrument: Instrument, last_price: float
    ) -> str:
        self._desk.before()
        self.last_prices.append(last_price)
        trigger_id = str(len(self._desk.triggers) + 1)
        now = self._desk.clock.now()
        self._desk.triggers[trigger_id] = GttRow(
            trigger_id=trigger_id,
            trigger_type=gtt.trigger_type,
            exchange=gtt.exchange,
            symbol=gtt.symbol,
            status=GttStatus.ACTIVE,
            legs=_legs(gtt),
            last_price=px(last_price),
            created_at=now,
            updated_at=now,
        )
        self._desk.after()
        return trigger_id

    async def modify(
        self, connection: Connection, change: ModifyGtt, instrument: Instrument, last_price: float
    ) -> None:
        self._desk.before()
        row = self._desk.triggers[change.trigger_id]
        self._desk.triggers[change.trigger_id] = varied(row, legs=_legs(change))
        self._desk.after()

    async def cancel(self, connection: Connection, trigger_id: str) -> None:
        self._desk.before()
        row = self._desk.triggers[trigger_id]
        self._desk.triggers[trigger_id] = varied(row, status=GttStatus.CANCELLED)

    async def gtts(self, connection: Connection) -> Sequence[GttRow]:
        return list(self._desk.triggers.values())


class FakeMargins:
    async def margin(
        self, connection: Connection, orders: Sequence[tuple[PlaceOrder, Instrument]]
    ) -> MarginRow:
        return MarginRow(total=Decimal(300), span=Decimal(200), exposure=Decimal(100))


def broker_of(
    desk: FakeBroker,
    *,
    tag: OrderTag | None = OrderTag(length=20, returned=True),  # noqa: B008 - it is frozen
    order_updates: bool = True,
) -> Broker:
    """`desk` as an adapter; it has neither GTTs nor margins."""
    nothing = cast(object, None)
    return Broker(
        info=BrokerInfo(
            id="fake",
            name="Fake",
            exchanges=frozenset({Exchange.NSE}),
            trading=True,
            tag=tag,
            order_updates=order_updates,
        ),
        api=BrokerApi(broker="Fake", base_url="https://localhost"),
        endpoints=Endpoints(api="https://localhost"),
        auth=nothing,  # type: ignore[arg-type]
        orders=desk,
        portfolio=desk,
        market_data=desk,  # type: ignore[arg-type]
        instruments=nothing,  # type: ignore[arg-type]
    )


def with_extras(broker: Broker, desk: FakeBroker) -> Broker:
    """The same with GTTs and margins."""
    return replace(broker, gtt=FakeGtts(desk), margin=FakeMargins())


def raising(error: BaseException) -> Fate:
    def fate() -> None:
        raise error

    return fate


def once(error: OpenAlgoError | BaseException, otherwise: Fate = lambda: None) -> Fate:
    """Raises `error` the first time only."""
    left = [error]

    def fate() -> None:
        if left:
            raise left.pop()
        otherwise()

    return fate


def _legs(gtt: PlaceGtt | ModifyGtt) -> tuple[GttLegRow, ...]:
    return tuple(
        GttLegRow(
            trigger_price=each.trigger_price,
            price=each.price,
            action=gtt.action,
            quantity=gtt.quantity,
            price_type=gtt.price_type,
            product=gtt.product,
        )
        for each in gtt.triggers
    )
