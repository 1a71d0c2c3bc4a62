"""How an order moves on, told by reports that may come twice, late, or not at all."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from openalgo.brokers.rows import OrderRow
from openalgo.domain.numbers import ZERO
from openalgo.domain.orders import OrderStatus, TransitionKind

Step = tuple[TransitionKind, OrderRow]
"""What happened, and how the order stood then."""

_encode = msgspec.json.Encoder().encode


def _rank(row: OrderRow) -> tuple[bool, Decimal, datetime, bool]:
    triggered = row.status is not OrderStatus.TRIGGER_PENDING
    return (not row.status.is_working, row.filled_quantity, row.updated_at, triggered)


def is_news(old: OrderRow, new: OrderRow, *, from_book: bool = False) -> bool:
    """Whether `new` tells more of the order than `old`.

    An order that has ended has ended, and fills are never taken back; after that the later report
    counts. Of two that are equal in all of this the one in the broker's book does, else always the
    same one, so that the order they come in makes no difference.
    """
    if new == old:
        return False
    older, newer = _rank(old), _rank(new)
    if older != newer:
        return newer > older
    return from_book or _encode(new) > _encode(old)


def first_steps(row: OrderRow) -> Iterator[Step]:
    """What happened to an order nobody had heard of."""
    if row.status is OrderStatus.REJECTED and not row.filled_quantity:
        yield TransitionKind.REJECTED, row
        return
    waits = row.status is OrderStatus.TRIGGER_PENDING
    accepted = replace(
        row,
        status=OrderStatus.TRIGGER_PENDING if waits else OrderStatus.OPEN,
        filled_quantity=ZERO,
        average_price=ZERO,
        reason="",
    )
    yield TransitionKind.ACCEPTED, accepted
    yield from steps(accepted, row)


def steps(old: OrderRow, new: OrderRow, *, terms_known: bool = True) -> Iterator[Step]:
    """What happened on the way from `old` to `new`, which is news. Where the terms of `old` are
    only what we asked for, other terms are no change."""
    waiting = OrderStatus.TRIGGER_PENDING
    if old.status is waiting and new.status in (OrderStatus.OPEN, OrderStatus.COMPLETE):
        yield TransitionKind.TRIGGERED, _still_open(new, old)
    elif terms_known and new.status.is_working and _terms(old) != _terms(new):
        yield (
            TransitionKind.MODIFIED,
            replace(new, filled_quantity=old.filled_quantity, average_price=old.average_price),
        )
    complete = new.status is OrderStatus.COMPLETE
    if new.filled_quantity > old.filled_quantity or (complete and old.status.is_working):
        yield TransitionKind.FILLED, new if complete else _still_open(new, new)
    if new.status is OrderStatus.CANCELLED and old.status is not new.status:
        yield TransitionKind.CANCELLED, new
    if new.status is OrderStatus.REJECTED and old.status is not new.status:
        yield TransitionKind.REJECTED, new


def _still_open(row: OrderRow, filled: OrderRow) -> OrderRow:
    """`row` before it ended, with the fills of `filled`."""
    return replace(
        row,
        status=OrderStatus.OPEN,
        filled_quantity=filled.filled_quantity,
        average_price=filled.average_price,
        reason="",
    )


def _terms(row: OrderRow) -> tuple[object, ...]:
    price = row.price if row.price_type.takes_price else 0
    return row.price_type, row.quantity, price, row.trigger_price, row.disclosed_quantity
