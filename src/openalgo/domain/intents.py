"""What a caller wants done: immutable, versioned data.

Queue, audit, replay and idempotency all store the same thing, so an intent holds no key, no
session and nothing that depends on the moment it runs.
"""

import hashlib
from decimal import Decimal
from typing import ClassVar

import msgspec

from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, Px
from openalgo.domain.orders import Action, PriceType, Product

_canonical = msgspec.json.Encoder()


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Buy or sell `quantity` units. `client_order_id` makes a repeat harmless."""

    KIND: ClassVar[str] = "placeorder"
    VERSION: ClassVar[int] = 1

    strategy: str
    exchange: Exchange
    symbol: str
    action: Action
    quantity: Decimal
    price_type: PriceType = PriceType.MARKET
    product: Product = Product.MIS
    price: Px = Px(0)
    trigger_price: Px = Px(0)
    disclosed_quantity: Decimal = ZERO
    client_order_id: str | None = None

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    def fingerprint(self) -> str:
        """Equal for two requests that ask for the same thing, in 32 hex digits."""
        values = [_spelled(getattr(self, name)) for name in self.__struct_fields__]
        body = _canonical.encode((self.KIND, self.VERSION, values))
        return hashlib.blake2b(body, digest_size=16).hexdigest()


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    KIND: ClassVar[str] = "cancelorder"
    VERSION: ClassVar[int] = 1

    strategy: str
    order_id: str


Intent = PlaceOrder | CancelOrder


def _spelled(value: object) -> object:
    """Equal numbers, spelled equally: 75, 75.0 and 7.5E+1 are one quantity."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
