"""Many orders from one request."""

from fastapi import APIRouter, Request

from openalgo.api.schemas.baskets import (
    BasketFailedReply,
    BasketOrderReply,
    BasketOrderRequest,
    SplitFailedReply,
    SplitOrderReply,
    SplitOrderRequest,
)
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.orders import QueuedReply
from openalgo.api.v1 import PREFIX, replies
from openalgo.api.v1.idempotency import IDEMPOTENT, client_order_id
from openalgo.api.v1.orders import BulkTrader
from openalgo.api.v1.recorded import RecordedRoute
from openalgo.trading.receipts import PlanReceipt, QueuedReceipt, the

recorded = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=RecordedRoute)


@recorded.post(
    "/basketorder",
    summary="Place several orders",
    responses=error_responses(409),
    openapi_extra=IDEMPOTENT,
)
async def basketorder(
    basket: BasketOrderRequest, call: BulkTrader, request: Request
) -> BasketOrderReply | BasketFailedReply | QueuedReply:
    """What buys is sent before what sells. Each order has a result of its own, in the order of
    the request; the status is an error only when not one was placed."""
    name = client_order_id(basket, request)
    receipt = await call.submit(basket.to_intent(name))
    if isinstance(receipt, QueuedReceipt):
        return replies.queued(receipt)
    return replies.basket(the(PlanReceipt, receipt), name, call.request_id)


@recorded.post(
    "/splitorder",
    summary="Place one order in parts",
    responses=error_responses(409),
    openapi_extra=IDEMPOTENT,
)
async def splitorder(
    order: SplitOrderRequest, call: BulkTrader, request: Request
) -> SplitOrderReply | SplitFailedReply | QueuedReply:
    """Orders of `splitsize` and one of what remains, one after the other. The status is an error
    only when not one was placed."""
    intent = order.to_intent(client_order_id(order, request))
    receipt = await call.submit(intent)
    if isinstance(receipt, QueuedReceipt):
        return replies.queued(receipt)
    return replies.split(the(PlanReceipt, receipt), intent, call.request_id)
