"""What accounts log in to their brokers with, and the sessions that came of it, as stored."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.words import Word
from openalgo.persistence.main.tables import broker_apps, broker_routes, broker_sessions


class Kept(Word):
    """What is kept of an account, encrypted: APP, the values of `app_fields`; ROUTE, how its calls
    leave."""

    APP = "app"
    ROUTE = "route"


_TABLES = {Kept.APP: broker_apps, Kept.ROUTE: broker_routes}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSessionRow:
    """`ciphertext` is there until the session ends."""

    account_id: int
    client_id: str
    ciphertext: str | None = field(repr=False)
    issued_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None = None
    end_state: str | None = None
    end_reason: str | None = None


async def every(tx: AsyncConnection, kept: Kept) -> dict[int, str]:
    """The ciphertext of each account that has one."""
    table = _TABLES[kept].c
    rows = await tx.execute(select(table.account_id, table.ciphertext).order_by(table.account_id))
    return {row.account_id: row.ciphertext for row in rows}


async def put(
    tx: AsyncConnection, kept: Kept, account_id: int, ciphertext: str, at: datetime
) -> None:
    """Store `ciphertext` in place of what the account had."""
    await drop(tx, kept, account_id)
    values = {"account_id": account_id, "ciphertext": ciphertext, "updated_at": at}
    await tx.execute(insert(_TABLES[kept]).values(values))


async def drop(tx: AsyncConnection, kept: Kept, account_id: int) -> None:
    table = _TABLES[kept]
    await tx.execute(delete(table).where(table.c.account_id == account_id))


async def sessions(tx: AsyncConnection) -> list[BrokerSessionRow]:
    """The last session of each account that had one."""
    rows = await tx.execute(select(broker_sessions).order_by(broker_sessions.c.account_id))
    return [BrokerSessionRow(**row) for row in rows.mappings()]


async def put_session(tx: AsyncConnection, row: BrokerSessionRow) -> None:
    """Store `row` in place of the session the account had."""
    table = broker_sessions
    await tx.execute(delete(table).where(table.c.account_id == row.account_id))
    await tx.execute(insert(table).values(asdict(row)))


async def end_session(
    tx: AsyncConnection, account_id: int, *, at: datetime, state: str, reason: str
) -> None:
    """Note the end of the account's session, if there was one, and forget its tokens."""
    table = broker_sessions
    await tx.execute(
        update(table)
        .where(table.c.account_id == account_id)
        .values(ciphertext=None, ended_at=at, end_state=state, end_reason=reason)
    )
