"""How the paper exchange is set up, as it is stored: text by key, no row for what was not set."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import sandbox_config


async def every(tx: AsyncConnection) -> dict[str, str]:
    table = sandbox_config.c
    rows = await tx.execute(select(table.config_key, table.config_value))
    return {row.config_key: row.config_value for row in rows}


async def put(tx: AsyncConnection, key: str, value: str, *, at: datetime, by: str) -> None:
    """Store `value` in place of what `key` had."""
    await drop(tx, [key])
    row = {"config_key": key, "config_value": value, "updated_at": at, "updated_by": by}
    await tx.execute(insert(sandbox_config).values(row))


async def drop(tx: AsyncConnection, keys: Collection[str]) -> None:
    """Forget what these keys had."""
    await tx.execute(delete(sandbox_config).where(sandbox_config.c.config_key.in_(keys)))
