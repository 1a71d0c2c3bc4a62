"""Sessions of the web app, as they are stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.columns import RowId, UtcCol
from openalgo.persistence.main.tables import user_sessions, users


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A browser somebody logged in with. `digest` is all that is kept of its cookie."""

    id: int
    user_id: int
    username: str
    is_admin: bool
    digest: str
    device_info: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


_sessions = (
    select(user_sessions, users.c.username, users.c.is_admin)
    .join(users, users.c.id == user_sessions.c.user_id)
    .order_by(user_sessions.c.id)
)


async def create(
    tx: AsyncConnection,
    *,
    user_id: int,
    digest: str,
    device_info: str,
    address: str,
    at: datetime,
    expires_at: datetime,
) -> int:
    """The id of the new session, seen `at` for the first and last time."""
    row = await tx.execute(
        insert(user_sessions)
        .values(
            user_id=user_id,
            digest=digest,
            device_info=device_info,
            address=address,
            created_at=at,
            last_seen_at=at,
            expires_at=expires_at,
        )
        .returning(user_sessions.c.id)
    )
    session_id: int = row.scalar_one()
    return session_id


async def valid(tx: AsyncConnection, at: datetime) -> list[SessionRow]:
    """Every session that has not expired `at`, oldest first."""
    rows = await tx.execute(_sessions.where(user_sessions.c.expires_at > at))
    return [_session(row) for row in rows]


async def remove(tx: AsyncConnection, user_id: int, session_ids: Collection[int]) -> int:
    """Remove those of `session_ids` that are the user's; how many there were."""
    removed = await tx.execute(
        delete(user_sessions).where(
            user_sessions.c.user_id == user_id, user_sessions.c.id.in_(session_ids)
        )
    )
    return removed.rowcount


async def remove_of_user(tx: AsyncConnection, user_id: int) -> None:
    await tx.execute(delete(user_sessions).where(user_sessions.c.user_id == user_id))


async def remove_expired(tx: AsyncConnection, at: datetime) -> None:
    await tx.execute(delete(user_sessions).where(user_sessions.c.expires_at <= at))


async def record_seen(tx: AsyncConnection, seen: Mapping[int, datetime]) -> None:
    """Keep when each session was last seen, by its id."""
    if seen:
        statement = (
            update(user_sessions)
            .where(user_sessions.c.id == bindparam("of_session", type_=RowId))
            .values(last_seen_at=bindparam("seen_at", type_=UtcCol))
        )
        await tx.execute(
            statement, [{"of_session": each, "seen_at": at} for each, at in seen.items()]
        )


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(
        id=row.id,
        user_id=row.user_id,
        username=row.username,
        is_admin=row.is_admin,
        digest=row.digest,
        device_info=row.device_info,
        address=row.address,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
