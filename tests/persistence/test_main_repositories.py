"""Users, accounts and API keys."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.persistence.main import accounts, api_keys, users
from openalgo.persistence.main.accounts import AccountRow
from openalgo.persistence.main.api_keys import ApiKeyRow
from openalgo.persistence.main.users import UserRow
from openalgo.persistence.stores import Stores

NOW = datetime(2026, 7, 15, 6, 30, tzinfo=UTC)
DIGEST = "ab" * 32


async def new_user(
    tx: AsyncConnection, username: str = "Asha", email: str | None = None
) -> UserRow:
    return await users.create(
        tx,
        username=username,
        email=email,
        password_hash="hash",
        is_admin=True,
        created_at=NOW,
    )


async def new_account(tx: AsyncConnection, user: UserRow, name: str = "Main") -> AccountRow:
    return await accounts.create(tx, user_id=user.id, name=name, broker="simulator", created_at=NOW)


async def test_a_user_is_found_by_name_in_any_case(stores: Stores) -> None:
    async with stores.main.write() as tx:
        assert await users.count(tx) == 0
        user = await new_user(tx, "Straße", "asha@example.in")
    assert user == UserRow(
        id=user.id,
        username="Straße",
        email="asha@example.in",
        password_hash="hash",
        is_admin=True,
        created_at=NOW,
    )
    async with stores.main.read() as tx:
        assert await users.by_username(tx, "STRASSE") == user
        assert await users.by_username(tx, "asha") is None
        assert await users.count(tx) == 1


@pytest.mark.parametrize(
    ("username", "email"), [("ASHA", None), ("Ravi", "asha@example.in")], ids=["name", "email"]
)
async def test_names_and_addresses_of_users_are_unique(
    stores: Stores, username: str, email: str | None
) -> None:
    async with stores.main.write() as tx:
        await new_user(tx, "Asha", "asha@example.in")
    with pytest.raises(IntegrityError):
        async with stores.main.write() as tx:
            await new_user(tx, username, email)


async def test_users_need_no_address(stores: Stores) -> None:
    async with stores.main.write() as tx:
        await new_user(tx, "Asha")
        await new_user(tx, "Ravi")
        assert await users.count(tx) == 2


async def test_an_account_starts_on_paper_and_can_be_switched(stores: Stores) -> None:
    async with stores.main.write() as tx:
        user = await new_user(tx)
        first = await new_account(tx, user)
        second = await new_account(tx, user, "Second")
    assert first.analyze_mode
    async with stores.main.write() as tx:
        assert await accounts.set_analyze_mode(tx, first.id, False)
        assert not await accounts.set_analyze_mode(tx, 404, False)
    async with stores.main.read() as tx:
        switched, untouched = await accounts.every(tx)
    assert (switched.id, switched.analyze_mode) == (first.id, False)
    assert untouched == second


async def test_account_names_are_unique_for_a_user(stores: Stores) -> None:
    async with stores.main.write() as tx:
        user, other = await new_user(tx), await new_user(tx, "Ravi")
        await new_account(tx, user)
        await new_account(tx, other)
    with pytest.raises(IntegrityError):
        async with stores.main.write() as tx:
            await new_account(tx, user)


async def new_key(
    tx: AsyncConnection,
    account: AccountRow,
    digest: str = DIGEST,
    expires_at: datetime | None = None,
) -> int:
    return await api_keys.create(
        tx,
        user_id=account.user_id,
        account_id=account.id,
        name="tradingview",
        digest=digest,
        ciphertext="gAAAA",
        scopes={"trade", "read"},
        created_at=NOW,
        expires_at=expires_at,
    )


async def test_a_key_is_listed_with_whom_it_stands_for(stores: Stores) -> None:
    expiry = NOW + timedelta(days=1)
    async with stores.main.write() as tx:
        account = await new_account(tx, await new_user(tx))
        key_id = await new_key(tx, account, expires_at=expiry)
    expected = ApiKeyRow(
        id=key_id,
        user_id=account.user_id,
        username="Asha",
        account_id=account.id,
        account_name="Main",
        name="tradingview",
        digest=DIGEST,
        ciphertext="gAAAA",
        scopes=frozenset({"read", "trade"}),
        allowed_networks=(),
        is_default=False,
        created_at=NOW,
        expires_at=expiry,
        last_used_at=None,
        superseded_at=None,
    )
    async with stores.main.read() as tx:
        assert await api_keys.active(tx) == [expected]
        assert await api_keys.by_digest(tx, DIGEST) == expected
        assert await api_keys.by_digest(tx, "cd" * 32) is None


async def test_a_revoked_key_is_gone(stores: Stores) -> None:
    async with stores.main.write() as tx:
        account = await new_account(tx, await new_user(tx))
        revoked = await new_key(tx, account)
        kept = await new_key(tx, account, "cd" * 32)
    async with stores.main.write() as tx:
        assert await api_keys.revoke(tx, revoked, NOW)
        assert not await api_keys.revoke(tx, revoked, NOW)
        assert not await api_keys.revoke(tx, 404, NOW)
    async with stores.main.read() as tx:
        assert [key.id for key in await api_keys.active(tx)] == [kept]
        assert await api_keys.by_digest(tx, DIGEST) is None


async def test_two_keys_never_share_a_digest(stores: Stores) -> None:
    async with stores.main.write() as tx:
        account = await new_account(tx, await new_user(tx))
        await new_key(tx, account)
    with pytest.raises(IntegrityError):
        async with stores.main.write() as tx:
            await new_key(tx, account)
