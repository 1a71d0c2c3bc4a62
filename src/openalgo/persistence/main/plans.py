"""Plans of requests that may be repeated, as they are stored."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import plans


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """`plan` and `results` are JSON."""

    fingerprint: str
    plan: str
    results: str


async def find(tx: AsyncConnection, account_id: int, client_order_id: str) -> PlanRow | None:
    query = select(plans.c.fingerprint, plans.c.plan, plans.c.results).where(
        plans.c.account_id == account_id, plans.c.client_order_id == client_order_id
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return PlanRow(fingerprint=row.fingerprint, plan=row.plan, results=row.results)


async def add(
    tx: AsyncConnection,
    account_id: int,
    client_order_id: str,
    kind: str,
    row: PlanRow,
    created_at: datetime,
) -> None:
    await tx.execute(
        insert(plans).values(
            account_id=account_id,
            client_order_id=client_order_id,
            kind=kind,
            fingerprint=row.fingerprint,
            plan=row.plan,
            results=row.results,
            created_at=created_at,
        )
    )


async def set_results(
    tx: AsyncConnection, account_id: int, client_order_id: str, results: str
) -> None:
    await tx.execute(
        update(plans)
        .where(plans.c.account_id == account_id, plans.c.client_order_id == client_order_id)
        .values(results=results)
    )


async def trim(tx: AsyncConnection, before: datetime) -> int:
    """Forget the plans made before; returns how many there were."""
    return (await tx.execute(delete(plans).where(plans.c.created_at < before))).rowcount
