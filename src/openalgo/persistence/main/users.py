"""Users, as they are stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import users


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """`password_hash` is opaque here."""

    id: int
    username: str
    email: str | None
    password_hash: str
    is_admin: bool
    created_at: datetime


async def create(
    tx: AsyncConnection,
    *,
    username: str,
    email: str | None,
    password_hash: str,
    is_admin: bool,
    created_at: datetime,
) -> UserRow:
    """Raises SQLAlchemy's `IntegrityError` when the name (in any case) or e-mail is taken."""
    row = await tx.execute(
        insert(users)
        .values(
            username=username,
            username_key=_key(username),
            email=email,
            password_hash=password_hash,
            is_admin=is_admin,
            created_at=created_at,
        )
        .returning(users)
    )
    return _user(row.one())


async def by_username(tx: AsyncConnection, username: str) -> UserRow | None:
    """Upper and lower case are the same."""
    query = select(users).where(users.c.username_key == _key(username))
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _user(row)


async def by_id(tx: AsyncConnection, user_id: int) -> UserRow | None:
    row = (await tx.execute(select(users).where(users.c.id == user_id))).one_or_none()
    return None if row is None else _user(row)


async def lock(tx: AsyncConnection, user_id: int) -> None:
    """Until the transaction ends, others that ask for this lock wait."""
    await tx.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())


async def set_password_hash(
    tx: AsyncConnection, user_id: int, password_hash: str, *, instead_of: str
) -> bool:
    """False when the hash is no longer `instead_of`: somebody else has changed it meanwhile."""
    changed = await tx.execute(
        update(users)
        .where(users.c.id == user_id, users.c.password_hash == instead_of)
        .values(password_hash=password_hash)
    )
    return changed.rowcount == 1


async def count(tx: AsyncConnection) -> int:
    return (await tx.execute(select(func.count()).select_from(users))).scalar_one()


def _key(username: str) -> str:
    return username.casefold()


def _user(row: Row[Any]) -> UserRow:
    return UserRow(
        id=row.id,
        username=row.username,
        email=row.email,
        password_hash=row.password_hash,
        is_admin=row.is_admin,
        created_at=row.created_at,
    )
