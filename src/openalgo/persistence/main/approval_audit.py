"""Who tried what with a pending order, as it is stored: rows are only ever added."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import approval_audit


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """`from_state` and `to_state` are alike for what changed nothing. `detail` is JSON."""

    pending_id: int
    at: datetime
    actor: str
    address: str
    channel: str
    request_id: str
    action: str
    from_state: str
    to_state: str
    detail: str


async def add(tx: AsyncConnection, row: AuditRow) -> None:
    await tx.execute(insert(approval_audit).values(asdict(row)))


async def of_order(tx: AsyncConnection, pending_id: int) -> list[AuditRow]:
    """Oldest first."""
    table = approval_audit.c
    columns = [column for column in approval_audit.columns if column.name != "id"]
    query = select(*columns).where(table.pending_id == pending_id).order_by(table.id)
    return [AuditRow(**row._mapping) for row in await tx.execute(query)]
