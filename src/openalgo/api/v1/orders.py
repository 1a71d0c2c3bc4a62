"""Placing, changing, cancelling and looking at an order."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from openalgo.api.deps import Call, caller
from openalgo.api.limits import RateClass
from openalgo.api.schemas.closing import (
    CancelAllReply,
    CancelAllRequest,
    ClosePositionReply,
    ClosePositionRequest,
    NothingCanceledReply,
)
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.orders import (
    CancelOrderReply,
    CancelOrderRequest,
    ModifyOrderReply,
    ModifyOrderRequest,
    NoActionReply,
    OrderIdRequest,
    OrderStatusReply,
    PlaceOrderReply,
    PlaceOrderRequest,
    QueuedReply,
    SmartOrderRequest,
)
from openalgo.api.v1 import PREFIX, present, replies
from openalgo.api.v1.idempotency import IDEMPOTENT, client_order_id
from openalgo.api.v1.recorded import LiveRecordedRoute, RecordedRoute
from openalgo.identity.principal import Scope
from openalgo.trading.receipts import OrderReceipt, PlanReceipt, QueuedReceipt, the

Trader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.ORDER, by_venue=True))]
SmartTrader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.SMART_ORDER, by_venue=True))]
BulkTrader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.API, by_venue=True))]
Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

recorded = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=RecordedRoute)
recorded_live = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=LiveRecordedRoute)


@recorded.post(
    "/placeorder",
    summary="Place an order",
    responses=error_responses(409, 501, 502, 504),
    openapi_extra=IDEMPOTENT,
)
async def placeorder(
    order: PlaceOrderRequest, call: Trader, request: Request
) -> PlaceOrderReply | QueuedReply:
    """Buy or sell. The reply means that the order stands in the book, not that it has filled."""
    name = client_order_id(order, request)
    return replies.placed(await call.submit(order.to_intent(name)), name)


@recorded.post(
    "/placesmartorder",
    summary="Trade up or down to a position",
    responses=error_responses(409, 501, 502, 504),
    openapi_extra=IDEMPOTENT,
)
async def placesmartorder(
    order: SmartOrderRequest, call: SmartTrader, request: Request
) -> PlaceOrderReply | NoActionReply | QueuedReply:
    """Trades what is missing to `position_size`, with what waits to be filled counted as there.
    When nothing is missing, there is a message and no `orderid`."""
    intent = order.to_intent(client_order_id(order, request))
    receipt = await call.submit(intent)
    if isinstance(receipt, QueuedReceipt):
        return replies.queued(receipt)
    return replies.smart(the(PlanReceipt, receipt), intent)


@recorded.post(
    "/modifyorder", summary="Change an order", responses=error_responses(404, 501, 502, 504)
)
async def modifyorder(order: ModifyOrderRequest, call: Trader) -> ModifyOrderReply:
    """Quantity, prices and price type of an order that still works. Symbol, action and product
    stay what they are."""
    receipt = the(OrderReceipt, await call.submit(order.to_intent()))
    mode = present.paper_word(receipt.mode)
    return ModifyOrderReply(
        orderid=receipt.order.order_id,
        mode=mode,
        message="Order modified successfully" if mode else None,
    )


@recorded.post("/cancelorder", summary="Cancel an order", responses=error_responses(404, 502, 504))
async def cancelorder(order: CancelOrderRequest, call: Trader) -> CancelOrderReply:
    """Withdraw what has not filled yet."""
    receipt = the(OrderReceipt, await call.submit(order.to_intent()))
    mode = present.paper_word(receipt.mode)
    return CancelOrderReply(
        orderid=receipt.order.order_id,
        mode=mode,
        message="Order cancelled successfully" if mode else None,
    )


@recorded.post("/cancelallorder", summary="Cancel all orders", responses=error_responses(502))
async def cancelallorder(
    wanted: CancelAllRequest, call: BulkTrader
) -> CancelAllReply | NothingCanceledReply:
    """Every order that still works, stops that wait for their trigger included; or those of one
    exchange, symbol, product or strategy. An error only when not one could be cancelled."""
    receipt = the(PlanReceipt, await call.submit(wanted.to_intent()))
    return replies.canceled(receipt, call.request_id)


@recorded.post(
    "/closeposition",
    summary="Close positions",
    responses=error_responses(404, 409, 502),
    openapi_extra=IDEMPOTENT,
)
async def closeposition(
    wanted: ClosePositionRequest, call: BulkTrader, request: Request
) -> ClosePositionReply:
    """Trades every position back to flat at market, or those of one exchange, symbol or product.
    Orders that would reduce them too are withdrawn first. An error only when not one could be
    closed."""
    name = client_order_id(wanted, request)
    return replies.closed(the(PlanReceipt, await call.submit(wanted.to_intent(name))), name)


@recorded_live.post("/orderstatus", summary="Look at an order", responses=error_responses(404, 502))
async def orderstatus(order: OrderIdRequest, call: Reader) -> OrderStatusReply:
    """Any order ever placed, also of days past."""
    venue = call.venue
    found = await venue.order(call.account_id, order.orderid)
    return OrderStatusReply(data=present.order_status(found), mode=present.paper_word(venue.mode))
