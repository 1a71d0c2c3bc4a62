"""A pending order changes once, whichever database it is in."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from openalgo.persistence.main import accounts, approval_audit, approvals, users
from openalgo.persistence.main.approval_audit import AuditRow
from openalgo.persistence.main.approvals import LegRow, ProgressRow, QueuedRow, Seen, Tally
from openalgo.persistence.stores import Stores

NOW = datetime(2026, 7, 17, 4, 30, tzinfo=UTC)
QUEUED = QueuedRow(
    account_id=1,
    user_id=1,
    kind="placeorder",
    intent_version=1,
    intent="{}",
    fingerprint="f",
    client_order_id=None,
    strategy="s",
    side="BUY",
    plan="{}",
    prices="{}",
    mode="live",
    broker="simulator",
    source="api",
    address="",
    key_id=1,
    cause="c",
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=5),
)
REJECTED = ProgressRow(state="rejected", decided_at=NOW, decided_by="asha", reason="no")


async def queued(stores: Stores, *rows: QueuedRow) -> list[int]:
    async with stores.main.write() as tx:
        user = await users.by_username(tx, "asha")
        if user is None:
            user = await users.create(
                tx, username="asha", email=None, password_hash="", is_admin=False, created_at=NOW
            )
            await accounts.create(
                tx, user_id=user.id, name="Default", broker="simulator", created_at=NOW
            )
        return [await approvals.add(tx, row, "pending") for row in rows]


async def test_what_was_queued_is_found_as_it_was(stores: Stores) -> None:
    [pending_id] = await queued(stores, QUEUED)
    async with stores.main.read() as tx:
        row = await approvals.find(tx, 1, pending_id)
        assert await approvals.find(tx, 2, pending_id) is None
    assert row is not None
    assert (row.version, row.hidden, row.progress) == (1, False, ProgressRow(state="pending"))
    assert all(getattr(row, name) == getattr(QUEUED, name) for name in QueuedRow.__slots__)


async def test_of_many_who_saw_the_same_row_one_changes_it(stores: Stores) -> None:
    [pending_id] = await queued(stores, QUEUED)
    before = Seen(pending_id, 1, "pending", 1)

    async def attempt(number: int) -> bool:
        async with stores.main.write() as tx:
            return await approvals.move(tx, before, replace(REJECTED, reason=str(number)))

    moved = await asyncio.gather(*map(attempt, range(100)))
    assert sum(moved) == 1
    async with stores.main.read() as tx:
        row = await approvals.find(tx, 1, pending_id)
    assert row is not None
    assert (row.version, row.progress.reason) == (2, str(moved.index(True)))


@pytest.mark.parametrize(
    "before",
    [(1, 1, "approving", 1), (1, 1, "pending", 2), (1, 2, "pending", 1), (9, 1, "pending", 1)],
)
async def test_a_row_that_is_not_as_it_was_seen_does_not_change(
    stores: Stores, before: tuple[int, int, str, int]
) -> None:
    [pending_id] = await queued(stores, QUEUED)
    assert pending_id == 1
    async with stores.main.write() as tx:
        assert not await approvals.move(tx, Seen(*before), REJECTED)
        assert not await approvals.hide(tx, Seen(*before))


async def test_an_expired_row_does_not_come_to_life(stores: Stores) -> None:
    [pending_id] = await queued(stores, QUEUED)
    before, approving = Seen(pending_id, 1, "pending", 1), ProgressRow(state="approving")
    async with stores.main.write() as tx:
        assert not await approvals.move(tx, before, approving, alive_at=QUEUED.expires_at)
        last = QUEUED.expires_at - timedelta(microseconds=1)
        assert await approvals.move(tx, before, approving, alive_at=last)


async def test_a_client_id_is_used_once_in_an_account(stores: Stores) -> None:
    named = replace(QUEUED, client_order_id="mine")
    await queued(stores, named, QUEUED, QUEUED)
    with pytest.raises(IntegrityError):
        await queued(stores, named)


async def test_pages_go_back_in_time_and_leave_out_what_is_hidden(stores: Stores) -> None:
    first, second, third, fourth = await queued(stores, *[QUEUED] * 4)
    async with stores.main.write() as tx:
        await approvals.move(tx, Seen(third, 1, "pending", 1), REJECTED)
        await approvals.hide(tx, Seen(third, 1, "rejected", 2))

    async def page(*states: str, before: int | None = None, limit: int = 9) -> list[int]:
        async with stores.main.read() as tx:
            rows = await approvals.page(tx, 1, states, before=before, limit=limit)
        return [row.id for row in rows]

    assert await page("pending", "rejected") == [fourth, second, first]
    assert await page("pending", limit=2) == [fourth, second]
    assert await page("pending", before=second) == [first]
    assert await page("rejected") == []
    async with stores.main.read() as tx:
        assert await approvals.tallies(tx, 1) == [Tally("pending", "placeorder", "BUY", 3)]
        assert await approvals.count(tx, 1, "pending") == 3
        assert await approvals.count_of_user(tx, 1, "rejected") == 1


async def test_legs_and_audit_come_back_in_order(stores: Stores) -> None:
    [pending_id] = await queued(stores, QUEUED)
    legs = [
        LegRow(
            pending_id=pending_id,
            number=number,
            exchange="CRYPTO",
            symbol="BTCUSDFUT",
            action="BUY",
            quantity=Decimal("0.00000001"),
            order_id=None,
            status="open",
            code="",
            message="",
        )
        for number in range(2)
    ]
    entry = AuditRow(
        pending_id=pending_id,
        at=NOW,
        actor="asha",
        address="10.0.0.1",
        channel="ui",
        request_id="r",
        action="queue",
        from_state="",
        to_state="pending",
        detail="{}",
    )
    entries = [entry, replace(entry, action="reject")]
    async with stores.main.write() as tx:
        await approvals.add_legs(tx, legs)
        for each in entries:
            await approval_audit.add(tx, each)
        await approvals.set_leg_status(tx, pending_id, 1, "cancelled", "by the exchange")
    async with stores.main.read() as tx:
        ended = replace(legs[1], status="cancelled", message="by the exchange")
        assert await approvals.legs(tx, [pending_id]) == [legs[0], ended]
        assert await approval_audit.of_order(tx, pending_id) == entries
        found = await approvals.unsettled(tx, "filled", "open", after=0, limit=9)
        assert [row.id for row in found] == [pending_id]
        assert await approvals.unsettled(tx, "filled", "open", after=pending_id, limit=9) == []
        assert await approvals.unsettled(tx, "filled", "waiting", after=0, limit=9) == []
