"""Attempts to log in, as they are stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import login_attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """`status` is success or failed; `username` is what was typed, cut to what a name may be."""

    at: datetime
    username: str
    address: str
    device_info: str
    login_type: str
    status: str
    failure_reason: str | None = None


async def add(tx: AsyncConnection, attempts: Sequence[LoginAttempt]) -> None:
    await tx.execute(insert(login_attempts), [asdict(attempt) for attempt in attempts])


async def latest(tx: AsyncConnection, limit: int) -> list[LoginAttempt]:
    """The newest first."""
    table = login_attempts.c
    query = select(login_attempts).order_by(table.at.desc(), table.id.desc()).limit(limit)
    return [
        LoginAttempt(
            at=row.at,
            username=row.username,
            address=row.address,
            device_info=row.device_info,
            login_type=row.login_type,
            status=row.status,
            failure_reason=row.failure_reason,
        )
        for row in await tx.execute(query)
    ]


async def remove_before(tx: AsyncConnection, at: datetime) -> None:
    await tx.execute(delete(login_attempts).where(login_attempts.c.at < at))
