import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from openalgo.domain.clock import ManualClock
from openalgo.identity.activity import ATTEMPTS_KEPT, Activity
from openalgo.persistence.main import login_attempts, sessions, users
from openalgo.persistence.main.login_attempts import LoginAttempt
from openalgo.persistence.stores import Store

NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


def attempt(at: datetime) -> LoginAttempt:
    return LoginAttempt(
        at=at,
        username="ravi",
        address="127.0.0.1",
        device_info="",
        login_type="password",
        status="success",
    )


async def new_session(main: Store, expires_at: datetime) -> int:
    async with main.write() as tx:
        user = await users.by_username(tx, "ravi") or await users.create(
            tx, username="ravi", email=None, password_hash="", is_admin=True, created_at=NOON
        )
        return await sessions.create(
            tx,
            user_id=user.id,
            digest=str(expires_at),
            device_info="",
            address="",
            at=NOON,
            expires_at=expires_at,
        )


async def test_what_happened_is_written_at_the_latest_when_the_server_ends(main: Store) -> None:
    later = NOON + timedelta(minutes=1)
    session_id = await new_session(main, NOON + timedelta(hours=1))
    activity = Activity(main, ManualClock(NOON))
    activity.login(attempt(NOON))
    activity.session_seen(session_id, NOON)
    activity.session_seen(session_id, later)
    tasks = [asyncio.ensure_future(run()) for run in activity.tasks().values()]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    async with main.read() as tx:
        assert await login_attempts.latest(tx, 9) == [attempt(NOON)]
        (session,) = await sessions.valid(tx, NOON)
    assert session.last_seen_at == later


async def test_old_attempts_and_expired_sessions_leave(main: Store) -> None:
    clock = ManualClock(NOON)
    activity = Activity(main, clock)
    await new_session(main, NOON)
    await new_session(main, NOON + timedelta(seconds=1))
    recent = attempt(NOON - ATTEMPTS_KEPT)
    async with main.write() as tx:
        await login_attempts.add(tx, [recent, attempt(recent.at - timedelta(seconds=1))])

    await activity.trim()

    async with main.read() as tx:
        assert await login_attempts.latest(tx, 9) == [recent]
        assert (await tx.execute(text("SELECT count(*) FROM user_sessions"))).scalar() == 1
