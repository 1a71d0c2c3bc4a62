"""What follows from changing or withdrawing a working order."""

from datetime import datetime

from msgspec.structs import replace

from openalgo.domain.errors import (
    InsufficientShares,
    InvalidOrder,
    NoPrice,
    OrderNotFound,
    OrderNotWorking,
)
from openalgo.domain.events import OrderCancelled, OrderModified
from openalgo.domain.intents import ModifyOrder
from openalgo.domain.numbers import ZERO, Px, plain_number
from openalgo.domain.orders import Order, OrderStatus, PriceType
from openalgo.sandbox.account import PaperAccount
from openalgo.sandbox.admission import admit, check_stop_prices, share_shortage
from openalgo.sandbox.commands import Cancel, Modify
from openalgo.sandbox.fills import fill
from openalgo.sandbox.floor import Decision, Floor
from openalgo.sandbox.intraday import require_open_day
from openalgo.sandbox.matching import Mark

_FIXED = ("symbol", "exchange", "action", "product")


def modify(floor: Floor, command: Modify) -> Decision:
    """Give the order other terms, block what they need more or release what they need less, and
    match it anew. Whatever is wrong leaves the order as it was."""
    change, instrument, at = command.change, command.instrument, command.at
    account, order = _working(floor, command.account_id, change.order_id, "modify")
    for field in _FIXED:
        if getattr(change, field) != getattr(order, field):
            raise InvalidOrder(
                field,
                f"{field} cannot be changed on an existing order ({getattr(order, field)}, not "
                f"{getattr(change, field)}). Cancel and re-place.",
            )
    mark = floor.mark(instrument, command.mark, at)
    wanted = _on_other_terms(order, change, mark)
    pending = order.pending_quantity
    require_open_day(
        floor, account, order.position_key, order.action, wanted.pending_quantity, at, pending
    )
    shortage = share_shortage(
        account, order.position_key, order.action, wanted.pending_quantity, promised=pending
    )
    if shortage is not None:
        raise InsufficientShares(shortage)
    admission = admit(
        floor, account, wanted, instrument, mark, at=at, held=order.reserved, promised=pending
    )
    modified = replace(admission.order, updated_at=at)
    if _goes_last(order, modified):
        modified = replace(modified, arrival=floor.state.next_arrival())
    head = account.head(at, command.cause)
    if admission.price is not None:
        yield OrderModified(**head, order=modified)
        return (
            yield from fill(
                floor, account, modified, instrument, admission.price, at=at, cause=command.cause
            )
        )
    funds, entry = account.block(order.order_id, admission.margin - order.reserved, at)
    modified = replace(modified, reserved=admission.margin)
    yield OrderModified(**head, order=modified, funds=funds, entry=entry)
    return modified


def cancel(floor: Floor, command: Cancel) -> Decision:
    """Withdraw what is left, and give back exactly what was blocked for it."""
    account, order = _working(floor, command.account_id, command.order_id, "cancel")
    return (yield from withdraw(account, order, at=command.at, cause=command.cause))


def withdraw(
    account: PaperAccount, order: Order, *, at: datetime, cause: str, reason: str = ""
) -> Decision:
    """End a working order, and give back exactly what was blocked for it."""
    cancelled = replace(
        order,
        status=OrderStatus.CANCELLED,
        reason=reason or order.reason,
        reserved=ZERO,
        updated_at=at,
    )
    funds, entry = account.block(order.order_id, -order.reserved, at)
    yield OrderCancelled(**account.head(at, cause), order=cancelled, funds=funds, entry=entry)
    return cancelled


def _working(
    floor: Floor, account_id: int, order_id: str, purpose: str
) -> tuple[PaperAccount, Order]:
    account = floor.state.accounts.get(account_id)
    order = account.orders.get(order_id) if account else None
    if account is None or order is None:
        raise OrderNotFound(order_id)
    if not order.status.is_working:
        raise OrderNotWorking(f"Cannot {purpose} order in {order.status} status")
    return account, order


def _on_other_terms(order: Order, change: ModifyOrder, mark: Mark | None) -> Order:
    """`order` as `change` wants it, open, where 0 keeps what there is. Raises `InvalidOrder`."""
    kind = change.price_type
    _check_irrelevant(change)
    if change.quantity <= order.filled_quantity:
        filled = plain_number(order.filled_quantity)
        raise InvalidOrder(
            "quantity",
            f"Quantity must be above the {filled} already filled"
            if filled
            else "Quantity must be positive",
        )
    price = trigger_price = Px(0)
    if kind.takes_price:
        price = change.price or (order.price if order.price_type.takes_price else Px(0))
        if not price:
            raise InvalidOrder("price", f"{kind} orders require price")
    if kind.takes_trigger:
        trigger_price = change.trigger_price or order.trigger_price
        if not trigger_price:
            raise InvalidOrder("trigger_price", f"{kind} orders require trigger_price")
    check_stop_prices(kind, order.action, price, trigger_price)
    if kind is PriceType.MARKET:
        price = _reference_price(order, mark)
    return replace(
        order,
        price_type=kind,
        quantity=change.quantity,
        price=price,
        trigger_price=trigger_price,
        # A stop that has triggered waits again only for another trigger.
        triggered_at=order.triggered_at if trigger_price == order.trigger_price else None,
        disclosed_quantity=change.disclosed_quantity or order.disclosed_quantity,
        status=OrderStatus.OPEN,
    )


def _check_irrelevant(change: ModifyOrder) -> None:
    kind = change.price_type
    if change.price and not kind.takes_price:
        raise InvalidOrder("price", f"{kind} orders do not accept a price")
    if change.trigger_price and not kind.takes_trigger:
        raise InvalidOrder("trigger_price", f"{kind} orders do not accept a trigger_price")


def _reference_price(order: Order, mark: Mark | None) -> Px:
    if order.price_type is PriceType.MARKET:
        return order.price
    if mark is not None:
        return mark.ltp
    raise NoPrice(
        f"Cannot modify order {order.order_id} to MARKET - unable to fetch current price. "
        "Try again once its quotes are live."
    )


def _goes_last(before: Order, after: Order) -> bool:
    """Whether a change costs the order its place in the queue: any but a smaller quantity does."""
    terms = (before.price_type, before.price, before.trigger_price, before.status)
    changed = terms != (after.price_type, after.price, after.trigger_price, after.status)
    return changed or after.quantity > before.quantity
