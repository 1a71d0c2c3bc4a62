"""Placing, cancelling and looking at an order."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.orders import (
    CancelOrderReply,
    CancelOrderRequest,
    OrderIdRequest,
    OrderStatusReply,
    PlaceOrderReply,
    PlaceOrderRequest,
    QueuedReply,
)
from openalgo.api.v1 import PREFIX, present
from openalgo.api.v1.recorded import RecordedRoute
from openalgo.api.v1.repeats import IDEMPOTENCY_KEY, client_order_id
from openalgo.identity.principal import Scope
from openalgo.trading.receipts import OrderReceipt, QueuedReceipt, the

Trader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.ORDER, by_venue=True))]
Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

recorded = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=RecordedRoute)
router = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=DirectRoute)


@recorded.post(
    "/placeorder",
    summary="Place an order",
    responses=error_responses(409, 502, 504),
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def placeorder(
    order: PlaceOrderRequest, call: Trader, request: Request
) -> PlaceOrderReply | QueuedReply:
    """Buy or sell. The reply means that the order stands in the book, not that it has filled."""
    name = client_order_id(order.client_order_id, request)
    receipt = await call.submit(order.to_intent(name))
    if isinstance(receipt, QueuedReceipt):
        return QueuedReply(pending_order_id=receipt.pending_id)
    return PlaceOrderReply(
        orderid=the(OrderReceipt, receipt).order.order_id,
        mode=present.paper_word(receipt.mode),
        client_order_id=name,
    )


@recorded.post("/cancelorder", summary="Cancel an order", responses=error_responses(404, 502, 504))
async def cancelorder(order: CancelOrderRequest, call: Trader) -> CancelOrderReply:
    """Withdraw what has not filled yet."""
    receipt = the(OrderReceipt, await call.submit(order.to_intent()))
    return CancelOrderReply(orderid=receipt.order.order_id, mode=present.paper_word(receipt.mode))


@router.post("/orderstatus", summary="Look at an order", responses=error_responses(404, 502))
async def orderstatus(order: OrderIdRequest, call: Reader) -> OrderStatusReply:
    """Any order ever placed, also of days past."""
    venue = call.venue
    found = await venue.order(call.account_id, order.orderid)
    return OrderStatusReply(data=present.order_status(found), mode=present.paper_word(venue.mode))
