"""Pending orders as the Action Center shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from openalgo.api.ui.action_center_schemas import (
    ActionCenterStatistics,
    ApprovalLegRow,
    AuditRow,
    PendingOrderRow,
    PriceMoveRow,
    ResolvedOrder,
)
from openalgo.api.ui.wire_orders import Summary, members, summary
from openalgo.domain.clock import IST, ist_text
from openalgo.domain.intents import SmartOrder
from openalgo.domain.market import InstrumentKey
from openalgo.domain.numbers import plain_number, px_float
from openalgo.domain.orders import Action
from openalgo.persistence.main.approvals import Tally
from openalgo.trading.approvals.prices import PriceMove, furthest, moves
from openalgo.trading.approvals.records import AuditEntry, PendingLeg, PendingOrder
from openalgo.trading.approvals.states import LegStatus, State, Status
from openalgo.trading.plans import Leg, Plan

BrokerStatus = Literal["open", "complete", "rejected", "cancelled", "partial"]
Related = Mapping[tuple[str, InstrumentKey], list[int]]

_LONGEST_ORDER_IDS = 255
_BROKER_STATUS: dict[State, BrokerStatus] = {
    State.SUBMITTED: "open",
    State.PARTIAL: "partial",
    State.FAILED: "rejected",
    State.FILLED: "complete",
    State.CANCELLED: "cancelled",
    State.BROKER_REJECTED: "rejected",
}


def pending_row(
    order: PendingOrder,
    username: str,
    prices: Mapping[InstrumentKey, float | None],
    related: Related,
) -> PendingOrderRow:
    """`prices` are those of now; only what still waits has use for them."""
    shown = Summary() if order.intent is None else summary(order.intent)
    status = order.state.status
    approved, rejected = status is Status.APPROVED, status is Status.REJECTED
    moved = moves(order.prices, prices)
    far = furthest(moved)
    smart = order.intent if isinstance(order.intent, SmartOrder) else None
    return PendingOrderRow(
        id=order.id,
        user_id=username,
        api_type=order.kind,
        status=status,
        state=order.state,
        version=order.version,
        created_at_ist=_ist(order.created_at),
        expires_at=order.expires_at.astimezone(IST),
        approved_at_ist=_ist(order.decided_at) if approved and order.decided_at else None,
        approved_by=order.decided_by if approved else None,
        rejected_at_ist=_ist(order.decided_at) if rejected and order.decided_at else None,
        rejected_by=order.decided_by if rejected else None,
        rejected_reason=order.reason if rejected else None,
        broker_order_id=order_ids_text(order),
        broker_status=_broker_status(order),
        error_code=order.error_code,
        error_text=order.error_text,
        strategy=order.strategy or "N/A",
        symbol=shown.symbol,
        exchange=shown.exchange,
        action=shown.action,
        quantity=shown.quantity,
        price=shown.price,
        trigger_price=shown.trigger_price,
        price_type=shown.price_type,
        product_type=shown.product,
        position_size=None if smart is None else plain_number(smart.position_size),
        mode=order.mode.value,
        source=order.source,
        client_ip=order.address,
        ltp_at_queue=None if far is None else far.queued,
        ltp_now=None if far is None else far.now,
        drift=None if far is None else far.percent,
        prices=[price_row(move) for move in moved],
        resolved_orders=resolved(order.plan),
        legs=[_leg_row(leg) for leg in order.legs],
        related_ids=_related_ids(order, related),
        raw_order_data=_raw(order),
    )


def related_orders(waiting: Iterable[PendingOrder]) -> Related:
    """What waits, by strategy and instrument."""
    found: defaultdict[tuple[str, InstrumentKey], list[int]] = defaultdict(list)
    for order in waiting:
        for key in order.prices:
            found[order.strategy, key].append(order.id)
    return found


def order_ids_text(order: PendingOrder) -> str | None:
    """The ids at the venue, in the room there is."""
    ids = order.order_ids
    text = ",".join(ids)
    return (text if len(text) <= _LONGEST_ORDER_IDS else f"{ids[0]} (+{len(ids) - 1} more)") or None


def price_row(move: PriceMove) -> PriceMoveRow:
    return PriceMoveRow(
        exchange=move.key.exchange,
        symbol=move.key.symbol,
        ltp_at_queue=move.queued,
        ltp_now=move.now,
        drift=move.percent,
    )


def resolved(plan: Plan) -> list[ResolvedOrder]:
    return [_resolved(leg) for leg in plan.legs]


def statistics(tallies: Iterable[Tally]) -> ActionCenterStatistics:
    counts: defaultdict[str, int] = defaultdict(int)
    sides = {Action.BUY: "total_buy_orders", Action.SELL: "total_sell_orders"}
    for tally in tallies:
        counts[f"total_{State(tally.state).status}"] += tally.orders
        counts[f"total_{tally.kind}"] += tally.orders
        if tally.side:
            counts[sides[Action(tally.side)]] += tally.orders
    return ActionCenterStatistics.model_validate(counts)


def audit_row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        at=entry.at.astimezone(IST),
        actor=entry.actor.name,
        actor_ip=entry.actor.address,
        channel=entry.actor.channel,
        request_id=entry.actor.request_id,
        action=entry.action,
        from_state=entry.from_state,
        to_state=entry.to_state,
        detail=dict(entry.detail),
    )


def _resolved(leg: Leg) -> ResolvedOrder:
    order = leg.order
    return ResolvedOrder(
        exchange=order.exchange,
        symbol=order.symbol,
        action=order.action,
        quantity=plain_number(order.quantity),
        pricetype=order.price_type,
        price=px_float(order.price),
        trigger_price=px_float(order.trigger_price),
        product=order.product,
    )


def _leg_row(leg: PendingLeg) -> ApprovalLegRow:
    return ApprovalLegRow(
        leg=leg.number + 1,
        exchange=leg.key.exchange,
        symbol=leg.key.symbol,
        action=leg.action,
        quantity=plain_number(leg.quantity),
        orderid=leg.order_id,
        status=leg.status,
        code=leg.code,
        error=leg.message,
    )


def _broker_status(order: PendingOrder) -> BrokerStatus | None:
    refused = any(leg.status is LegStatus.REFUSED for leg in order.legs)
    if refused and order.order_ids:
        return "partial"
    return _BROKER_STATUS.get(order.state)


def _related_ids(order: PendingOrder, related: Related) -> list[int]:
    if order.state is not State.PENDING:
        return []
    near = {each for key in order.prices for each in related.get((order.strategy, key), ())}
    return sorted(near - {order.id})


def _raw(order: PendingOrder) -> dict[str, object]:
    if order.intent is not None:
        return members(order.intent)
    raw = msgspec.json.decode(order.body)
    return raw if isinstance(raw, dict) else {}


def _ist(at: datetime) -> str:
    return f"{ist_text(at)} IST"
