"""Orders that wait, good till triggered, for a price."""

from fastapi import APIRouter, Request, Response

from openalgo.api import streams
from openalgo.api.direct import DirectRoute
from openalgo.api.schemas.errors import error_responses
from openalgo.api.schemas.gtt import (
    CancelGttRequest,
    GttBookReply,
    GttBookRequest,
    GttReply,
    ModifyGttRequest,
    PlaceGttRequest,
)
from openalgo.api.schemas.orders import QueuedReply
from openalgo.api.v1 import PREFIX, present, replies
from openalgo.api.v1.idempotency import IDEMPOTENT, client_order_id
from openalgo.api.v1.orders import Reader, Trader
from openalgo.api.v1.portfolio import streamed
from openalgo.api.v1.recorded import RecordedRoute
from openalgo.api.v1.rows import GttLine
from openalgo.trading.receipts import GttReceipt, QueuedReceipt, Receipt, the

recorded = APIRouter(prefix=PREFIX, tags=["GTT"], route_class=RecordedRoute)
router = APIRouter(prefix=PREFIX, tags=["GTT"], route_class=DirectRoute)


@recorded.post(
    "/placegttorder",
    summary="Place a GTT",
    responses=error_responses(409, 501, 502, 504),
    openapi_extra=IDEMPOTENT,
)
async def placegttorder(
    gtt: PlaceGttRequest, call: Trader, request: Request
) -> GttReply | QueuedReply:
    """Places an order once the market reaches a trigger: one for SINGLE, the first of two for
    OCO. It waits until `expires_at`, a year if not given."""
    name = client_order_id(gtt, request)
    receipt = await call.submit(gtt.to_intent(name, call.market.clock.now()))
    if isinstance(receipt, QueuedReceipt):
        return replies.queued(receipt)
    return _reply(receipt, name)


@recorded.post(
    "/modifygttorder", summary="Replace a GTT", responses=error_responses(404, 501, 502, 504)
)
async def modifygttorder(gtt: ModifyGttRequest, call: Trader) -> GttReply:
    """Give the whole GTT anew. Its action, symbol, exchange and trigger type cannot change."""
    return _reply(await call.submit(gtt.to_intent()))


@recorded.post(
    "/cancelgttorder", summary="Cancel a GTT", responses=error_responses(404, 501, 502, 504)
)
async def cancelgttorder(gtt: CancelGttRequest, call: Trader) -> GttReply:
    return _reply(await call.submit(gtt.to_intent()))


@router.post(
    "/gttorderbook",
    summary="GTTs",
    responses=error_responses(501, 502),
    response_model=GttBookReply,
)
async def gttorderbook(wanted: GttBookRequest, call: Reader) -> Response:
    """Those that wait, or all."""
    venue = call.venue
    gtts = await venue.gtts(call.account_id, active_only=wanted.status == "active")
    on_paper = present.paper_word(venue.mode) is not None
    lines = (GttLine.of(gtt, on_paper=on_paper) for gtt in gtts)
    return streamed(venue.mode, streams.line_list(lines))


def _reply(receipt: Receipt, name: str | None = None) -> GttReply:
    done = the(GttReceipt, receipt)
    return GttReply(
        trigger_id=done.gtt.trigger_id, mode=present.paper_word(done.mode), client_order_id=name
    )
