"""Placing, changing and looking at an order."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainValidator

from openalgo.api.schemas.base import EXAMPLE_KEY, Reply, VenueReply
from openalgo.api.schemas.fields import (
    OrderId,
    Price,
    PriceTypeWord,
    ProductCode,
    TriggerPrice,
    number_schema,
    number_where,
    read_number,
)
from openalgo.api.schemas.portfolio import ORDER_ROW, OrderRow
from openalgo.api.schemas.terms import (
    LIMIT_ORDER,
    MARKET_ORDER,
    Echo,
    MaybeText,
    OrderFields,
    Repeatable,
    StrategyRequest,
)
from openalgo.domain.intents import CancelOrder, ModifyOrder, PlaceOrder, SmartOrder
from openalgo.domain.numbers import ZERO, px
from openalgo.domain.orders import PriceType

SmartQuantity = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: n >= 0, "Quantity must be a non-negative number.")),
    number_schema(minimum=0),
]
PositionSize = Annotated[Decimal, PlainValidator(read_number), number_schema()]


class PlaceOrderRequest(Repeatable, OrderFields, StrategyRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"apikey": EXAMPLE_KEY, **MARKET_ORDER},
                {"apikey": EXAMPLE_KEY, **LIMIT_ORDER, "client_order_id": "breakout-7"},
            ]
        }
    )

    def to_intent(self, client_order_id: str | None) -> PlaceOrder:
        return PlaceOrder(strategy=self.strategy, client_order_id=client_order_id, **self.terms())


class SmartOrderRequest(Repeatable, OrderFields, StrategyRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"apikey": EXAMPLE_KEY, **MARKET_ORDER, "quantity": 0, "position_size": 100}
            ]
        }
    )

    quantity: Annotated[
        SmartQuantity,
        Field(description="Traded, with `action`, only where position and target are both flat."),
    ]
    position_size: Annotated[
        PositionSize, Field(description="The net position to have afterwards; negative is short.")
    ]

    def to_intent(self, client_order_id: str | None) -> SmartOrder:
        return SmartOrder(
            strategy=self.strategy,
            client_order_id=client_order_id,
            position_size=self.position_size,
            **self.terms(),
        )


class ModifyOrderRequest(OrderFields, StrategyRequest):
    """The order as it shall be. A price of 0 keeps the price it has."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    **LIMIT_ORDER,
                    "orderid": "25112100000001",
                    "price": "815.00",
                }
            ]
        }
    )

    orderid: OrderId
    product: ProductCode
    pricetype: PriceTypeWord
    price: Annotated[Price, Field(description="Rupees; 0 keeps the limit there is.")]
    trigger_price: Annotated[
        TriggerPrice, Field(description="Rupees; 0 keeps the trigger there is.")
    ] = ZERO

    def to_intent(self) -> ModifyOrder:
        """Prices the type does not use are kept: the venue refuses them."""
        terms = self.terms()
        terms["price"] = px(self.price)
        terms["trigger_price"] = px(self.trigger_price)
        return ModifyOrder(strategy=self.strategy, order_id=self.orderid, **terms)


class OrderIdRequest(StrategyRequest):
    """Names one order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, "strategy": "Python", "orderid": "25112100000001"}]
        }
    )

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
    client_order_id: Echo = None


class NoActionReply(VenueReply):
    """Nothing was missing, so no order was placed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "message": "Positions Already Matched. No Action needed.",
                    "mode": "analyze",
                }
            ]
        }
    )

    message: str
    client_order_id: Echo = None


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


class ModifyOrderReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "orderid": "25112100000001",
                    "message": "Order modified successfully",
                    "mode": "analyze",
                }
            ]
        }
    )

    orderid: str
    message: MaybeText = None


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
    message: MaybeText = None


class OrderStatusRow(OrderRow):
    """An order book row; `price_type` repeats `pricetype` for older clients."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**ORDER_ROW, "price_type": "MARKET"}]}
    )

    price_type: PriceType


class OrderStatusReply(VenueReply):
    data: OrderStatusRow
