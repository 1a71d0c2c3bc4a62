"""Storing a row in place of the one that has its key."""

from collections.abc import Mapping

from sqlalchemy import Table, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection


async def put_row(
    tx: AsyncConnection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    """Change the row of `table` with this `key` to `values`, or add it. One caller at a time."""
    columns = table.c
    changed = await tx.execute(
        update(table).where(*(columns[name] == value for name, value in key.items())).values(values)
    )
    if not changed.rowcount:
        await tx.execute(insert(table).values({**key, **values}))
