"""What accounts may risk, as it is stored: no row while nothing has been set."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main.tables import risk_limits
from openalgo.persistence.putting import put_row


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """`None` is a limit that is not set. `killed_at` and `killed_by` stand while the account's
    kill switch is thrown."""

    account_id: int
    enforce_tick: bool | None
    enforce_freeze: bool | None
    price_band_percent: Decimal | None
    max_quantity: Decimal | None
    max_notional: Decimal | None
    orders_per_second: int | None
    kept_for_exits: int | None
    count_changes: bool
    max_orders_per_day: int | None
    max_loss_per_day: Decimal | None
    killed_at: datetime | None
    killed_by: str | None
    updated_at: datetime


async def every(tx: AsyncConnection) -> list[RiskRow]:
    rows = await tx.execute(select(risk_limits).order_by(risk_limits.c.account_id))
    return [RiskRow(**row) for row in rows.mappings()]


async def put(tx: AsyncConnection, row: RiskRow) -> None:
    """Store `row` in place of what its account had."""
    await put_row(tx, risk_limits, {"account_id": row.account_id}, asdict(row))
