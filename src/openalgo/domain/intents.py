"""What a caller wants done: immutable, versioned data.

Queue, audit, replay and idempotency all store the same thing, so an intent holds no key, no
session and nothing that depends on the moment it runs.
"""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

import msgspec

from openalgo.domain.gtt import GttTrigger, TriggerType
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, Px
from openalgo.domain.orders import Action, PositionKey, PriceType, Product

_encode = msgspec.json.Encoder().encode


class Wish(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all intents have in common. `strategy` is a free tag of the caller's.

    `client_order_id` makes a repeat harmless: an account carries out one intent under each.
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1

    strategy: str
    client_order_id: str | None = None

    def fingerprint(self) -> str:
        """Equal for two requests that ask for the same thing, in 32 hex digits."""
        values = [_spelled(getattr(self, name)) for name in self.__struct_fields__]
        body = _encode((self.KIND, self.VERSION, values))
        return hashlib.blake2b(body, digest_size=16).hexdigest()


class _Terms(Wish, frozen=True, kw_only=True, gc=False):
    """How an order is to be executed. `quantity` is in units, not in lots."""

    action: Action
    quantity: Decimal
    price_type: PriceType = PriceType.MARKET
    product: Product = Product.MIS
    price: Px = Px(0)
    trigger_price: Px = Px(0)
    disclosed_quantity: Decimal = ZERO


class OrderTerms(_Terms, frozen=True, kw_only=True, gc=False):
    """The terms, and what they are for."""

    exchange: Exchange
    symbol: str

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)

    @property
    def position_key(self) -> PositionKey:
        return PositionKey(self.exchange, self.symbol, self.product)

    def order(
        self,
        *,
        action: Action | None = None,
        quantity: Decimal | None = None,
        client_order_id: str | None = None,
    ) -> "PlaceOrder":
        """A plain order on these terms, with another side or quantity if given."""
        return PlaceOrder(
            strategy=self.strategy,
            client_order_id=client_order_id,
            exchange=self.exchange,
            symbol=self.symbol,
            action=action or self.action,
            quantity=self.quantity if quantity is None else quantity,
            price_type=self.price_type,
            product=self.product,
            price=self.price,
            trigger_price=self.trigger_price,
            disclosed_quantity=self.disclosed_quantity,
        )


class PlaceOrder(OrderTerms, frozen=True, kw_only=True, gc=False):
    """Buy or sell."""

    KIND: ClassVar[str] = "placeorder"


class SmartOrder(OrderTerms, frozen=True, kw_only=True, gc=False):
    """Bring the net position to `position_size` (negative: short).

    `action` and `quantity` count only where both the position and its target are flat.
    """

    KIND: ClassVar[str] = "smartorder"

    position_size: Decimal


class SplitOrder(OrderTerms, frozen=True, kw_only=True, gc=False):
    """Trade `quantity` in orders of `split_size` and a remainder; with `stop_on_error`, up to the
    first that is refused."""

    KIND: ClassVar[str] = "splitorder"

    split_size: Decimal
    stop_on_error: bool = False


class BasketOrder(Wish, frozen=True, kw_only=True):
    """Several orders at once; what buys goes first."""

    KIND: ClassVar[str] = "basketorder"

    orders: tuple[PlaceOrder, ...]


class OptionTerms(_Terms, frozen=True, kw_only=True, gc=False):
    """An option named by its distance from the money: `offset` is `ATM`, `ITM1` ... `OTM50`.

    `strike_step` rounds the at-the-money strike to a grid instead of the listed strikes;
    `split_size` 0 sends one order.
    """

    offset: str
    option_type: InstrumentType
    expiry: date | None = None
    split_size: Decimal = ZERO


class OptionsOrder(OptionTerms, frozen=True, kw_only=True, gc=False):
    """Trade an option chosen when the order runs. `underlying` may be a future, which then names
    the expiry too."""

    KIND: ClassVar[str] = "optionsorder"

    underlying: str
    exchange: Exchange
    strike_step: Decimal | None = None


