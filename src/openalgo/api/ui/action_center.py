"""The Action Center: what waits for the user, and the user's word on it."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from openalgo.api.envelope import encode
from openalgo.api.ui.action_center_schemas import (
    MOST_SHOWN,
    ActionCenterReply,
    ApproveAllReply,
    ApproveAllRequest,
    ApproveReply,
    ApproveRequest,
    AuditReply,
    DecidedReply,
    FailedExecution,
    PendingCount,
    RejectRequest,
    ReviewData,
    ReviewReply,
    StatusFilter,
)
from openalgo.api.ui.deps import Acting, Visit, Visitor
from openalgo.api.ui.errors import changing, looking
from openalgo.api.ui.pending_rows import (
    Related,
    audit_row,
    order_ids_text,
    pending_row,
    price_row,
    related_orders,
    resolved,
    statistics,
)
from openalgo.api.ui.schemas import Said
from openalgo.domain.market import InstrumentKey
from openalgo.instruments.slices import Slices
from openalgo.trading.approvals.batch import BatchOutcome
from openalgo.trading.approvals.desk import NO_REASON, Approval
from openalgo.trading.approvals.prices import last_prices
from openalgo.trading.approvals.records import Actor, Channel, PendingOrder, Resolution
from openalgo.trading.approvals.states import State, Status

router = APIRouter(prefix="/action-center", tags=["Action Center"])

PendingId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_ROWS_AT_ONCE = 25
_STATES = {
    StatusFilter.PENDING: Status.PENDING.states,
    StatusFilter.APPROVED: Status.APPROVED.states,
    StatusFilter.REJECTED: Status.REJECTED.states,
    StatusFilter.ALL: frozenset(State),
}


@router.get(
    "/api/data",
    name="action_center_data",
    summary="Orders that wait, or were decided",
    responses=looking(400),
    response_model=ActionCenterReply,
)
async def data(
    visit: Visitor,
    status: StatusFilter = StatusFilter.PENDING,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = MOST_SHOWN,
) -> Response:
    """Newest first. `before` is the id where the page before ended."""
    book = visit.services.action_center.book
    waiting = await book.waiting(visit.account_id)
    keys = dict.fromkeys(key for order in waiting for key in order.prices)
    prices = await last_prices(visit.market.quotes, keys)
    totals = statistics(await book.tallies(visit.account_id))
    rows = _rows(visit, status, before, limit, prices, related_orders(waiting))
    # The first rows are read before the answer begins, so that a failure can be told.
    first = await anext(rows, b"")

    async def answer() -> AsyncIterator[bytes]:
        yield b'{"status":"success","data":{"orders":[' + first
        async for more in rows:
            yield b"," + more
        yield b'],"statistics":' + totals.model_dump_json().encode() + b"}}"

    return StreamingResponse(answer(), media_type="application/json")


@router.get("/count", name="action_center_count", summary="How many wait?", responses=looking())
async def count(visit: Visitor) -> PendingCount:
    return PendingCount(count=await visit.services.action_center.book.count(visit.account_id))


@router.get(
    "/preview/{pending_id}",
    name="action_center_preview",
    summary="What would approving do now?",
    responses=looking(400, 404, 409),
)
async def preview(
    pending_id: PendingId, visit: Visitor, resolve: Resolution = Resolution.SIGNALLED
) -> ReviewReply:
    """Prices and positions move: these orders would be sent, and this is worth a second look."""
    approvals = visit.services.action_center.approvals
    _, review = await approvals.review(visit.account_id, pending_id, resolve)
    return ReviewReply(
        data=ReviewData(
            orders=resolved(review.plan),
            prices=[price_row(move) for move in review.prices],
            concerns=review.concerns,
        )
    )


@router.get(
    "/audit/{pending_id}",
    name="action_center_audit",
    summary="Who did what with an order?",
    responses=looking(400, 404),
)
async def audit(pending_id: PendingId, visit: Visitor) -> AuditReply:
    entries = await visit.services.action_center.book.audit(visit.account_id, pending_id)
    return AuditReply(data=[audit_row(entry) for entry in entries])


@router.post(
    "/approve/{pending_id}",
    name="action_center_approve",
    summary="Send an order that waits",
    responses=changing(404, 409, 502, 504),
    response_model=ApproveReply,
)
async def approve(
    pending_id: PendingId, visit: Acting, wanted: ApproveRequest | None = None
) -> Response:
    """Once, however often it is asked for. 409 says that it was decided before, has expired, or
    needs `confirm`. What the venue refused is a `warning` with the venue's status."""
    wanted = wanted or ApproveRequest()
    approval = await visit.services.action_center.approvals.approve(
        visit.account_id,
        pending_id,
        actor_of(visit),
        version=wanted.version,
        confirm=wanted.confirm,
        resolution=wanted.resolve,
    )
    return _approved(approval)


