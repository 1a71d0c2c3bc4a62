"""Broker accounts of users, as they are stored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import accounts, api_keys, pending_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """`analyze_mode` is the switch that sends the account's orders to the paper exchange,
    `order_mode` says whether orders wait for approval. Since `archived_at` it is put away."""

    id: int
    user_id: int
    name: str
    broker: str
    analyze_mode: bool
    order_mode: str
    rehearse_approvals: bool
    created_at: datetime
    archived_at: datetime | None = None


async def create(
    tx: AsyncConnection,
    *,
    user_id: int,
    name: str,
    broker: str,
    created_at: datetime,
    analyze_mode: bool = True,
    order_mode: str = "auto",
) -> AccountRow:
    """Raises SQLAlchemy's `IntegrityError` when the user has an account of this name."""
    row = await tx.execute(
        insert(accounts)
        .values(
            user_id=user_id,
            name=name,
            broker=broker,
            analyze_mode=analyze_mode,
            order_mode=order_mode,
            rehearse_approvals=False,
            created_at=created_at,
        )
        .returning(accounts)
    )
    return _account(row.one())


async def every(tx: AsyncConnection) -> list[AccountRow]:
    """All accounts, oldest first."""
    return [_account(row) for row in await tx.execute(select(accounts).order_by(accounts.c.id))]


async def set_analyze_mode(tx: AsyncConnection, account_id: int, analyze_mode: bool) -> bool:
    """False when there is no such account."""
    changed = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(analyze_mode=analyze_mode)
    )
    return changed.rowcount == 1


async def set_order_mode(tx: AsyncConnection, account_id: int, order_mode: str) -> bool:
    """False when there is no such account."""
    changed = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(order_mode=order_mode)
    )
    return changed.rowcount == 1


async def set_rehearse_approvals(tx: AsyncConnection, account_id: int, rehearse: bool) -> bool:
    """False when there is no such account."""
    changed = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(rehearse_approvals=rehearse)
    )
    return changed.rowcount == 1


async def rename(tx: AsyncConnection, account_id: int, name: str) -> bool:
    """False when there is no such account. Raises SQLAlchemy's `IntegrityError` when its user has
    another one of this name."""
    changed = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(name=name)
    )
    return changed.rowcount == 1


async def archive(tx: AsyncConnection, account_id: int, *, name: str, at: datetime) -> bool:
    """Put the account away under `name`. False when there is no such account."""
    changed = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(name=name, archived_at=at)
    )
    return changed.rowcount == 1


async def keys_in_use(tx: AsyncConnection, account_id: int, at: datetime) -> int:
    """How many API keys go through the account."""
    table = api_keys.c
    query = select(func.count()).where(
        table.account_id == account_id,
        table.revoked_at.is_(None),
        or_(table.expires_at.is_(None), table.expires_at > at),
    )
    return (await tx.execute(query)).scalar_one()


async def orders_waiting(tx: AsyncConnection, account_id: int, states: Collection[str]) -> int:
    """How many orders that need approval are in one of `states`."""
    table = pending_orders.c
    query = select(func.count()).where(table.account_id == account_id, table.state.in_(states))
    return (await tx.execute(query)).scalar_one()


def _account(row: Row[Any]) -> AccountRow:
    return AccountRow(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        broker=row.broker,
        analyze_mode=row.analyze_mode,
        order_mode=row.order_mode,
        rehearse_approvals=row.rehearse_approvals,
        created_at=row.created_at,
        archived_at=row.archived_at,
    )
