"""What requests that trade, and their replies, have in common."""

from decimal import Decimal
from typing import Annotated, TypedDict

from pydantic import Field
from pydantic.config import JsonDict

from openalgo.api.schemas.base import ApiRequest, Wanted
from openalgo.api.schemas.fields import (
    ActionWord,
    ClientOrderId,
    DisclosedQuantity,
    ExchangeCode,
    Price,
    PriceTypeWord,
    ProductCode,
    Quantity,
    StrategyTag,
    Symbol,
    TriggerPrice,
    if_any,
)
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Action, PriceType, Product

_WITH_PRICE = frozenset({PriceType.LIMIT, PriceType.SL})
_WITH_TRIGGER = frozenset({PriceType.SL, PriceType.SL_M})

MARKET_ORDER: JsonDict = {
    "strategy": "Python",
    "symbol": "RELIANCE",
    "exchange": "NSE",
    "action": "BUY",
    "quantity": 1,
    "pricetype": "MARKET",
    "product": "MIS",
}
LIMIT_ORDER: JsonDict = {
    "strategy": "Python",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "SELL",
    "quantity": "10",
    "pricetype": "LIMIT",
    "product": "MIS",
    "price": "812.50",
}

Echo = Annotated[
    str | None,
    if_any("Echoed when you gave one."),
]
MaybeText = Annotated[str | None, Field(exclude_if=lambda said: said is None)]
Reference = Annotated[
    str | None,
    if_any(
        "Of an order nobody knows the outcome of: ask for it by this. Its `code` is "
        "`order_outcome_unknown`, and it may be at the broker."
    ),
]


class Terms(TypedDict):
    """What all intents that trade one symbol have in common."""

    exchange: Exchange
    symbol: str
    action: Action
    quantity: Decimal
    price_type: PriceType
    product: Product
    price: Px
    trigger_price: Px
    disclosed_quantity: Decimal


class StrategyRequest(ApiRequest):
    strategy: Annotated[StrategyTag, Field(description="A name of your own for the books.")]


class OrderFields(Wanted):
    """How to trade one symbol."""

    exchange: ExchangeCode
    symbol: Symbol
    action: ActionWord
    quantity: Annotated[Quantity, Field(description="In units, not lots.")]
    pricetype: PriceTypeWord = PriceType.MARKET
    product: ProductCode = Product.MIS
    price: Annotated[Price, Field(description="Rupees; for LIMIT and SL.")] = ZERO
    trigger_price: Annotated[TriggerPrice, Field(description="Rupees; for SL and SL-M.")] = ZERO
    disclosed_quantity: DisclosedQuantity = ZERO

    def terms(self) -> Terms:
        """The order in our words; prices its type does not use are dropped."""
        return Terms(
            exchange=self.exchange,
            symbol=self.symbol,
            action=self.action,
            quantity=self.quantity,
            price_type=self.pricetype,
            product=self.product,
            price=limit_of(self.pricetype, self.price),
            trigger_price=trigger_of(self.pricetype, self.trigger_price),
            disclosed_quantity=self.disclosed_quantity,
        )


class Repeatable(Wanted):
    """A request that may be repeated without being carried out twice."""

    client_order_id: Annotated[
        ClientOrderId | None,
        Field(description="Makes a repeat of this request harmless; as header Idempotency-Key."),
    ] = None


def limit_of(price_type: PriceType, price: Decimal) -> Px:
    """The limit of an order of this type: 0 where it has none, whatever was given."""
    return px(price) if price_type in _WITH_PRICE else Px(0)


def trigger_of(price_type: PriceType, price: Decimal) -> Px:
    """The same for its trigger."""
    return px(price) if price_type in _WITH_TRIGGER else Px(0)