@router.post(
    "/reject/{pending_id}",
    name="action_center_reject",
    summary="Turn an order down",
    responses=changing(404, 409),
)
async def reject(
    pending_id: PendingId, visit: Acting, wanted: RejectRequest | None = None
) -> DecidedReply:
    wanted = wanted or RejectRequest()
    order = await visit.services.action_center.approvals.reject(
        visit.account_id,
        pending_id,
        actor_of(visit),
        version=wanted.version,
        reason=wanted.reason or NO_REASON,
    )
    return DecidedReply(
        message="Order rejected successfully", state=order.state, version=order.version
    )


@router.delete(
    "/delete/{pending_id}",
    name="action_center_delete",
    summary="Leave a decided order out of the lists",
    responses=changing(404, 409),
)
async def delete(pending_id: PendingId, visit: Acting) -> Said:
    """It stays stored, with everything anybody did with it."""
    await visit.services.action_center.approvals.hide(visit.account_id, pending_id, actor_of(visit))
    return Said(message="Order deleted successfully")


@router.post(
    "/approve-all",
    name="action_center_approve_all",
    summary="Send all orders that wait",
    responses=changing(),
)
async def approve_all(visit: Acting, wanted: ApproveAllRequest | None = None) -> ApproveAllReply:
    """Oldest first; once one fails, later ones of its strategy and symbol are left waiting. Send
    `items` to approve what the user saw and nothing that came since."""
    items = wanted.items if wanted is not None else None
    versions = None if items is None else {item.id: item.version for item in items}
    outcome = await visit.services.action_center.batches.approve_all(
        visit.account_id, actor_of(visit), versions
    )
    return _all_approved(outcome)


def actor_of(visit: Visit) -> Actor:
    return Actor(
        name=visit.username,
        channel=Channel.UI,
        request_id=visit.request_id,
        address=visit.address,
    )


async def _rows(
    visit: Visit,
    status: StatusFilter,
    before: int | None,
    limit: int,
    prices: dict[InstrumentKey, float | None],
    related: Related,
) -> AsyncIterator[bytes]:
    """The rows as JSON, read some at a time, so that the loop is never held."""
    book, states = visit.services.action_center.book, _STATES[status]
    slices = Slices()
    while limit > 0:
        some: list[PendingOrder] = await book.page(
            visit.account_id, states, before=before, limit=min(limit, _ROWS_AT_ONCE)
        )
        if not some:
            return
        for order in some:
            row = pending_row(order, visit.username, prices, related)
            yield row.model_dump_json().encode()
            if slices.over:
                await slices.pause()
        limit -= len(some)
        before = some[-1].id


def _approved(approval: Approval) -> Response:
    order, refusal = approval.order, approval.refusal
    reply = ApproveReply(
        status="success",
        message="Order approved and executed successfully",
        broker_order_id=order_ids_text(order),
        state=order.state,
        version=order.version,
    )
    if refusal is not None:
        failed = "Order approved but execution failed"
        news = {"status": "warning", "message": failed, "error": refusal.message}
        reply = reply.model_copy(update=news | {"code": refusal.code})
    elif order.state is State.PARTIAL:
        news = {"status": "warning", "message": "Order approved but not all of it was executed"}
        reply = reply.model_copy(update=news)
    return Response(
        encode(reply.model_dump(exclude_none=refusal is None)),
        status_code=200 if refusal is None else refusal.status,
        media_type="application/json",
    )


def _all_approved(outcome: BatchOutcome) -> ApproveAllReply:
    approved, executed, failed = outcome.approved, outcome.executed, len(outcome.failed)
    reply = ApproveAllReply(
        status="success",
        message=f"Successfully approved and executed all {executed} orders",
        approved_count=approved,
        executed_count=executed,
        failed_executions=[
            FailedExecution(order_id=name, error=error.message, code=error.code)
            for name, error in sorted(outcome.failed.items())
        ],
    )
    if not executed and not failed:
        return ApproveAllReply(status="info", message="No pending orders to approve")
    if not executed:
        text = f"Approved {approved} orders but all executions failed"
        return reply.model_copy(update={"status": "error", "message": text})
    if failed:
        text = f"Approved {approved} orders. {executed} executed successfully, {failed} failed"
        return reply.model_copy(update={"status": "warning", "message": text})
    return reply
