"""What accounts made, as it is stored: a row for each day, and the minutes of the newest day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Table, and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.profit import DayClose, Height, Sample
from openalgo.persistence.main.tables import profit_days, profit_minutes
from openalgo.persistence.putting import put_row


async def newest_days(tx: AsyncConnection) -> dict[tuple[int, str], DayClose]:
    """The last day of every account, by account and mode."""
    table = profit_days.c
    owner = (table.account_id, table.mode)
    newest = select(*owner, func.max(table.day).label("day")).group_by(*owner).subquery()
    is_newest = and_(*(table[each.name] == each for each in newest.c))
    rows = await tx.execute(select(profit_days).join(newest, is_newest))
    return {(row.account_id, row.mode): _close(row) for row in rows}


async def days(tx: AsyncConnection, account_id: int, mode: str, limit: int) -> list[DayClose]:
    """The newest `limit` days of an account, newest first."""
    query = (
        select(profit_days)
        .where(*_of(profit_days, account_id, mode))
        .order_by(profit_days.c.day.desc())
        .limit(limit)
    )
    return [_close(row) for row in await tx.execute(query)]


async def minutes(tx: AsyncConnection) -> dict[tuple[int, str], list[Sample]]:
    """The minutes of the newest day of every account, oldest first."""
    found: dict[tuple[int, str], list[Sample]] = {}
    for row in await tx.execute(select(profit_minutes).order_by(profit_minutes.c.minute)):
        sample = Sample(row.at, row.realised, row.unrealised)
        found.setdefault((row.account_id, row.mode), []).append(sample)
    return found


async def put_day(tx: AsyncConnection, account_id: int, mode: str, close: DayClose) -> None:
    """Store `close` in place of what its day had."""
    values = {
        "realised": close.last.realised,
        "unrealised": close.last.unrealised,
        "highest": close.highest.total,
        "highest_at": close.highest.at,
        "lowest": close.lowest.total,
        "lowest_at": close.lowest.at,
        "max_drawdown": close.max_drawdown,
        "as_of": close.last.at,
    }
    key = {"account_id": account_id, "mode": mode, "day": close.day}
    await put_row(tx, profit_days, key, values)


async def drop_day(tx: AsyncConnection, account_id: int, mode: str, day: date) -> None:
    """Forget what a day came to: the account began anew."""
    await tx.execute(
        delete(profit_days).where(*_of(profit_days, account_id, mode), profit_days.c.day == day)
    )


async def drop_minutes(
    tx: AsyncConnection, account_id: int, mode: str, since: int | None = None
) -> None:
    """Forget the minutes of the account, or those from the minute `since` on."""
    wanted = _of(profit_minutes, account_id, mode)
    if since is not None:
        wanted.append(profit_minutes.c.minute >= since)
    await tx.execute(delete(profit_minutes).where(*wanted))


async def add_minutes(
    tx: AsyncConnection, account_id: int, mode: str, samples: Iterable[Sample]
) -> None:
    rows: Sequence[dict[str, Any]] = [
        {
            "account_id": account_id,
            "mode": mode,
            "minute": sample.minute,
            "at": sample.at,
            "realised": sample.realised,
            "unrealised": sample.unrealised,
        }
        for sample in samples
    ]
    if rows:
        await tx.execute(insert(profit_minutes), rows)


def _of(table: Table, account_id: int, mode: str) -> list[Any]:
    return [table.c.account_id == account_id, table.c.mode == mode]


def _close(row: Row[Any]) -> DayClose:
    return DayClose(
        day=row.day,
        last=Sample(row.as_of, row.realised, row.unrealised),
        highest=Height(row.highest, row.highest_at),
        lowest=Height(row.lowest, row.lowest_at),
        max_drawdown=row.max_drawdown,
    )
