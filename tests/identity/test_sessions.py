import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.clock import IST, ManualClock, next_boundary
from openalgo.domain.errors import StorageUnavailable
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.sessions import Device, OpenedSession, WebSessions
from openalgo.persistence.main import users
from openalgo.persistence.stores import Store

NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
RING = KeyRing(SecretStr("p" * 32), b"salt" * 8)


class Fragile(Store):
    """A store that can stop taking writes."""

    full = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        if self.full:
            raise OSError("disk full")
        async with super().write() as connection:
            yield connection


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def store(main: Store, tmp_path: Path) -> AsyncIterator[Fragile]:
    async with main.write() as tx:
        await users.create(
            tx, username="ravi", email=None, password_hash="", is_admin=True, created_at=NOON
        )
    fragile = Fragile(main.name, f"sqlite:///{tmp_path / 'main.db'}")
    yield fragile
    await fragile.close()


@pytest.fixture
def sessions(store: Fragile, clock: ManualClock) -> WebSessions:
    return WebSessions(store, RING.digest, clock)


async def open_one(sessions: WebSessions) -> OpenedSession:
    return await sessions.open(
        user_id=1, username="ravi", is_admin=True, device=Device(info="", address="127.0.0.1")
    )


@given(st.integers(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC)), st.times())
def test_the_boundary_is_the_next_one_in_india(now: datetime, at: time) -> None:
    boundary = next_boundary(now, at)
    assert timedelta(0) < boundary - now <= timedelta(days=1)
    assert boundary.astimezone(IST).time() == at


async def test_a_session_cannot_be_guessed_or_shown(sessions: WebSessions) -> None:
    opened = await open_one(sessions)
    assert opened.cookie not in repr(opened)
    assert sessions.lookup(opened.cookie) == opened.session
    assert sessions.lookup(str(opened.session.id)) is None
    assert sessions.lookup(RING.digest(opened.cookie)) is None
    assert sessions.lookup("") is None


async def test_what_cannot_be_stored_is_not_open(store: Fragile, sessions: WebSessions) -> None:
    store.full = True
    with pytest.raises(StorageUnavailable):
        await open_one(sessions)
    assert sessions.of_user(1) == []


@pytest.mark.parametrize("all_of_them", [False, True])
async def test_what_is_ended_is_over_even_if_that_cannot_be_stored(
    store: Fragile, sessions: WebSessions, all_of_them: bool
) -> None:
    opened = await open_one(sessions)
    store.full = True
    with pytest.raises(StorageUnavailable):
        await (sessions.end_all(1) if all_of_them else sessions.end(1, opened.session.id))
    assert sessions.lookup(opened.cookie) is None

    store.full = False
    if all_of_them:
        await sessions.end_all(1)
    else:
        assert await sessions.end(1, opened.session.id)
    await sessions.load()
    assert sessions.lookup(opened.cookie) is None


async def test_of_many_logins_at_once_ten_last(sessions: WebSessions) -> None:
    opened = await asyncio.gather(*(open_one(sessions) for _ in range(25)))
    assert sum(sessions.lookup(each.cookie) is not None for each in opened) == 10
    before = sessions.of_user(1)
    await sessions.load()
    assert sessions.of_user(1) == before


async def test_expired_sessions_are_neither_listed_nor_loaded(
    sessions: WebSessions, clock: ManualClock
) -> None:
    opened = await open_one(sessions)
    clock.set(opened.session.expires_at)
    assert sessions.of_user(1) == []
    assert sessions.lookup(opened.cookie) is None
    await sessions.load()
    assert sessions.of_user(1) == []
