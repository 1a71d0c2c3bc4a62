"""What follows from orders that wait, good till triggered, for a price."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from openalgo.domain import intents
from openalgo.domain.errors import (
    GttNotFound,
    IdempotencyConflict,
    InsufficientShares,
    InvalidOrder,
    NoPrice,
    OrderRefused,
)
from openalgo.domain.events import (
    GttCancelled,
    GttExpired,
    GttModified,
    GttPlaced,
    GttRejected,
    GttTriggered,
)
from openalgo.domain.gtt import Gtt, GttStatus, GttTrigger, TriggerSide, TriggerType
from openalgo.domain.instruments import Instrument
from openalgo.domain.numbers import ZERO, Px, px_float
from openalgo.domain.orders import Order, PriceType
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.admission import Admission, admit, require, share_shortage
from openalgo.sandbox.commands import CancelGtt, ExpireGtt, ModifyGtt, PlaceGtt
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.margin import opening_margin
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.placing import enter, new_order

_FIXED = ("action", "symbol", "exchange", "trigger_type")
_SIDES = {
    TriggerType.SINGLE: "one trigger",
    TriggerType.OCO: "one trigger below the market and one above it",
}


def place(floor: Floor, command: PlaceGtt) -> Decision:
    """Watch the market, with what the order will need set aside."""
    intent, at, cause = command.intent, command.at, command.cause
    _check_terms(intent)
    account = yield from floor.account(command.account_id, at, cause)
    if (known := _same_request(account, intent)) is not None:
        return known
    expires_at = intent.expires_at or at + floor.rules.gtt_lifetime
    if expires_at <= at:
        raise InvalidOrder("expires_at", "A GTT must expire in the future")
    gtt = Gtt(
        account_id=account.id,
        trigger_id=floor.state.next_trigger_id(at),
        trigger_type=intent.trigger_type,
        exchange=intent.exchange,
        symbol=intent.symbol,
        action=intent.action,
        product=intent.product,
        quantity=intent.quantity,
        price_type=intent.price_type,
        triggers=_ascending(intent.triggers),
        status=GttStatus.ACTIVE,
        strategy=intent.strategy,
        created_at=at,
        updated_at=at,
        expires_at=expires_at,
        last_price=_price_between(floor, command, intent),
        arrival=floor.state.next_arrival(),
        client_order_id=intent.client_order_id,
        fingerprint=intent.fingerprint() if intent.client_order_id else None,
        cause=cause,
    )
    margin = _margin(floor, account, gtt, command.instrument)
    gtt = replace(gtt, reserved=margin)
    funds, entry = account.block(gtt.trigger_id, margin, at)
    yield GttPlaced(**account.head(at, cause), gtt=gtt, funds=funds, entry=entry)
    return gtt


def modify(floor: Floor, command: ModifyGtt) -> Decision:
    """Replace the triggers, quantity and prices of an active GTT; it expires when it did."""
    change, at = command.change, command.at
    account, gtt = _active(floor, command.account_id, change.trigger_id)
    for field in _FIXED:
        if getattr(change, field) != getattr(gtt, field):
            raise InvalidOrder(
                field,
                f"{field} cannot be changed on an existing GTT ({getattr(gtt, field)}, not "
                f"{getattr(change, field)}). Cancel and re-place.",
            )
    _check_terms(change)
    modified = replace(
        gtt,
        product=change.product,
        quantity=change.quantity,
        price_type=change.price_type,
        triggers=_ascending(change.triggers),
        last_price=_price_between(floor, command, change),
        arrival=floor.state.next_arrival(),
        updated_at=at,
    )
    margin = _margin(floor, account, modified, command.instrument, before=gtt)
    funds, entry = account.block(gtt.trigger_id, margin - gtt.reserved, at)
    modified = replace(modified, reserved=margin)
    yield GttModified(**account.head(at, command.cause), gtt=modified, funds=funds, entry=entry)
    return modified


def cancel(floor: Floor, command: CancelGtt) -> Decision:
    """Stop watching, and give back exactly what was set aside."""
    account, gtt = _active(floor, command.account_id, command.trigger_id)
    return (yield from withdraw(account, gtt, at=command.at, cause=command.cause))


def withdraw(
    account: PaperAccount, gtt: Gtt, *, at: datetime, cause: str, reason: str = ""
) -> Decision:
    """End an active GTT, and give back exactly what was set aside."""
    cancelled = replace(
        gtt, status=GttStatus.CANCELLED, reason=reason, reserved=ZERO, updated_at=at
    )
    funds, entry = account.block(gtt.trigger_id, -gtt.reserved, at)
    yield GttCancelled(**account.head(at, cause), gtt=cancelled, funds=funds, entry=entry)
    return cancelled


def expire(floor: Floor, command: ExpireGtt) -> Decision:
    account, gtt = _active(floor, command.account_id, command.trigger_id)
    return (yield from lapse(account, gtt, at=command.at, cause=command.cause))


def lapse(
    account: PaperAccount, gtt: Gtt, *, at: datetime, cause: str, reason: str = ""
) -> Decision:
    """End an active GTT whose time, or whose contract's, is over."""
    expired = replace(gtt, status=GttStatus.EXPIRED, reason=reason, reserved=ZERO, updated_at=at)
    funds, entry = account.block(gtt.trigger_id, -gtt.reserved, at)
    yield GttExpired(**account.head(at, cause), gtt=expired, funds=funds, entry=entry)
    return expired


