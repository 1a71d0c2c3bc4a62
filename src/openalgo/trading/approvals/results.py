"""What became of an approved intent at its venue."""

from dataclasses import dataclass, replace
from datetime import datetime

from openalgo.domain.errors import (
    NoOrdersSubmitted,
    OpenAlgoError,
    OutcomeUnknown,
    RecordedRefusal,
)
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.orders import Order, OrderStatus
from openalgo.trading.approvals.records import PendingLeg, PendingOrder
from openalgo.trading.approvals.states import LegStatus, State, after_sending
from openalgo.trading.plans import Outcome
from openalgo.trading.receipts import GttReceipt, OrderReceipt, PlanReceipt, Receipt

LEG_STATUS = {
    OrderStatus.COMPLETE: LegStatus.COMPLETE,
    OrderStatus.CANCELLED: LegStatus.CANCELLED,
    OrderStatus.REJECTED: LegStatus.REJECTED,
}
"""How orders end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`refusal` is there where not one order stands for sure."""

    legs: tuple[PendingLeg, ...]
    state: State
    refusal: OpenAlgoError | None = None

    def recorded(self, order: PendingOrder, now: datetime) -> PendingOrder:
        return replace(
            order,
            state=self.state,
            legs=self.legs,
            executed_at=now,
            error_code=None if self.refusal is None else self.refusal.code,
            error_text=None if self.refusal is None else self.refusal.message,
        )


def of_receipt(receipt: Receipt) -> Result:
    legs = _legs(receipt)
    state = after_sending([leg.status for leg in legs])
    refusal: OpenAlgoError | None = None
    if state is State.FAILED and isinstance(receipt, PlanReceipt):
        only = receipt.legs[0]
        alone = len(legs) == 1
        refusal = (
            RecordedRefusal(only.code, only.status, only.message) if alone else NoOrdersSubmitted()
        )
    elif state is State.UNKNOWN:
        refusal = OutcomeUnknown()
    return Result(legs=legs, state=state, refusal=refusal)


def of_error(order: PendingOrder, error: OpenAlgoError) -> Result:
    """`error` was raised, so no receipt was written. Only what says so leaves the outcome open."""
    unknown = isinstance(error, OutcomeUnknown)
    status = LegStatus.UNKNOWN if unknown else LegStatus.REFUSED
    legs = tuple(
        _leg(number, leg.order, status, code=error.code, message=error.message)
        for number, leg in enumerate(order.plan.legs)
    )
    return Result(legs=legs, state=State.UNKNOWN if unknown else State.FAILED, refusal=error)


def ended(leg: PendingLeg, order: Order) -> PendingLeg | None:
    """`leg` now that its order is as `order` says; `None` while that may still trade."""
    status = LEG_STATUS.get(order.status)
    return None if status is None else replace(leg, status=status, message=order.reason)


def _legs(receipt: Receipt) -> tuple[PendingLeg, ...]:
    match receipt:
        case OrderReceipt(order=order):
            return (
                PendingLeg(
                    number=0,
                    key=order.key,
                    action=order.action,
                    quantity=order.quantity,
                    status=LEG_STATUS.get(order.status, LegStatus.OPEN),
                    order_id=order.order_id,
                    message=order.reason,
                ),
            )
        case GttReceipt(gtt=gtt):
            return (
                PendingLeg(
                    number=0,
                    key=gtt.key,
                    action=gtt.action,
                    quantity=gtt.quantity,
                    status=LegStatus.WAITING,
                    order_id=gtt.trigger_id,
                ),
            )
        case PlanReceipt(plan=plan, legs=outcomes):
            return tuple(
                _outcome_leg(number, leg.order, outcome)
                for number, (leg, outcome) in enumerate(zip(plan.legs, outcomes, strict=True))
            )
    raise TypeError("An approved intent is never queued")


def _outcome_leg(number: int, order: PlaceOrder, outcome: Outcome) -> PendingLeg:
    if outcome.order_id is not None:
        return _leg(number, order, LegStatus.OPEN, order_id=outcome.order_id)
    status = LegStatus.UNKNOWN if outcome.is_unknown else LegStatus.REFUSED
    return _leg(number, order, status, code=outcome.code, message=outcome.message)


def _leg(
    number: int,
    order: PlaceOrder,
    status: LegStatus,
    *,
    order_id: str | None = None,
    code: str = "",
    message: str = "",
) -> PendingLeg:
    return PendingLeg(
        number=number,
        key=order.key,
        action=order.action,
        quantity=order.quantity,
        status=status,
        order_id=order_id,
        code=code,
        message=message,
    )
