"""What a broker's books say, in our words.

Prices and amounts are rupees, quantities units (never lots), times aware. `symbol` is ours; an
instrument the master does not list keeps the broker's own spelling. `product` is the broker's word
where it is none of ours (`MTF`, `CO`).
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from openalgo.domain.gtt import GttStatus, TriggerType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ONE, ZERO, Px
from openalgo.domain.orders import Action, OrderStatus, PriceType


class OrderRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order as its broker sees it.

    `tag` is what it was sent with, if the broker returns that. `handle` is what changing it takes
    besides its id, opaque to us (a variety, say). `average_price` is 0 before the first fill.
    `reason` is the broker's own text.
    """

    order_id: str
    exchange: Exchange
    symbol: str
    action: Action
    product: str
    price_type: PriceType
    quantity: Decimal
    status: OrderStatus
    placed_at: datetime
    updated_at: datetime
    price: Px = Px(0)
    trigger_price: Px = Px(0)
    disclosed_quantity: Decimal = ZERO
    filled_quantity: Decimal = ZERO
    average_price: Decimal = ZERO
    reason: str = ""
    tag: str = ""
    handle: str = ""

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)


class TradeRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fill."""

    trade_id: str
    order_id: str
    exchange: Exchange
    symbol: str
    action: Action
    product: str
    quantity: Decimal
    price: Decimal
    at: datetime


class PositionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A net position of today: `quantity` is negative when short, 0 when closed. `realised` and
    `unrealised` are rupees, with `multiplier` in them: what one unit of the quantity makes when the
    price moves by one rupee."""

    exchange: Exchange
    symbol: str
    product: str
    quantity: Decimal
    average_price: Decimal
    ltp: Decimal
    realised: Decimal
    unrealised: Decimal
    multiplier: Decimal = ONE


class HoldingRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Shares held, those on their way included."""

    exchange: Exchange
    symbol: str
    product: str
    quantity: Decimal
    average_price: Decimal
    ltp: Decimal


class FundsRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The money of an account. Profit that the broker does not tell with it is `None`."""

    available: Decimal
    collateral: Decimal
    utilised: Decimal
    realised: Decimal | None = None
    unrealised: Decimal | None = None


class MarginRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What orders block together. `span` and `exposure` are `None` where the broker tells only the
    total."""

    total: Decimal
    span: Decimal | None = None
    exposure: Decimal | None = None


class GttLegRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The order a trigger places."""

    trigger_price: Px
    price: Px
    action: Action
    quantity: Decimal
    price_type: PriceType
    product: str


class GttRow(msgspec.Struct, frozen=True, kw_only=True):
    """One GTT: its legs ascend by trigger price."""

    trigger_id: str
    trigger_type: TriggerType
    exchange: Exchange
    symbol: str
    status: GttStatus
    legs: tuple[GttLegRow, ...]
    last_price: Px
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    reason: str = ""
