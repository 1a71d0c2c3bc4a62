"""API keys, as they are stored: a digest to look them up by, and the key encrypted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.columns import RowId, UtcCol
from openalgo.persistence.main.tables import accounts, api_keys, users


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRow:
    """A key with whom and what it stands for. `digest` is 64 hex digits.

    A key past `expires_at` is still listed; whether it serves is decided when it is used.
    """

    id: int
    user_id: int
    username: str
    account_id: int
    account_name: str
    name: str
    digest: str
    ciphertext: str
    scopes: frozenset[str]
    allowed_networks: tuple[str, ...]
    is_default: bool
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    superseded_at: datetime | None


_active = (
    select(api_keys, users.c.username, accounts.c.name.label("account_name"))
    .join(users, users.c.id == api_keys.c.user_id)
    .join(accounts, accounts.c.id == api_keys.c.account_id)
    .where(api_keys.c.revoked_at.is_(None))
    .order_by(api_keys.c.id)
)


async def create(
    tx: AsyncConnection,
    *,
    user_id: int,
    account_id: int,
    name: str,
    digest: str,
    ciphertext: str,
    scopes: Iterable[str],
    created_at: datetime,
    expires_at: datetime | None = None,
    allowed_networks: Iterable[str] = (),
    is_default: bool = False,
) -> int:
    """The id of the new key."""
    row = await tx.execute(
        insert(api_keys)
        .values(
            user_id=user_id,
            account_id=account_id,
            name=name,
            digest=digest,
            ciphertext=ciphertext,
            scopes=" ".join(sorted(scopes)),
            allowed_networks=" ".join(allowed_networks),
            is_default=is_default,
            created_at=created_at,
            expires_at=expires_at,
        )
        .returning(api_keys.c.id)
    )
    key_id: int = row.scalar_one()
    return key_id


async def active(tx: AsyncConnection) -> list[ApiKeyRow]:
    """Every key that has not been revoked."""
    return [_key(row) for row in await tx.execute(_active)]


async def by_digest(tx: AsyncConnection, digest: str) -> ApiKeyRow | None:
    """The key of this digest, unless it has been revoked."""
    row = (await tx.execute(_active.where(api_keys.c.digest == digest))).one_or_none()
    return None if row is None else _key(row)


async def of_user(tx: AsyncConnection, user_id: int) -> list[ApiKeyRow]:
    """The user's keys that have not been revoked, oldest first."""
    rows = await tx.execute(_active.where(api_keys.c.user_id == user_id))
    return [_key(row) for row in rows]


async def supersede(
    tx: AsyncConnection, key_id: int, *, at: datetime, expires_at: datetime
) -> bool:
    """Let another key take the place of this one, which serves until `expires_at` at most.

    False when it was revoked or superseded before: of several who try at once, one succeeds.
    """
    column = api_keys.c
    sooner = column.expires_at.is_not(None) & (column.expires_at < expires_at)
    until = literal(expires_at, UtcCol)
    changed = await tx.execute(
        update(api_keys)
        .where(column.id == key_id, column.revoked_at.is_(None), column.superseded_at.is_(None))
        .values(
            superseded_at=at,
            is_default=False,
            expires_at=case((sooner, column.expires_at), else_=until),
        )
    )
    return changed.rowcount == 1


async def record_uses(tx: AsyncConnection, uses: Mapping[int, datetime]) -> None:
    """Keep when each key was last used, by its id."""
    if uses:
        statement = (
            update(api_keys)
            .where(api_keys.c.id == bindparam("of_key", type_=RowId))
            .values(last_used_at=bindparam("used_at", type_=UtcCol))
        )
        await tx.execute(statement, [{"of_key": each, "used_at": at} for each, at in uses.items()])


async def revoke(tx: AsyncConnection, key_id: int, at: datetime) -> bool:
    """False when there is no such key, or it was revoked before."""
    changed = await tx.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return changed.rowcount == 1


def _key(row: Row[Any]) -> ApiKeyRow:
    return ApiKeyRow(
        id=row.id,
        user_id=row.user_id,
        username=row.username,
        account_id=row.account_id,
        account_name=row.account_name,
        name=row.name,
        digest=row.digest,
        ciphertext=row.ciphertext,
        scopes=frozenset(row.scopes.split()),
        allowed_networks=tuple(row.allowed_networks.split()),
        is_default=row.is_default,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        superseded_at=row.superseded_at,
    )
