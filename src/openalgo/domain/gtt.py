"""Orders that wait, good till triggered, for a price."""

from datetime import datetime
from decimal import Decimal

import msgspec

from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, Px
from openalgo.domain.orders import Action, PositionKey, PriceType, Product
from openalgo.domain.words import Word


class TriggerType(Word):
    """SINGLE has one trigger; OCO has two, and the first to fire cancels the other."""

    SINGLE = "SINGLE"
    OCO = "OCO"


class TriggerSide(Word):
    """BELOW fires at or below its trigger price, ABOVE at or above it, whatever is traded then."""

    BELOW = "below"
    ABOVE = "above"


class GttStatus(Word):
    ACTIVE = "active"
    TRIGGERED = "triggered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class GttTrigger(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a GTT fires, and the limit of the order it then places (0 for MARKET)."""

    side: TriggerSide
    trigger_price: Px
    price: Px = Px(0)

    def fires_at(self, ltp: Px) -> bool:
        below = self.side is TriggerSide.BELOW
        return ltp <= self.trigger_price if below else ltp >= self.trigger_price


class GttLeg(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a trigger orders, besides its price."""

    action: Action
    product: Product
    quantity: Decimal
    price_type: PriceType


class Gtt(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one GTT.

    `triggers` ascend by price. `last_price` is the market when it was placed or modified;
    `reserved` the rupees blocked for it. `arrival` is its place in the queue of its exchange: at
    equal prices the lower one goes first. Once TRIGGERED, `fired` tells which trigger did, and
    `order_id` the order it placed. `reason` says why it was rejected. `own_legs` are there where
    the triggers order different things, which only GTTs placed elsewhere do: one for each; the
    terms of the GTT are then those of the first.
    """

    account_id: int
    trigger_id: str
    trigger_type: TriggerType
    exchange: Exchange
    symbol: str
    action: Action
    product: Product
    quantity: Decimal
    price_type: PriceType
    triggers: tuple[GttTrigger, ...]
    status: GttStatus
    strategy: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    last_price: Px = Px(0)
    reserved: Decimal = ZERO
    arrival: int = 0
    fired: TriggerSide | None = None
    order_id: str | None = None
    reason: str = ""
    client_order_id: str | None = None
    fingerprint: str | None = None
    cause: str = ""
    own_legs: tuple[GttLeg, ...] = ()

    @property
    def legs(self) -> tuple[GttLeg, ...]:
        """What each trigger orders."""
        if self.own_legs:
            return self.own_legs
        leg = GttLeg(
            action=self.action,
            product=self.product,
            quantity=self.quantity,
            price_type=self.price_type,
        )
        return (leg,) * len(self.triggers)

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def promised(self) -> Decimal:
        """Units it may still trade: 0 once it is final. Of two triggers only one fires."""
        return self.quantity if self.status is GttStatus.ACTIVE else ZERO

    @property
    def position_key(self) -> PositionKey:
        return PositionKey(self.exchange, self.symbol, self.product)
