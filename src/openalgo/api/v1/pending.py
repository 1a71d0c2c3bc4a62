"""Orders that wait for their owner: looking at them, and taking them back."""

from typing import Annotated

from fastapi import APIRouter, Depends

from openalgo.api.deps import Call, caller
from openalgo.api.direct import DirectRoute
from openalgo.api.limits import RateClass
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.pending import (
    PendingOrderReply,
    PendingOrderRequest,
    PendingOrderState,
)
from openalgo.api.v1 import PREFIX
from openalgo.domain.clock import ist_text
from openalgo.identity.principal import Scope
from openalgo.trading.approvals.records import Actor, Channel, PendingOrder

Reader = Annotated[Call, Depends(caller(Scope.READ, RateClass.API))]
Trader = Annotated[Call, Depends(caller(Scope.TRADE, RateClass.ORDER))]

router = APIRouter(prefix=PREFIX, tags=["Orders"], route_class=DirectRoute)


@router.post("/pendingorder", summary="Look at an order that waits", responses=error_responses(404))
async def pendingorder(wanted: PendingOrderRequest, call: Reader) -> PendingOrderReply:
    """What became of an order that was answered with a `pending_order_id`. An approved one names
    the orders it came to."""
    book = call.services.action_center.book
    return _reply(await book.find(call.account_id, wanted.pending_order_id))


@router.post(
    "/pendingorder/withdraw",
    name="pendingorder_withdraw",
    summary="Take back an order that waits",
    responses=error_responses(404, 409),
)
async def withdraw(wanted: PendingOrderRequest, call: Trader) -> PendingOrderReply:
    """Only before it is approved. What stands in a book is cancelled with `/cancelorder`."""
    actor = Actor(
        name=call.principal.username,
        channel=Channel.API,
        request_id=call.request_id,
        address=call.address,
    )
    approvals = call.services.action_center.approvals
    return _reply(await approvals.withdraw(call.account_id, wanted.pending_order_id, actor))


def _reply(order: PendingOrder) -> PendingOrderReply:
    return PendingOrderReply(
        data=PendingOrderState(
            pending_order_id=order.id,
            api_type=order.kind,
            status=order.state.status.value,
            state=order.state.value,
            orderids=order.order_ids,
            created_at=ist_text(order.created_at),
            expires_at=ist_text(order.expires_at),
            reason=order.reason or order.error_text,
            code=order.error_code,
        )
    )
