"""What charts remember of each user, as it is stored: JSON text by name."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import chart_preferences


async def of_user(tx: AsyncConnection, user_id: int) -> dict[str, str]:
    """Every value of the user, by its key in alphabetical order."""
    table = chart_preferences.c
    query = select(table.key, table.value).where(table.user_id == user_id)
    rows = await tx.execute(query)
    return dict(sorted((row.key, row.value) for row in rows))


async def put(tx: AsyncConnection, user_id: int, values: Mapping[str, str]) -> None:
    """Store `values` (at least one), in place of those with the same keys."""
    table = chart_preferences
    keys = list(values)
    await tx.execute(delete(table).where(table.c.user_id == user_id, table.c.key.in_(keys)))
    rows = [{"user_id": user_id, "key": key, "value": value} for key, value in values.items()]
    await tx.execute(insert(table), rows)
