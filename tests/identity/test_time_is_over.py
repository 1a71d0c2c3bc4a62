"""What ends by itself ends on time, also when nobody looks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from openalgo.domain.clock import ManualClock
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.sessions import Device, WebSession, WebSessions
from openalgo.persistence.main import users
from openalgo.persistence.main.api_keys import ApiKeyRow
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from tests.api_ws.socket import settle

MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
RING = KeyRing(SecretStr("p" * 32), b"salt" * 8)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()


async def test_a_session_nobody_uses_ends_on_time(store: Store) -> None:
    clock = ManualClock(MORNING)
    sessions = WebSessions(store, RING.digest, clock, expiry=time(3))
    async with store.write() as tx:
        user = await users.create(
            tx, username="r", email=None, password_hash="x", is_admin=True, created_at=MORNING
        )
    over: list[WebSession] = []
    sessions.ended.add(over.append)
    running = asyncio.ensure_future(sessions.run())
    try:
        opened = await sessions.open(
            user_id=user.id, username="r", is_admin=True, device=Device(info="", address="")
        )
        await settle()
        clock.set(opened.session.expires_at - timedelta(seconds=1))
        await settle()
        assert over == []
        clock.set(opened.session.expires_at)
        await settle()
        assert [each.id for each in over] == [opened.session.id]
        assert sessions.lookup(opened.cookie) is None
        assert len(over) == 1
    finally:
        running.cancel()


async def test_every_end_is_told_once(store: Store) -> None:
    clock = ManualClock(MORNING)
    sessions = WebSessions(store, RING.digest, clock, expiry=time(3))
    async with store.write() as tx:
        user = await users.create(
            tx, username="r", email=None, password_hash="x", is_admin=True, created_at=MORNING
        )
    over: list[int] = []
    sessions.ended.add(lambda session: over.append(session.id))
    device = Device(info="", address="")
    made = [
        await sessions.open(user_id=user.id, username="r", is_admin=True, device=device)
        for _ in range(12)
    ]
    ids = [each.session.id for each in made]
    assert over == ids[:2]
    await sessions.end(user.id, ids[5])
    await sessions.end(user.id, ids[5])
    assert over == [*ids[:2], ids[5]]
    await sessions.end_all(user.id)
    assert sorted(over) == ids


def key_row(key_id: int, expires_at: datetime | None) -> ApiKeyRow:
    return ApiKeyRow(
        id=key_id,
        user_id=1,
        username="r",
        account_id=1,
        account_name="Default",
        name=f"key {key_id}",
        digest=RING.digest(f"key-{key_id}"),
        ciphertext="",
        scopes=frozenset({"read"}),
        allowed_networks=(),
        created_at=MORNING,
        expires_at=expires_at,
        last_used_at=None,
        superseded_at=None,
        is_default=False,
    )


async def test_a_key_whose_time_is_over_is_told_of_once(store: Store) -> None:
    clock = ManualClock(MORNING)
    over: list[int] = []
    keys = ApiKeys(store, RING, forgotten=over.append, now=clock.now)
    keys.learn(key_row(1, MORNING - timedelta(hours=1)))
    keys.learn(key_row(2, MORNING + timedelta(hours=2)))
    keys.learn(key_row(3, None))
    running = asyncio.ensure_future(keys.run(clock))
    try:
        await settle()
        keys.learn(key_row(4, MORNING + timedelta(hours=1)))
        await settle()
        clock.set(MORNING + timedelta(hours=1))
        await settle()
        assert over == [4]
        clock.set(MORNING + timedelta(hours=3))
        await settle()
        keys.learn(key_row(5, None))
        await settle()
        assert over == [4, 2]
    finally:
        running.cancel()
