"""The way in with everything behind it in memory, a venue that fills included."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace

from openalgo.domain.clock import SystemClock
from openalgo.domain.errors import (
    IdempotencyConflict,
    OrderNotFound,
    OrderNotWorking,
    OutcomeUnknown,
    Unsupported,
)
from openalgo.domain.gtt import Gtt
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.intents import Intent, ModifyGtt, ModifyOrder, PlaceGtt, PlaceOrder
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, px, traded_value
from openalgo.domain.orders import Order, OrderStatus, PositionKey, PriceType, Trade
from openalgo.domain.portfolio import (
    FundsStatement,
    Holding,
    MarginNeed,
    MarkedHolding,
    MarkedPosition,
    Position,
)
from openalgo.identity.principal import Principal, Scope
from openalgo.observability.latency import OrderTimer
from openalgo.trading.assembly import make_trading
from openalgo.trading.receipts import PlanReceipt, Receipt, the
from openalgo.trading.submit import Trading
from openalgo.trading.venues import MarginOrder, VenueMode
from tests.support.markets import OneMarket, a_market
from tests.support.trading import AccountsInMemory, PlansInMemory, QueueInMemory, Unlimited

ACCOUNT = 7
AT = datetime(2025, 11, 21, 5, 0, tzinfo=UTC)
TODAY = date(2025, 11, 21)
TRADER = Principal(
    user_id=1, username="asha", account_id=ACCOUNT, key_id=1, scopes=frozenset(Scope)
)


class Listed:
    """`symbol -> lot size` on NSE, NFO and CRYPTO."""

    def __init__(self, **lots: int) -> None:
        self._lots = lots or {"SBIN": 1, "RELIANCE": 1, "NIFTYFUT": 75, "BTCUSD": 1}

    def find(self, key: InstrumentKey) -> Instrument | None:
        if key.symbol not in self._lots:
            return None
        return Instrument(
            exchange=key.exchange,
            symbol=key.symbol,
            name=key.symbol,
            type=InstrumentType.EQUITY if key.exchange is Exchange.NSE else InstrumentType.FUTURE,
            broker_symbol=key.symbol,
            broker_exchange=key.exchange,
            token=key.symbol,
            tick_size=px("0.05"),
            lot_size=self._lots[key.symbol],
        )


class VenueInMemory:
    """A venue that takes each client id once and answers a turn of the loop later.

    MARKET orders fill at once, at 100 rupees; others wait for `fill`. `fate` may refuse an order
    before it is taken; those `lost` is true of are taken, but the answer does not arrive.
    """

    def __init__(self) -> None:
        self.mode = VenueMode.ANALYZE
        self.fate: Callable[[PlaceOrder], BaseException | None] = lambda _: None
        self.lost: Callable[[PlaceOrder], bool] = lambda _: False
        self.stuck: dict[str, Exception] = {}
        self.book: dict[str, Order] = {}
        self.held: dict[PositionKey, Decimal] = {}
        self.shares: dict[InstrumentKey, Decimal] = {}
        self.asked: list[PlaceOrder] = []
        self.cancelled: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def margin(self, account_id: int, orders: Sequence[MarginOrder]) -> MarginNeed:
        raise Unsupported("No margins here")

    async def submit(
        self, account_id: int, order: PlaceOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        self.asked.append(order)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if (refusal := self.fate(order)) is not None:
            raise refusal
        stored = self._known(order) or self._take(account_id, order, cause)
        if self.lost(order):
            raise OutcomeUnknown
        return stored

    def _known(self, order: PlaceOrder) -> Order | None:
        for each in self.book.values():
            if order.client_order_id is not None and each.client_order_id == order.client_order_id:
                if each.fingerprint != order.fingerprint():
                    raise IdempotencyConflict
                return each
        return None

    def _take(self, account_id: int, order: PlaceOrder, cause: str) -> Order:
        stored = Order(
            account_id=account_id,
            order_id=str(len(self.book) + 1),
            symbol=order.symbol,
            exchange=order.exchange,
            action=order.action,
            product=order.product,
            price_type=order.price_type,
            quantity=order.quantity,
            price=order.price,
            trigger_price=order.trigger_price,
            status=OrderStatus.TRIGGER_PENDING if order.trigger_price else OrderStatus.OPEN,
            strategy=order.strategy,
            created_at=AT,
            updated_at=AT,
            client_order_id=order.client_order_id,
            fingerprint=order.fingerprint(),
            cause=cause,
        )
        self.book[stored.order_id] = stored
        if order.price_type is PriceType.MARKET:
            self.fill(stored.order_id)
        return self.book[stored.order_id]

    def fill(self, order_id: str) -> None:
        """Trade all of a working order."""
        order = self.book[order_id]
        assert order.status.is_working
        key = order.position_key
        self.held[key] = self.held.get(key, ZERO) + order.action.sign * order.quantity
        self.book[order_id] = replace(
            order,
            status=OrderStatus.COMPLETE,
            filled_quantity=order.quantity,
            filled_value=traded_value(px(100), order.quantity),
        )

    async def cancel(self, account_id: int, order_id: str, *, cause: str) -> Order:
        await asyncio.sleep(0)
        if order_id in self.stuck:
            raise self.stuck[order_id]
        order = await self.order(account_id, order_id)
        if not order.status.is_working:
            raise OrderNotWorking(f"Cannot cancel order in {order.status} status")
        self.cancelled.append(order_id)
        self.book[order_id] = replace(order, status=OrderStatus.CANCELLED)
        return self.book[order_id]

    async def ended(self, account_id: int, order_id: str) -> Order:
        return await self.order(account_id, order_id)

    async def order(self, account_id: int, order_id: str) -> Order:
        if order_id not in self.book:
            raise OrderNotFound(order_id)
        return self.book[order_id]

    async def orders(self, account_id: int) -> list[Order]:
        return list(reversed(self.book.values()))

    async def positions(self, account_id: int) -> list[MarkedPosition]:
        return [_marked(account_id, key, quantity) for key, quantity in self.held.items()]

    async def holdings(self, account_id: int) -> list[MarkedHolding]:
        return [
            MarkedHolding(
                holding=Holding(
                    account_id=account_id,
                    symbol=key.symbol,
                    exchange=key.exchange,
                    quantity=quantity,
                    cost=quantity * 100,
                    settled_on=TODAY,
                ),
                ltp=Decimal(100),
            )
            for key, quantity in self.shares.items()
        ]

    async def trades(self, account_id: int) -> list[Trade]:
        raise Unsupported("trades")

    async def funds(self, account_id: int) -> FundsStatement:
        raise Unsupported("funds")

    async def modify(
        self, account_id: int, change: ModifyOrder, instrument: Instrument, *, cause: str
    ) -> Order:
        raise Unsupported("modify")

    async def place_gtt(
        self, account_id: int, gtt: PlaceGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        raise Unsupported("GTT")

    async def modify_gtt(
        self, account_id: int, change: ModifyGtt, instrument: Instrument, *, cause: str
    ) -> Gtt:
        raise Unsupported("GTT")

    async def cancel_gtt(self, account_id: int, trigger_id: str, *, cause: str) -> Gtt:
        raise Unsupported("GTT")

    async def gtts(self, account_id: int, *, active_only: bool = True) -> list[Gtt]:
        raise Unsupported("GTT")


def _marked(account_id: int, key: PositionKey, quantity: Decimal) -> MarkedPosition:
    return MarkedPosition(
        position=Position(
            account_id=account_id,
            symbol=key.symbol,
            exchange=key.exchange,
            product=key.product,
            quantity=quantity,
            cost=abs(quantity) * 100,
            margin=ZERO,
            realised=ZERO,
            realised_today=ZERO,
            realised_on=TODAY,
            opened_on=TODAY,
            created_at=AT,
            updated_at=AT,
        ),
        ltp=Decimal(100),
        unrealised=ZERO,
        realised_today=ZERO,
    )


class Desk:
    """The way in with everything behind it in memory."""

    def __init__(self) -> None:
        self.venue = VenueInMemory()
        self.plans = PlansInMemory()
        self.accounts = AccountsInMemory()
        self.queue = QueueInMemory()
        market = a_market(clock=SystemClock(), instruments=Listed())
        self.markets = OneMarket(self.venue, market)
        self.trading = self.restarted()

    def restarted(self) -> Trading:
        """The way in of a new process over the same stores."""
        self.trading = make_trading(
            markets=self.markets,
            accounts=self.accounts,
            approvals=self.queue,
            risk=Unlimited(),
            plans=self.plans,
            timer=OrderTimer(lambda _: None),
        )
        return self.trading

    async def submit(self, intent: Intent, cause: str = "r-1") -> Receipt:
        return await self.trading.submit(TRADER, intent, cause=cause)

    async def planned(self, intent: Intent, cause: str = "r-1") -> PlanReceipt:
        return the(PlanReceipt, await self.submit(intent, cause))
