"""Orders that wait for their owner, and what became of them, as they are stored.

A change of state is one UPDATE that names the state and the version it starts from: of any number
of callers who saw the same row, one changes it.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Update, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import approval_legs, pending_orders

_orders = pending_orders.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow:
    """How far a pending order got; everything about it that can change but `version`.

    `decided_*` and `reason` are of whoever decided, `resolution` which options they chose,
    `executed_at` when the outcome was known, and `error_*` what went wrong.
    """

    state: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    resolution: str | None = None
    executed_at: datetime | None = None
    error_code: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRow:
    """What is known when an order is queued. `intent`, `plan` and `prices` are JSON; `side` is
    empty where an order has no single one."""

    account_id: int
    user_id: int
    kind: str
    intent_version: int
    intent: str
    fingerprint: str
    client_order_id: str | None
    strategy: str
    side: str
    plan: str
    prices: str
    mode: str
    broker: str
    source: str
    address: str
    key_id: int
    cause: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRow(QueuedRow):
    id: int
    version: int
    hidden: bool
    progress: ProgressRow


class Seen(NamedTuple):
    """A pending order as somebody saw it."""

    id: int
    account_id: int
    state: str
    version: int


class Tally(NamedTuple):
    """`orders` of them are alike in these three."""

    state: str
    kind: str
    side: str
    orders: int


async def add(tx: AsyncConnection, row: QueuedRow, state: str) -> int:
    """Raises SQLAlchemy's `IntegrityError` when the account has used the client id before."""
    values = asdict(row) | {"state": state, "version": 1, "hidden": False}
    added = await tx.execute(insert(pending_orders).values(values).returning(_orders.id))
    return int(added.scalar_one())


async def find(tx: AsyncConnection, account_id: int, pending_id: int) -> PendingRow | None:
    return await _one(tx, _orders.account_id == account_id, _orders.id == pending_id)


async def by_client_order_id(
    tx: AsyncConnection, account_id: int, client_order_id: str
) -> PendingRow | None:
    return await _one(
        tx, _orders.account_id == account_id, _orders.client_order_id == client_order_id
    )


async def repeated(
    tx: AsyncConnection, row: QueuedRow, state: str, since: datetime
) -> PendingRow | None:
    """The same request of the same key without a client id, if it is in `state` since then."""
    return await _one(
        tx,
        _orders.account_id == row.account_id,
        _orders.state == state,
        _orders.created_at >= since,
        _orders.fingerprint == row.fingerprint,
        _orders.key_id == row.key_id,
        _orders.client_order_id.is_(None),
    )


async def count_of_user(tx: AsyncConnection, user_id: int, state: str) -> int:
    query = (
        select(func.count())
        .select_from(pending_orders)
        .where(_orders.user_id == user_id, _orders.state == state)
    )
    return int((await tx.execute(query)).scalar_one())


async def count(tx: AsyncConnection, account_id: int, state: str) -> int:
    query = (
        select(func.count())
        .select_from(pending_orders)
        .where(_orders.account_id == account_id, _orders.state == state)
    )
    return int((await tx.execute(query)).scalar_one())


async def tallies(tx: AsyncConnection, account_id: int) -> list[Tally]:
    """How many orders there are of each sort, hidden ones left out."""
    sorts = (_orders.state, _orders.kind, _orders.side)
    query = (
        select(*sorts, func.count())
        .where(_orders.account_id == account_id, _orders.hidden.is_(False))
        .group_by(*sorts)
    )
    return [Tally(*row) for row in await tx.execute(query)]


