"""Placing, cancelling and looking at an order."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from openalgo.api.schemas.base import EXAMPLE_KEY, ApiRequest, Reply, VenueReply
from openalgo.api.schemas.fields import (
    ActionWord,
    ClientOrderId,
    DisclosedQuantity,
    ExchangeCode,
    OrderId,
    Price,
    PriceTypeWord,
    ProductCode,
    Quantity,
    StrategyTag,
    Symbol,
    TriggerPrice,
)
from openalgo.api.schemas.portfolio import OrderRow
from openalgo.domain.intents import CancelOrder, PlaceOrder
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import PriceType, Product

_WITH_PRICE = frozenset({PriceType.LIMIT, PriceType.SL})
_WITH_TRIGGER = frozenset({PriceType.SL, PriceType.SL_M})


class PlaceOrderRequest(ApiRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "strategy": "Python",
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "action": "BUY",
                    "quantity": 1,
                    "pricetype": "MARKET",
                    "product": "MIS",
                },
                {
                    "apikey": EXAMPLE_KEY,
                    "strategy": "Python",
                    "symbol": "SBIN",
                    "exchange": "NSE",
                    "action": "SELL",
                    "quantity": "10",
                    "pricetype": "LIMIT",
                    "product": "MIS",
                    "price": "812.50",
                    "client_order_id": "breakout-7",
                },
            ]
        }
    )

    strategy: Annotated[StrategyTag, Field(description="A name of your own for the books.")]
    exchange: ExchangeCode
    symbol: Symbol
    action: ActionWord
    quantity: Annotated[Quantity, Field(description="In units, not lots.")]
    pricetype: PriceTypeWord = PriceType.MARKET
    product: ProductCode = Product.MIS
    price: Annotated[Price, Field(description="Rupees; for LIMIT and SL.")] = ZERO
    trigger_price: Annotated[TriggerPrice, Field(description="Rupees; for SL and SL-M.")] = ZERO
    disclosed_quantity: DisclosedQuantity = ZERO
    client_order_id: Annotated[
        ClientOrderId | None,
        Field(description="Makes a repeat of this request harmless; as header Idempotency-Key."),
    ] = None

    def to_intent(self, client_order_id: str | None) -> PlaceOrder:
        """The order in our words; prices its type does not use are dropped."""
        return PlaceOrder(
            strategy=self.strategy,
            exchange=self.exchange,
            symbol=self.symbol,
            action=self.action,
            quantity=self.quantity,
            price_type=self.pricetype,
            product=self.product,
            price=_px_if(self.pricetype in _WITH_PRICE, self.price),
            trigger_price=_px_if(self.pricetype in _WITH_TRIGGER, self.trigger_price),
            disclosed_quantity=self.disclosed_quantity,
            client_order_id=client_order_id,
        )


class OrderIdRequest(ApiRequest):
    """Names one order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "strategy": "Python", "orderid": "25112100000001"}]
        }
    )

    strategy: StrategyTag
    orderid: OrderId


class CancelOrderRequest(OrderIdRequest):
    def to_intent(self) -> CancelOrder:
        return CancelOrder(strategy=self.strategy, order_id=self.orderid)


class PlaceOrderReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "success", "orderid": "25112100000001", "mode": "analyze"}]
        }
    )

    orderid: str
    client_order_id: Annotated[
        str | None,
        Field(exclude_if=lambda given: given is None, description="Echoed when you gave one."),
    ] = None


class QueuedReply(Reply):
    """In semi-auto mode nothing is sent: the owner decides in the Action Center."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "message": "Order queued for approval in Action Center",
                    "mode": "semi_auto",
                    "pending_order_id": 42,
                }
            ]
        }
    )

    message: Literal["Order queued for approval in Action Center"] = (
        "Order queued for approval in Action Center"
    )
    mode: Literal["semi_auto"] = "semi_auto"
    pending_order_id: int


class CancelOrderReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "orderid": "25112100000001",
                    "message": "Order cancelled successfully",
                    "mode": "analyze",
                }
            ]
        }
    )

    orderid: str
    message: str = "Order cancelled successfully"


class OrderStatusRow(OrderRow):
    """An order book row; `price_type` repeats `pricetype` for older clients."""

    price_type: PriceType


class OrderStatusReply(VenueReply):
    data: OrderStatusRow


def _px_if(used: bool, price: Decimal) -> Px:
    return px(price) if used else Px(0)
