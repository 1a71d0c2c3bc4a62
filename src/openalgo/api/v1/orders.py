"""Placing, cancelling and looking at an order."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.fields import MAX_CLIENT_ORDER_ID
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
from openalgo.domain.errors import ValidationFailed
from openalgo.identity.principal import Scope
from openalgo.trading.receipts import OrderReceipt, QueuedReceipt, the

Trader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.ORDER, by_venue=True))]
Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API, by_venue=True))]

_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeat of this request harmless; the same as client_order_id.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CLIENT_ORDER_ID},
}

recorded = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=RecordedRoute)
router = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=DirectRoute)


@recorded.post(
    "/placeorder",
    summary="Place an order",
    responses=error_responses(409, 502, 504),
    openapi_extra={"parameters": [_IDEMPOTENCY_KEY]},
)
async def placeorder(
    order: PlaceOrderRequest, call: Trader, request: Request
) -> PlaceOrderReply | QueuedReply:
    """Buy or sell. The reply means that the order stands in the book, not that it has filled."""
    client_order_id = order.client_order_id or _idempotency_key(request)
    receipt = await call.submit(order.to_intent(client_order_id))
    if isinstance(receipt, QueuedReceipt):
        return QueuedReply(pending_order_id=receipt.pending_id)
    return PlaceOrderReply(
        orderid=the(OrderReceipt, receipt).order.order_id,
        mode=present.paper_word(receipt.mode),
        client_order_id=client_order_id,
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


def _idempotency_key(request: Request) -> str | None:
    given = request.headers.get("idempotency-key", "").strip()
    if len(given) > MAX_CLIENT_ORDER_ID or not given.isprintable():
        raise ValidationFailed(
            {"Idempotency-Key": [f"Length must be between 1 and {MAX_CLIENT_ORDER_ID}."]}
        )
    return given or None