def fire(
    floor: Floor, account: PaperAccount, gtt: Gtt, instrument: Instrument, mark: Mark
) -> Decision:
    """Place the order of the trigger the market has reached; the other trigger is off.

    All of it is one decision, so it is stored whole or not at all. An order that cannot be placed
    leaves the GTT rejected, and what was set aside free.
    """
    at, cause = mark.at, gtt.cause
    trigger = next(trigger for trigger in gtt.triggers if trigger.fires_at(mark.ltp))
    intent = intents.PlaceOrder(
        strategy=gtt.strategy,
        exchange=gtt.exchange,
        symbol=gtt.symbol,
        action=gtt.action,
        product=gtt.product,
        quantity=gtt.quantity,
        price_type=gtt.price_type,
        price=trigger.price,
    )
    order = new_order(floor, account, intent, mark, at, cause, gtt_id=gtt.trigger_id)
    fired = replace(gtt, fired=trigger.side, reserved=ZERO, updated_at=at)
    funds, entry = account.block(gtt.trigger_id, -gtt.reserved, at)
    head = account.head(at, cause)
    try:
        admission = _admitted(floor, account, gtt, order, instrument, mark)
    except OrderRefused as refusal:
        fired = replace(fired, status=GttStatus.REJECTED, reason=refusal.message)
        yield GttRejected(**head, gtt=fired, funds=funds, entry=entry)
        return fired
    fired = replace(fired, status=GttStatus.TRIGGERED, order_id=order.order_id)
    yield GttTriggered(**head, gtt=fired, funds=funds, entry=entry)
    yield from enter(floor, account, admission, instrument, at, cause)
    return fired


def repeated(gtt: Gtt, intent: intents.PlaceGtt) -> Gtt:
    """The answer to a request that `gtt` was already placed for."""
    if gtt.fingerprint != intent.fingerprint():
        raise IdempotencyConflict
    return gtt


def _same_request(account: PaperAccount, intent: intents.PlaceGtt) -> Gtt | None:
    client_id = intent.client_order_id
    known = account.gtt_by_client_id.get(client_id) if client_id else None
    return None if known is None else repeated(account.gtts[known], intent)


