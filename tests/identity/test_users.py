from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from openalgo.domain.errors import ValidationFailed
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.passwords import HashCost, Passwords
from openalgo.identity.principal import Scope
from openalgo.identity.users import FirstUser, UserExists, create_first_user
from openalgo.persistence.main import accounts, users
from openalgo.persistence.stores import Store

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
PEPPER = SecretStr("p" * 32)
PASSWORDS = Passwords(PEPPER, HashCost(time=1, memory_kib=8, lanes=1))
RING = KeyRing(PEPPER, b"salt" * 8)


async def create(
    main: Store,
    *,
    username: str = "ravi",
    password: str = "Nifty#25000",
    email: str | None = "ravi@example.com",
) -> FirstUser:
    return await create_first_user(
        main,
        PASSWORDS,
        RING,
        username=username,
        password=password,
        email=email,
        broker="simulator",
        now=NOW,
    )


async def test_the_first_user_can_do_everything_on_paper(main: Store) -> None:
    made = await create(main)

    async with main.read() as tx:
        user = await users.by_username(tx, "RAVI")
        (account,) = await accounts.every(tx)
    assert user is not None
    assert (user.id, user.username, user.email) == (made.user_id, "ravi", "ravi@example.com")
    assert user.is_admin
    assert await PASSWORDS.verify("Nifty#25000", user.password_hash)
    assert (account.id, account.user_id) == (made.account_id, made.user_id)
    assert (account.name, account.broker, account.analyze_mode) == ("Default", "simulator", True)

    principal = await ApiKeys(main, RING).authenticate(made.api_key)
    assert principal is not None
    assert principal.user_id == made.user_id
    assert principal.account_id == made.account_id
    assert principal.scopes == set(Scope)


async def test_neither_key_nor_password_is_stored_in_plain(main: Store) -> None:
    made = await create(main)

    async with main.read() as tx:
        stored = str((await tx.execute(text("SELECT * FROM api_keys"))).all())
        stored += str((await tx.execute(text("SELECT * FROM users"))).all())
    assert made.api_key not in stored
    assert "Nifty#25000" not in stored
    assert made.api_key not in repr(made)


async def test_there_is_only_one_first_user(main: Store) -> None:
    await create(main)

    with pytest.raises(UserExists, match="A user already exists"):
        await create(main, username="someone-else", email=None)

    async with main.read() as tx:
        assert await users.count(tx) == 1


async def test_after_a_failure_nothing_is_left(
    main: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: str) -> str:
        raise RuntimeError("in the middle")

    ring = KeyRing(PEPPER, b"salt" * 8)
    monkeypatch.setattr(ring, "encrypt", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        await create_first_user(
            main,
            PASSWORDS,
            ring,
            username="ravi",
            password="Nifty#25000",
            email=None,
            broker="simulator",
            now=NOW,
        )

    async with main.read() as tx:
        assert await users.count(tx) == 0
        assert await accounts.every(tx) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "x" * 81}, "username"),
        ({"username": "new\nline"}, "username"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "x" * 120 + "@example.com"}, "email"),
        ({"password": "weak"}, "password"),
        ({"password": "Ravi#2026"}, "password"),
    ],
)
async def test_bad_input_is_refused_by_field(
    main: Store, given: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await create(main, **given)

    assert list(refused.value.errors) == [field]
    async with main.read() as tx:
        assert await users.count(tx) == 0
