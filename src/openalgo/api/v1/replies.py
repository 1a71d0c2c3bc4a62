"""From receipts to replies: what became of a request, in the wire's words."""

from openalgo.api.schemas.baskets import (
    BasketFailedReply,
    BasketOrderReply,
    BasketRow,
    SplitFailedReply,
    SplitOrderReply,
    Summary,
)
from openalgo.api.schemas.closing import (
    CancelAllReply,
    ClosePositionReply,
    CloseRow,
    FailedCancellation,
    NothingCanceledReply,
)
from openalgo.api.schemas.orders import NoActionReply, PlaceOrderReply, QueuedReply
from openalgo.api.v1 import present
from openalgo.domain.errors import ExitsUnknown, PositionsNotClosed
from openalgo.domain.intents import SmartOrder, SplitOrder
from openalgo.domain.numbers import plain_number
from openalgo.trading.plans import Leg, Outcome
from openalgo.trading.receipts import (
    OrderReceipt,
    PlanReceipt,
    QueuedReceipt,
    Receipt,
    the,
)
from openalgo.trading.venues import VenueMode

_MATCHED = "Positions Already Matched. No Action needed."
_FLAT = "No OpenPosition Found. Not placing Exit order."


def placed(receipt: Receipt, client_order_id: str | None) -> PlaceOrderReply | QueuedReply:
    if isinstance(receipt, QueuedReceipt):
        return queued(receipt)
    done = the(OrderReceipt, receipt)
    return PlaceOrderReply(
        orderid=done.order.order_id,
        mode=present.paper_word(done.mode),
        client_order_id=client_order_id,
    )


def queued(receipt: QueuedReceipt) -> QueuedReply:
    return QueuedReply(pending_order_id=receipt.pending_id)


def smart(receipt: PlanReceipt, intent: SmartOrder) -> PlaceOrderReply | NoActionReply:
    """Raises what the order was refused with."""
    mode = present.paper_word(receipt.mode)
    if not receipt.legs:
        exit_of_nothing = receipt.mode is VenueMode.ANALYZE and not intent.quantity
        return NoActionReply(
            message=_FLAT if exit_of_nothing else _MATCHED,
            mode=mode,
            client_order_id=intent.client_order_id,
        )
    (outcome,) = receipt.legs
    outcome.raise_refusal()
    return PlaceOrderReply(
        orderid=str(outcome.order_id), mode=mode, client_order_id=intent.client_order_id
    )


def basket(
    receipt: PlanReceipt, client_order_id: str | None, request_id: str
) -> BasketOrderReply | BasketFailedReply:
    mode = present.paper_word(receipt.mode)
    last = len(receipt.legs) - 1
    results = [
        _basket_row(number, leg, outcome, is_last=number == last if mode else None)
        for number, (leg, outcome) in enumerate(zip(receipt.plan.legs, receipt.legs, strict=True))
    ]
    summary = present.summary_of(receipt.legs)
    if (failure := present.all_failed(receipt.legs)) is not None:
        return BasketFailedReply(
            **failure,
            summary=summary,
            results=results,
            client_order_id=client_order_id,
            mode=mode,
            request_id=request_id,
        )
    return BasketOrderReply(
        results=results, summary=summary, mode=mode, client_order_id=client_order_id
    )


def split(
    receipt: PlanReceipt, intent: SplitOrder, request_id: str
) -> SplitOrderReply | SplitFailedReply:
    mode = present.paper_word(receipt.mode)
    total, size = plain_number(intent.quantity), plain_number(intent.split_size)
    results = present.split_rows(receipt.plan.legs, receipt.legs)
    summary = present.summary_of(receipt.legs)
    if (failure := present.all_failed(receipt.legs)) is not None:
        return SplitFailedReply(
            **failure,
            total_quantity=total,
            split_size=size,
            summary=summary,
            results=results,
            client_order_id=intent.client_order_id,
            mode=mode,
            request_id=request_id,
        )
    return SplitOrderReply(
        total_quantity=total,
        split_size=size,
        results=results,
        summary=summary,
        mode=mode,
        client_order_id=intent.client_order_id,
    )


def canceled(receipt: PlanReceipt, request_id: str) -> CancelAllReply | NothingCanceledReply:
    mode = present.paper_word(receipt.mode)
    ended = list(zip(receipt.plan.cancels, receipt.cancels, strict=True))
    gone = [order_id for order_id, outcome in ended if outcome.succeeded]
    failed = [
        FailedCancellation(
            orderid=order_id, message=outcome.message, reason=outcome.message, code=outcome.code
        )
        for order_id, outcome in ended
        if not outcome.succeeded
    ]
    message = f"Canceled {len(gone)} orders. Failed to cancel {len(failed)} orders."
    if failed and not gone:
        return NothingCanceledReply(
            message=f"{message} {failed[0].message}",
            canceled_orders=gone,
            failed_cancellations=failed,
            mode=mode,
            request_id=request_id,
        )
    if not ended and mode:
        message = "No open orders to cancel"
    return CancelAllReply(
        canceled_orders=gone, failed_cancellations=failed, message=message, mode=mode
    )


def closed(receipt: PlanReceipt, client_order_id: str | None) -> ClosePositionReply:
    """Raises `PositionsNotClosed` when there were positions and none was closed."""
    results = [
        _close_row(leg, outcome)
        for leg, outcome in zip(receipt.plan.legs, receipt.legs, strict=True)
    ]
    summary = present.summary_of(receipt.legs)
    if summary.total and not summary.success:
        rows = [row.model_dump(mode="json") for row in results]
        if unknown := [outcome for outcome in receipt.legs if outcome.is_unknown]:
            raise ExitsUnknown(
                f"Outcome unknown of {len(unknown)} of {summary.total} exits: {unknown[0].message}",
                rows,
            )
        reason = receipt.legs[0].message
        raise PositionsNotClosed(f"Failed to close {summary.failed} positions: {reason}", rows)
    return ClosePositionReply(
        message=_closing_text(summary),
        closed_positions=summary.success,
        failed_closures=summary.total - summary.success,
        results=results,
        mode=present.paper_word(receipt.mode),
        client_order_id=client_order_id,
    )


def _closing_text(summary: Summary) -> str:
    if not summary.total:
        return "No open positions to close"
    if summary.success == summary.total:
        return "All Open Positions Squared Off"
    unknown = f"; outcome unknown of {summary.unknown}" if summary.unknown else ""
    return (
        f"Closed {summary.success} positions (Failed to close {summary.failed} positions{unknown})"
    )


def _basket_row(number: int, leg: Leg, outcome: Outcome, is_last: bool | None) -> BasketRow:
    return BasketRow(
        index=number,
        symbol=leg.order.symbol,
        exchange=leg.order.exchange,
        product=leg.order.product,
        batch_order=None if is_last is None else True,
        is_last_order=is_last,
        **present.fate(outcome),
    )


def _close_row(leg: Leg, outcome: Outcome) -> CloseRow:
    return CloseRow(
        symbol=leg.order.symbol,
        exchange=leg.order.exchange,
        product=leg.order.product,
        action=leg.order.action,
        quantity=plain_number(leg.order.quantity),
        **present.fate(outcome),
    )