def _active(floor: Floor, account_id: int, trigger_id: str) -> tuple[PaperAccount, Gtt]:
    account = floor.state.accounts.get(account_id)
    gtt = account.gtts.get(trigger_id) if account else None
    if account is None or gtt is None or gtt.status is not GttStatus.ACTIVE:
        raise GttNotFound(trigger_id)
    return account, gtt


def _check_terms(terms: intents.GttTerms) -> None:
    """Refuse what could not be watched for, or could not be placed. Raises `InvalidOrder`."""
    sides = {trigger.side for trigger in terms.triggers}
    wanted = 2 if terms.trigger_type is TriggerType.OCO else 1
    if not len(terms.triggers) == len(sides) == wanted:
        raise InvalidOrder("triggers", f"{terms.trigger_type} takes {_SIDES[terms.trigger_type]}")
    if terms.price_type.takes_trigger:
        raise InvalidOrder("price_type", "A GTT places a LIMIT or a MARKET order")
    if terms.price_type is PriceType.LIMIT and not all(each.price for each in terms.triggers):
        raise InvalidOrder("price", "LIMIT orders require price")


def _price_between(floor: Floor, command: PlaceGtt | ModifyGtt, terms: intents.GttTerms) -> Px:
    """The ltp, which must lie between the triggers: one that the market is past would fire at
    once. Raises `InvalidOrder` and `NoPrice`."""
    mark = floor.mark(command.instrument, command.mark, command.at)
    if mark is None:
        raise NoPrice(
            f"Cannot place GTT for {terms.symbol} - unable to fetch current price. "
            "Try again once its quotes are live."
        )
    for trigger in terms.triggers:
        if trigger.fires_at(mark.ltp):
            side = "below" if trigger.side is TriggerSide.BELOW else "above"
            raise InvalidOrder(
                "trigger_price",
                f"The trigger price {px_float(trigger.trigger_price)} must be {side} the last "
                f"price {px_float(mark.ltp)}; it would fire at once",
            )
    return mark.ltp


def _ascending(triggers: Sequence[GttTrigger]) -> tuple[GttTrigger, ...]:
    return tuple(sorted(triggers, key=lambda trigger: trigger.trigger_price))


def _margin(
    floor: Floor,
    account: PaperAccount,
    gtt: Gtt,
    instrument: Instrument,
    before: Gtt | None = None,
) -> Decimal:
    """Rupees to set aside; for a delivery sale none, but its shares. `before` is the GTT as it
    was, whose money and units count as free. Raises `InsufficientShares`, `InsufficientFunds`."""
    key = gtt.position_key
    same_side = before is not None and before.position_key == key
    promised = before.promised if before is not None and same_side else ZERO
    shortage = share_shortage(account, key, gtt.action, gtt.quantity, promised)
    if shortage is not None:
        raise InsufficientShares(shortage)
    free = max(ZERO, account.closable(key, gtt.action) + promised)
    opening = max(ZERO, gtt.quantity - free)
    margins = [
        opening_margin(
            instrument,
            gtt.product,
            gtt.action,
            trigger.price if gtt.price_type is PriceType.LIMIT else trigger.trigger_price,
            opening,
            floor.rules,
        )
        for trigger in gtt.triggers
    ]
    margin = sum(margins, ZERO) if floor.rules.gtt_oco_margin == "sum" else max(margins)
    require(margin, account.funds.available + (before.reserved if before else ZERO))
    return margin


def _admitted(
    floor: Floor,
    account: PaperAccount,
    gtt: Gtt,
    order: Order,
    instrument: Instrument,
    mark: Mark,
) -> Admission:
    """The order of a GTT that fires, with the GTT's money and units free for it."""
    shortage = share_shortage(
        account, order.position_key, order.action, order.quantity, gtt.promised
    )
    if shortage is not None:
        raise InsufficientShares(shortage)
    return admit(
        floor,
        account,
        order,
        instrument,
        mark,
        at=mark.at,
        held=gtt.reserved,
        promised=gtt.promised,
    )