class OptionsMultiOrder(Wish, frozen=True, kw_only=True):
    """Several options of one underlying; a leg without an expiry takes that of the order.

    What buys goes first. With `atomic`, nothing is sold once something could not be bought.
    """

    KIND: ClassVar[str] = "optionsmultiorder"

    underlying: str
    exchange: Exchange
    legs: tuple[OptionTerms, ...]
    expiry: date | None = None
    strike_step: Decimal | None = None
    atomic: bool = False


class ModifyOrder(OrderTerms, frozen=True, kw_only=True, gc=False):
    """Make a working order look like this. Symbol, side and product cannot change; a price of 0
    keeps the price there is."""

    KIND: ClassVar[str] = "modifyorder"

    order_id: str


class CancelOrder(Wish, frozen=True, kw_only=True, gc=False):
    KIND: ClassVar[str] = "cancelorder"

    order_id: str


class _Selection(Wish, frozen=True, kw_only=True, gc=False):
    """What is not given is not filtered by."""

    exchange: Exchange | None = None
    symbol: str | None = None
    product: Product | None = None


class CancelAllOrders(_Selection, frozen=True, kw_only=True, gc=False):
    """Withdraw all working orders; with `strategy_only`, those of `strategy`."""

    KIND: ClassVar[str] = "cancelallorder"

    strategy_only: bool = False


class ClosePosition(_Selection, frozen=True, kw_only=True, gc=False):
    """Trade open positions back to flat, at market."""

    KIND: ClassVar[str] = "closeposition"


class GttTerms(Wish, frozen=True, kw_only=True):
    """One trigger for SINGLE; for OCO one below the market and one above it."""

    trigger_type: TriggerType
    exchange: Exchange
    symbol: str
    action: Action
    product: Product
    quantity: Decimal
    price_type: PriceType = PriceType.LIMIT
    triggers: tuple[GttTrigger, ...]

    @property
    def key(self) -> InstrumentKey:
        return InstrumentKey(self.exchange, self.symbol)


class PlaceGtt(GttTerms, frozen=True, kw_only=True):
    """Place an order once the market reaches a trigger, good till triggered.

    Without `expires_at` it lasts a year.
    """

    KIND: ClassVar[str] = "placegttorder"

    expires_at: datetime | None = None


class ModifyGtt(GttTerms, frozen=True, kw_only=True):
    """Replace an active GTT; its action, symbol, exchange and trigger type cannot change."""

    KIND: ClassVar[str] = "modifygttorder"

    trigger_id: str


class CancelGtt(Wish, frozen=True, kw_only=True, gc=False):
    KIND: ClassVar[str] = "cancelgttorder"

    trigger_id: str


Intent = (
    PlaceOrder
    | SmartOrder
    | BasketOrder
    | SplitOrder
    | OptionsOrder
    | OptionsMultiOrder
    | ModifyOrder
    | CancelOrder
    | CancelAllOrders
    | ClosePosition
    | PlaceGtt
    | ModifyGtt
    | CancelGtt
)

KINDS: dict[str, type[Intent]] = {
    kind.KIND: kind
    for kind in (
        PlaceOrder,
        SmartOrder,
        BasketOrder,
        SplitOrder,
        OptionsOrder,
        OptionsMultiOrder,
        ModifyOrder,
        CancelOrder,
        CancelAllOrders,
        ClosePosition,
        PlaceGtt,
        ModifyGtt,
        CancelGtt,
    )
}


def encoded(intent: Intent) -> bytes:
    """`intent` as JSON, to be stored with its `KIND` and `VERSION`."""
    return _encode(intent)


def decoded(kind: str, body: bytes | str) -> Intent:
    """The stored intent. Raises `msgspec.ValidationError` when it is of another shape."""
    return msgspec.json.decode(body, type=KINDS[kind])


def _spelled(value: object) -> object:
    """Equal numbers, spelled equally: 75, 75.0 and 7.5E+1 are one quantity."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return [_spelled(each) for each in value]
    if isinstance(value, msgspec.Struct):
        return [_spelled(getattr(value, name)) for name in value.__struct_fields__]
    return value
