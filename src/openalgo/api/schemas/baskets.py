"""Many orders from one request."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from openalgo.api.schemas.base import EXAMPLE_KEY, VenueReply
from openalgo.api.schemas.fields import (
    PaperMode,
    bounded_list,
    if_any,
    number_schema,
    number_where,
    one_word,
)
from openalgo.api.schemas.terms import (
    LIMIT_ORDER,
    MARKET_ORDER,
    Echo,
    MaybeText,
    OrderFields,
    Reference,
    Repeatable,
    StrategyRequest,
)
from openalgo.domain.intents import BasketOrder, PlaceOrder, SplitOrder
from openalgo.domain.market import Exchange
from openalgo.domain.orders import Product

MAX_ORDERS = 100

SplitSize = Annotated[
    Decimal,
    PlainValidator(
        number_where(lambda n: n >= 1 and n == int(n), "Split size must be a positive integer.")
    ),
    number_schema(minimum=1),
]
TotalQuantity = Annotated[
    Decimal,
    PlainValidator(number_where(lambda n: n > 0, "Total quantity must be a positive number.")),
    number_schema(exclusiveMinimum=0),
]
OnError = Annotated[
    str,
    PlainValidator(one_word("continue", "stop")),
    WithJsonSchema({"type": "string", "enum": ["continue", "stop"]}),
]
_PaperFlag = Annotated[
    bool | None,
    if_any("From the paper exchange only."),
]


class BasketItem(OrderFields):
    """One order of a basket."""


class BasketOrderRequest(Repeatable, StrategyRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "apikey": EXAMPLE_KEY,
                    "strategy": "Python",
                    "orders": [
                        {k: v for k, v in order.items() if k != "strategy"}
                        for order in (MARKET_ORDER, LIMIT_ORDER)
                    ],
                }
            ]
        }
    )

    orders: Annotated[
        list[BasketItem],
        bounded_list("Orders", MAX_ORDERS),
        Field(
            description="1 to 100 orders; what buys is sent first.",
            json_schema_extra={"minItems": 1, "maxItems": MAX_ORDERS},
        ),
    ]

    def to_intent(self, client_order_id: str | None) -> BasketOrder:
        return BasketOrder(
            strategy=self.strategy,
            client_order_id=client_order_id,
            orders=tuple(
                PlaceOrder(strategy=self.strategy, **item.terms()) for item in self.orders
            ),
        )


class SplitOrderRequest(Repeatable, OrderFields, StrategyRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"apikey": EXAMPLE_KEY, **MARKET_ORDER, "quantity": 105, "splitsize": 20}]
        }
    )

    quantity: Annotated[TotalQuantity, Field(description="Of all orders together, in units.")]
    splitsize: Annotated[
        SplitSize, Field(description="Of one order; at most 100 orders may come of it.")
    ]
    on_error: Annotated[
        OnError, Field(description="Whether the rest is sent after an order was refused.")
    ] = "continue"

    def to_intent(self, client_order_id: str | None) -> SplitOrder:
        return SplitOrder(
            strategy=self.strategy,
            client_order_id=client_order_id,
            split_size=self.splitsize,
            stop_on_error=self.on_error == "stop",
            **self.terms(),
        )


class Summary(BaseModel):
    """How many of the orders there were, and what became of them."""

    total: int
    success: int
    failed: int
    unknown: Annotated[
        int | None,
        if_any("Of how many nobody knows; left out where there is none."),
    ] = None


class BasketRow(BaseModel):
    """`orderid` on success, otherwise `message` and `code`."""

    index: Annotated[int, Field(description="The place of the order in the request, from 0.")]
    symbol: str
    exchange: Exchange
    product: Product
    status: Literal["success", "error"]
    orderid: MaybeText = None
    message: MaybeText = None
    code: MaybeText = None
    reference: Reference = None
    batch_order: _PaperFlag = None
    is_last_order: _PaperFlag = None


class SplitRow(BaseModel):
    """`orderid` on success, otherwise `message` and `code`."""

    order_num: Annotated[int, Field(description="From 1, in the order they were sent.")]
    quantity: int | float
    status: Literal["success", "error"]
    orderid: MaybeText = None
    message: MaybeText = None
    code: MaybeText = None
    reference: Reference = None


TotalFailure = Literal["all_orders_failed", "order_outcome_unknown"]


class AllFailed(BaseModel):
    """Not one of the orders was placed, or with `order_outcome_unknown` not one for sure: HTTP
    200, so that clients read the results. `message` carries the first reason."""

    status: Literal["error"] = "error"
    message: str
    code: TotalFailure
    summary: Summary
    client_order_id: Echo = None
    mode: PaperMode
    request_id: str


class BasketOrderReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "results": [
                        {
                            "index": 0,
                            "symbol": "RELIANCE",
                            "exchange": "NSE",
                            "product": "MIS",
                            "status": "success",
                            "orderid": "25112100000001",
                            "batch_order": True,
                            "is_last_order": False,
                        },
                        {
                            "index": 1,
                            "symbol": "SBIN",
                            "exchange": "NSE",
                            "product": "MIS",
                            "status": "error",
                            "message": "Insufficient funds. Required: ₹812.50, Available: ₹0.00",
                            "code": "insufficient_funds",
                            "batch_order": True,
                            "is_last_order": True,
                        },
                    ],
                    "summary": {"total": 2, "success": 1, "failed": 1},
                    "mode": "analyze",
                }
            ]
        }
    )

    results: Annotated[list[BasketRow], Field(description="In the order of the request.")]
    summary: Summary
    client_order_id: Echo = None


class BasketFailedReply(AllFailed):
    results: list[BasketRow]


class SplitOrderReply(VenueReply):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "total_quantity": 25,
                    "split_size": 20,
                    "results": [
                        {
                            "order_num": 1,
                            "quantity": 20,
                            "status": "success",
                            "orderid": "25112100000001",
                        },
                        {
                            "order_num": 2,
                            "quantity": 5,
                            "status": "success",
                            "orderid": "25112100000002",
                        },
                    ],
                    "summary": {"total": 2, "success": 2, "failed": 0},
                    "mode": "analyze",
                }
            ]
        }
    )

    total_quantity: int | float
    split_size: int | float
    results: list[SplitRow]
    summary: Summary
    client_order_id: Echo = None


class SplitFailedReply(AllFailed):
    total_quantity: int | float
    split_size: int | float
    results: list[SplitRow]
