"""What the web app remembers of each user, as it is stored: JSON text by name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import web_preferences
from openalgo.persistence.putting import put_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """`value` is JSON text; `version` counts its changes from 1 on."""

    name: str
    value: str
    version: int
    updated_at: datetime


async def of_user(tx: AsyncConnection, user_id: int) -> dict[str, Preference]:
    """All of the user's, by name in alphabetical order."""
    table = web_preferences.c
    columns = (table.name, table.value, table.version, table.updated_at)
    rows = await tx.execute(select(*columns).where(table.user_id == user_id))
    found = [Preference(**row) for row in rows.mappings()]
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}


async def put(tx: AsyncConnection, user_id: int, wanted: Preference) -> None:
    """Store `wanted` in place of what had its name."""
    values = {
        "value": wanted.value,
        "version": wanted.version,
        "updated_at": wanted.updated_at,
    }
    await put_row(tx, web_preferences, {"user_id": user_id, "name": wanted.name}, values)
