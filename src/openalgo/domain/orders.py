"""Orders and trades."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, Px
from openalgo.domain.words import Word


class Action(Word):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Action.BUY else -1


class Product(Word):
    CNC = "CNC"
    NRML = "NRML"
    MIS = "MIS"
    MTF = "MTF"
    CO = "CO"
    BO = "BO"
    OTHER = "OTHER"

    @property
    def takes_orders(self) -> bool:
        return self in ORDER_PRODUCTS


ORDER_PRODUCTS = (Product.CNC, Product.NRML, Product.MIS)
"""What orders may name. The others stand in the books of brokers only; OTHER is what no other word
fits."""


class PriceType(Word):
    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL-M"

    @property
    def takes_price(self) -> bool:
        """Whether an order of this type has a limit."""
        return self in _WITH_PRICE

    @property
    def takes_trigger(self) -> bool:
        """Whether an order of this type waits for its trigger price first."""
        return self in _WITH_TRIGGER


_WITH_PRICE = frozenset({PriceType.LIMIT, PriceType.SL})
_WITH_TRIGGER = frozenset({PriceType.SL, PriceType.SL_M})


class OrderStatus(Word):
    OPEN = "open"
    TRIGGER_PENDING = "trigger pending"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    REJECTED = "rejected"

    @property
    def is_working(self) -> bool:
        """Whether the order can still fill, be modified or be cancelled."""
        return self in (OrderStatus.OPEN, OrderStatus.TRIGGER_PENDING)


class PositionKey(NamedTuple):
    """What positions net over, within an account."""

    exchange: Exchange
    symbol: str
    product: Product


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The state of one order.

    `price` is the limit; for MARKET, the reference price at acceptance. `triggered_at` is when the
    market reached the trigger of a stop: from then on an SL is a LIMIT, an SL-M a MARKET.
    `filled_value` is the sum of price times quantity over the fills, so the average is exact.
    `reserved` is the money blocked for the unfilled part, in rupees. `arrival` is its place in the
    queue of its exchange: at equal prices the lower one goes first. `gtt_id` names the GTT that
    placed it, `cause` the request that made it, `run` how often its account was reset before.
    """

    account_id: int
    order_id: str
    symbol: str
    exchange: Exchange
    action: Action
    product: Product
    price_type: PriceType
    quantity: Decimal
    price: Px
    status: OrderStatus
    strategy: str
    created_at: datetime
    updated_at: datetime
    trigger_price: Px = Px(0)
    triggered_at: datetime | None = None
    disclosed_quantity: Decimal = ZERO
    filled_quantity: Decimal = ZERO
    filled_value: Decimal = ZERO
    reserved: Decimal = ZERO
    arrival: int = 0
    reason: str = ""
    gtt_id: str | None = None
    client_order_id: str | None = None
    fingerprint: str | None = None
    cause: str = ""
    run: int = 0

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def position_key(self) -> PositionKey:
        return PositionKey(self.exchange, self.symbol, self.product)

    @property
    def refused_on_arrival(self) -> bool:
        """Whether the order never worked: its request was answered with the refusal."""
        return self.status is OrderStatus.REJECTED and self.updated_at == self.created_at

    @property
    def pending_quantity(self) -> Decimal:
        """What may still fill: 0 once the order is final."""
        return self.quantity - self.filled_quantity if self.status.is_working else ZERO

    @property
    def average_price(self) -> Decimal:
        """Quantity-weighted mean of the fills in rupees, 0 before the first."""
        return self.filled_value / self.filled_quantity if self.filled_quantity else ZERO


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fill of one order: `quantity` units at `price`."""

    account_id: int
    trade_id: str
    order_id: str
    symbol: str
    exchange: Exchange
    action: Action
    product: Product
    quantity: Decimal
    price: Px
    strategy: str
    at: datetime
    run: int = 0

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)


class TransitionKind(Word):
    """What happened to an order."""

    ACCEPTED = "accepted"
    TRIGGERED = "triggered"
    MODIFIED = "modified"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class OrderTransition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of an order's history: what happened, why, and how the order stood afterwards.

    `seq` is the number of the account's event, `cause` the id of the request (or task) behind it.
    """

    account_id: int
    seq: int
    at: datetime
    cause: str
    order_id: str
    kind: TransitionKind
    status: OrderStatus
    price: Px
    trigger_price: Px
    quantity: Decimal
    filled_quantity: Decimal
    reason: str
