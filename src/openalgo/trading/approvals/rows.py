"""Between pending orders and their rows in the main store."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from openalgo.domain.intents import Intent, decoded
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.orders import Action
from openalgo.persistence.main.approval_audit import AuditRow
from openalgo.persistence.main.approvals import LegRow, PendingRow, ProgressRow, Seen
from openalgo.trading.approvals.records import (
    Actor,
    AuditEntry,
    Channel,
    PendingLeg,
    PendingOrder,
    Resolution,
)
from openalgo.trading.approvals.states import LegStatus, State
from openalgo.trading.plans import JsonValue, Plan
from openalgo.trading.venues import VenueMode

_encode = msgspec.json.Encoder().encode
_plan = msgspec.json.Decoder(Plan).decode
_prices = msgspec.json.Decoder(dict[str, float | None]).decode
_detail = msgspec.json.Decoder(dict[str, JsonValue]).decode


def plan_text(plan: Plan) -> str:
    return _encode(plan).decode()


def prices_text(prices: Mapping[InstrumentKey, float | None]) -> str:
    return _encode({str(key): price for key, price in prices.items()}).decode()


def pending_order(row: PendingRow, legs: Sequence[LegRow]) -> PendingOrder:
    progress = row.progress
    return PendingOrder(
        id=row.id,
        account_id=row.account_id,
        kind=row.kind,
        intent=_intent(row),
        body=row.intent,
        strategy=row.strategy,
        plan=_stored_plan(row),
        prices={_key(name): price for name, price in _prices(row.prices).items()},
        mode=VenueMode(row.mode),
        broker=row.broker,
        source=row.source,
        address=row.address,
        key_id=row.key_id,
        cause=row.cause,
        created_at=row.created_at,
        expires_at=row.expires_at,
        state=State(progress.state),
        version=row.version,
        decided_at=progress.decided_at,
        decided_by=progress.decided_by,
        reason=progress.reason,
        resolution=None if progress.resolution is None else Resolution(progress.resolution),
        executed_at=progress.executed_at,
        error_code=progress.error_code,
        error_text=progress.error_text,
        legs=tuple(map(_leg, legs)),
    )


def seen(order: PendingOrder) -> Seen:
    return Seen(order.id, order.account_id, str(order.state), order.version)


def progress(order: PendingOrder) -> ProgressRow:
    return ProgressRow(
        state=str(order.state),
        decided_at=order.decided_at,
        decided_by=order.decided_by,
        reason=order.reason,
        resolution=None if order.resolution is None else str(order.resolution),
        executed_at=order.executed_at,
        error_code=order.error_code,
        error_text=order.error_text,
    )


def leg_rows(pending_id: int, legs: Iterable[PendingLeg]) -> list[LegRow]:
    return [
        LegRow(
            pending_id=pending_id,
            number=leg.number,
            exchange=str(leg.key.exchange),
            symbol=leg.key.symbol,
            action=str(leg.action),
            quantity=leg.quantity,
            order_id=leg.order_id,
            status=str(leg.status),
            code=leg.code,
            message=leg.message,
        )
        for leg in legs
    ]


def audit_row(pending_id: int, entry: AuditEntry) -> AuditRow:
    return AuditRow(
        pending_id=pending_id,
        at=entry.at,
        actor=entry.actor.name,
        address=entry.actor.address,
        channel=str(entry.actor.channel),
        request_id=entry.actor.request_id,
        action=entry.action,
        from_state=str(entry.from_state or ""),
        to_state=str(entry.to_state),
        detail=_encode(entry.detail).decode(),
    )


def audit_entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        actor=Actor(
            name=row.actor,
            channel=Channel(row.channel),
            request_id=row.request_id,
            address=row.address,
        ),
        action=row.action,
        from_state=State(row.from_state) if row.from_state else None,
        to_state=State(row.to_state),
        detail=_detail(row.detail),
    )


def _intent(row: PendingRow) -> Intent | None:
    try:
        intent = decoded(row.kind, row.intent)
    except (msgspec.ValidationError, KeyError):
        return None
    return intent if row.intent_version == intent.VERSION else None


def _stored_plan(row: PendingRow) -> Plan:
    try:
        return _plan(row.plan)
    except msgspec.ValidationError:
        return Plan()


def _key(text: str) -> InstrumentKey:
    """The key that is written `NSE:SBIN`."""
    exchange, _, symbol = text.partition(":")
    return InstrumentKey(Exchange(exchange), symbol)


def _leg(row: LegRow) -> PendingLeg:
    return PendingLeg(
        number=row.number,
        key=InstrumentKey(Exchange(row.exchange), row.symbol),
        action=Action(row.action),
        quantity=row.quantity,
        status=LegStatus(row.status),
        order_id=row.order_id,
        code=row.code,
        message=row.message,
    )
