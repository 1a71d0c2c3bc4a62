"""What accounts may risk, as it is stored."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from openalgo.persistence.main import accounts, risk, users
from openalgo.persistence.main.risk import RiskRow
from openalgo.persistence.stores import Stores

NOW = datetime(2026, 7, 17, 4, 30, tzinfo=UTC)


def row_of(account_id: int) -> RiskRow:
    return RiskRow(
        account_id=account_id,
        enforce_tick=True,
        enforce_freeze=None,
        price_band_percent=Decimal("2.5"),
        max_quantity=Decimal("0.00000001"),
        max_notional=Decimal("999999999999.9999"),
        orders_per_second=10,
        kept_for_exits=2,
        count_changes=True,
        max_orders_per_day=1_000_000,
        max_loss_per_day=Decimal("10000.5"),
        killed_at=NOW,
        killed_by="Asha",
        updated_at=NOW,
    )


async def test_what_is_put_replaces_what_was_there(stores: Stores) -> None:
    async with stores.main.write() as tx:
        user = await users.create(
            tx, username="Asha", email=None, password_hash="", is_admin=True, created_at=NOW
        )
        ids = [
            (
                await accounts.create(
                    tx, user_id=user.id, name=name, broker="simulator", created_at=NOW
                )
            ).id
            for name in ("Main", "Other")
        ]
        first, second = map(row_of, ids)
        await risk.put(tx, second)
        await risk.put(tx, replace(first, killed_at=None, killed_by=None, enforce_tick=None))
        await risk.put(tx, first)
    async with stores.main.read() as tx:
        assert await risk.every(tx) == [first, second]


async def test_limits_belong_to_an_account(stores: Stores) -> None:
    with pytest.raises(IntegrityError):
        async with stores.main.write() as tx:
            await risk.put(tx, row_of(4711))