async def page(
    tx: AsyncConnection,
    account_id: int,
    states: Collection[str],
    *,
    before: int | None,
    limit: int,
) -> list[PendingRow]:
    """Newest first, older than the order `before`, hidden ones left out."""
    query = (
        select(pending_orders)
        .where(
            _orders.account_id == account_id,
            _orders.state.in_(states),
            _orders.hidden.is_(False),
        )
        .order_by(_orders.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(_orders.id < before)
    return [_pending(row) for row in await tx.execute(query)]


async def waiting(
    tx: AsyncConnection, account_id: int, state: str, *, after: int, limit: int
) -> list[PendingRow]:
    """Oldest first, younger than the order `after`."""
    query = (
        select(pending_orders)
        .where(_orders.account_id == account_id, _orders.state == state, _orders.id > after)
        .order_by(_orders.id)
        .limit(limit)
    )
    return [_pending(row) for row in await tx.execute(query)]


async def in_state(tx: AsyncConnection, state: str) -> list[PendingRow]:
    """Of all accounts, oldest first."""
    query = select(pending_orders).where(_orders.state == state).order_by(_orders.id)
    return [_pending(row) for row in await tx.execute(query)]


async def due(
    tx: AsyncConnection,
    state: str,
    expired_at: datetime,
    limit: int,
    *,
    of: Collection[int] | None = None,
    but: Collection[int] = (),
) -> list[PendingRow]:
    """Those in `state` whose time was up at `expired_at`, of all accounts `but` these, or only `of`
    those."""
    query = (
        select(pending_orders)
        .where(_orders.state == state, _orders.expires_at <= expired_at)
        .order_by(_orders.expires_at)
        .limit(limit)
    )
    if of is not None:
        query = query.where(_orders.account_id.in_(of))
    if but:
        query = query.where(_orders.account_id.not_in(but))
    return [_pending(row) for row in await tx.execute(query)]


async def unsettled(
    tx: AsyncConnection, state: str, leg_status: str, *, after: int, limit: int
) -> list[PendingRow]:
    """Of all accounts, those in `state` and those with a leg of this status, oldest first,
    younger than the order `after`."""
    ids = select(approval_legs.c.pending_id).where(approval_legs.c.status == leg_status)
    query = (
        select(pending_orders)
        .where((_orders.state == state) | _orders.id.in_(ids), _orders.id > after)
        .order_by(_orders.id)
        .limit(limit)
    )
    return [_pending(row) for row in await tx.execute(query)]


async def move(
    tx: AsyncConnection, before: Seen, after: ProgressRow, *, alive_at: datetime | None = None
) -> bool:
    """Go from what it was `before` to `after`, unless it is something else by now; with `alive_at`,
    only while it has not expired then."""
    change = _if_still(before).values(**asdict(after), version=before.version + 1)
    if alive_at is not None:
        change = change.where(_orders.expires_at > alive_at)
    return (await tx.execute(change)).rowcount == 1


async def hide(tx: AsyncConnection, before: Seen) -> bool:
    return (await tx.execute(_if_still(before).values(hidden=True))).rowcount == 1


def _if_still(before: Seen) -> Update:
    return update(pending_orders).where(
        _orders.id == before.id,
        _orders.account_id == before.account_id,
        _orders.state == before.state,
        _orders.version == before.version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One order of an approved intent: `order_id` when it came to stand, else `code` and
    `message`."""

    pending_id: int
    number: int
    exchange: str
    symbol: str
    action: str
    quantity: Decimal
    order_id: str | None
    status: str
    code: str
    message: str


async def add_legs(tx: AsyncConnection, rows: Sequence[LegRow]) -> None:
    if rows:
        await tx.execute(insert(approval_legs), [asdict(row) for row in rows])


async def legs(tx: AsyncConnection, pending_ids: Collection[int]) -> list[LegRow]:
    """By pending order and number."""
    table = approval_legs.c
    query = (
        select(approval_legs)
        .where(table.pending_id.in_(pending_ids))
        .order_by(table.pending_id, table.number)
    )
    return [LegRow(**row._mapping) for row in await tx.execute(query)]


async def set_leg_status(
    tx: AsyncConnection, pending_id: int, number: int, status: str, message: str
) -> None:
    table = approval_legs.c
    await tx.execute(
        update(approval_legs)
        .where(table.pending_id == pending_id, table.number == number)
        .values(status=status, message=message)
    )


async def set_leg_outcome(tx: AsyncConnection, row: LegRow) -> None:
    """Store what became of the order, now that it is known."""
    table = approval_legs.c
    await tx.execute(
        update(approval_legs)
        .where(table.pending_id == row.pending_id, table.number == row.number)
        .values(order_id=row.order_id, status=row.status, code=row.code, message=row.message)
    )


async def _one(tx: AsyncConnection, *where: ColumnElement[bool]) -> PendingRow | None:
    """The newest that fits."""
    query = select(pending_orders).where(*where).order_by(_orders.id.desc()).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _pending(row)


_PROGRESS = tuple(ProgressRow.__slots__)


def _pending(row: Row[Any]) -> PendingRow:
    values = dict(row._mapping)
    progress = ProgressRow(**{name: values.pop(name) for name in _PROGRESS})
    return PendingRow(**values, progress=progress)
