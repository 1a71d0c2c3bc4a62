"""Sessions of the web app, attempts to log in, and keys that are replaced."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main import api_keys, login_attempts, sessions, users
from openalgo.persistence.main.login_attempts import LoginAttempt
from openalgo.persistence.main.sessions import SessionRow
from openalgo.persistence.stores import Stores
from tests.persistence.test_main_repositories import NOW, new_account, new_key, new_user

LATER = NOW + timedelta(hours=1)


async def new_session(
    tx: AsyncConnection, user_id: int, digest: str, expires_at: datetime = LATER
) -> int:
    return await sessions.create(
        tx,
        user_id=user_id,
        digest=digest,
        device_info="Firefox/140",
        address="2001:db8::9",
        at=NOW,
        expires_at=expires_at,
    )


async def test_sessions_are_listed_until_they_expire(stores: Stores) -> None:
    async with stores.main.write() as tx:
        user = await new_user(tx)
        first = await new_session(tx, user.id, "a")
        await new_session(tx, user.id, "b", NOW)
    async with stores.main.read() as tx:
        assert await sessions.valid(tx, NOW) == [
            SessionRow(
                id=first,
                user_id=user.id,
                username="Asha",
                is_admin=True,
                digest="a",
                device_info="Firefox/140",
                address="2001:db8::9",
                created_at=NOW,
                last_seen_at=NOW,
                expires_at=LATER,
            )
        ]
        assert await sessions.valid(tx, LATER) == []
    async with stores.main.write() as tx:
        await sessions.remove_expired(tx, NOW)
        assert len(await sessions.valid(tx, NOW - timedelta(days=1))) == 1


async def test_only_the_users_own_sessions_are_removed(stores: Stores) -> None:
    async with stores.main.write() as tx:
        user, other = await new_user(tx), await new_user(tx, "Ravi")
        mine = [await new_session(tx, user.id, digest) for digest in "abc"]
        theirs = await new_session(tx, other.id, "d")
    async with stores.main.write() as tx:
        assert await sessions.remove(tx, user.id, [mine[0], theirs, 404]) == 1
        assert [row.id for row in await sessions.valid(tx, NOW)] == [*mine[1:], theirs]
        await sessions.remove_of_user(tx, user.id)
        assert [row.id for row in await sessions.valid(tx, NOW)] == [theirs]


async def test_when_sessions_and_keys_were_used_is_kept(stores: Stores) -> None:
    async with stores.main.write() as tx:
        account = await new_account(tx, await new_user(tx))
        ids = [await new_session(tx, account.user_id, digest) for digest in "ab"]
        key = await new_key(tx, account)
    async with stores.main.write() as tx:
        await sessions.record_seen(tx, {ids[0]: LATER, 404: LATER})
        await api_keys.record_uses(tx, {key: LATER})
        await sessions.record_seen(tx, {})
        await api_keys.record_uses(tx, {})
    async with stores.main.read() as tx:
        assert [row.last_seen_at for row in await sessions.valid(tx, NOW)] == [LATER, NOW]
        assert [row.last_used_at for row in await api_keys.active(tx)] == [LATER]


async def test_a_key_is_superseded_once_and_never_lives_longer_for_it(stores: Stores) -> None:
    async with stores.main.write() as tx:
        account = await new_account(tx, await new_user(tx))
        endless = await new_key(tx, account, "a")
        short = await new_key(tx, account, "b", NOW + timedelta(minutes=1))
    async with stores.main.write() as tx:
        for key in (endless, short):
            assert await api_keys.supersede(tx, key, at=NOW, expires_at=LATER)
            assert not await api_keys.supersede(tx, key, at=NOW, expires_at=LATER)
        assert not await api_keys.supersede(tx, 404, at=NOW, expires_at=LATER)
        rows = await api_keys.of_user(tx, account.user_id)
    assert [row.expires_at for row in rows] == [LATER, NOW + timedelta(minutes=1)]
    assert [row.superseded_at for row in rows] == [NOW, NOW]


async def test_a_password_is_replaced_only_if_nobody_did_meanwhile(stores: Stores) -> None:
    async with stores.main.write() as tx:
        user = await new_user(tx)
        await users.lock(tx, user.id)
        assert await users.set_password_hash(tx, user.id, "new", instead_of="hash")
        assert not await users.set_password_hash(tx, user.id, "newer", instead_of="hash")
        found = await users.by_id(tx, user.id)
        assert found is not None
        assert found.password_hash == "new"
        assert await users.by_id(tx, 404) is None


async def test_attempts_are_kept_for_a_while(stores: Stores) -> None:
    attempts = [
        LoginAttempt(
            at=NOW + timedelta(minutes=n),
            username="nobody",
            address="203.0.113.9",
            device_info="curl/8",
            login_type="password",
            status="failed",
            failure_reason="unknown user",
        )
        for n in range(3)
    ]
    async with stores.main.write() as tx:
        await login_attempts.add(tx, attempts)
        await login_attempts.remove_before(tx, NOW + timedelta(minutes=1))
    async with stores.main.read() as tx:
        assert await login_attempts.latest(tx, 9) == [attempts[2], attempts[1]]
        assert await login_attempts.latest(tx, 1) == [attempts[2]]
