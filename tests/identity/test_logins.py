"""What can happen while a password is being checked."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from openalgo.domain.clock import ManualClock
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.logins import InvalidCredentials, Logins, WrongPassword
from openalgo.identity.passwords import HashCost, Passwords
from openalgo.identity.sessions import Device, WebSessions
from openalgo.identity.throttle import PasswordThrottle
from openalgo.identity.users import create_first_user
from openalgo.persistence.main import users
from openalgo.persistence.main.login_attempts import LoginAttempt
from openalgo.persistence.stores import Store

NOON = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
PEPPER = SecretStr("p" * 32)
RING = KeyRing(PEPPER, b"salt" * 8)
CHEAP = HashCost(time=1, memory_kib=8, lanes=1)
OLD, NEW = "Nifty#25000", "Another#Sky9"
HERE = Device(info="", address="127.0.0.1")


class Interrupted(Passwords):
    """Something happens right after the next check."""

    then: Callable[[], Awaitable[object]] | None = None
    checks = 0

    async def verify(self, password: str, stored: str | None) -> bool:
        right = await super().verify(password, stored)
        self.checks += 1
        if self.then is not None:
            then, self.then = self.then, None
            await then()
        return right


class Desk:
    def __init__(self, main: Store, passwords: Passwords) -> None:
        clock = ManualClock(NOON)
        self.attempts: list[LoginAttempt] = []
        self.sessions = WebSessions(main, RING.digest, clock)
        self.logins = Logins(
            main,
            passwords,
            self.sessions,
            clock,
            throttle=PasswordThrottle(),
            record=self.attempts.append,
        )


@pytest.fixture
async def passwords(main: Store) -> Interrupted:
    made = Interrupted(PEPPER, CHEAP)
    await create_first_user(
        main, made, RING, username="ravi", password=OLD, email=None, broker="simulator", now=NOON
    )
    return made


async def test_a_password_changed_meanwhile_opens_nothing(
    main: Store, passwords: Interrupted
) -> None:
    desk = Desk(main, passwords)
    passwords.then = lambda: desk.logins.change_password(1, OLD, NEW)
    with pytest.raises(InvalidCredentials):
        await desk.logins.log_in("ravi", OLD, HERE)
    assert desk.sessions.of_user(1) == []


async def test_of_two_changes_at_once_one_counts(main: Store, passwords: Interrupted) -> None:
    desk = Desk(main, passwords)
    passwords.then = lambda: desk.logins.change_password(1, OLD, NEW)
    with pytest.raises(WrongPassword, match="changed just now"):
        await desk.logins.change_password(1, OLD, "Third#Moon77x")
    assert (await desk.logins.log_in("ravi", NEW, HERE)).session.username == "ravi"


async def test_a_weaker_hash_is_made_stronger_at_login(main: Store, passwords: Interrupted) -> None:
    stronger = Interrupted(PEPPER, HashCost(time=2, memory_kib=8, lanes=1))
    desk = Desk(main, stronger)
    await desk.logins.log_in("ravi", OLD, HERE)
    async with main.read() as tx:
        user = await users.by_id(tx, 1)
    assert user is not None
    assert not stronger.needs_rehash(user.password_hash)
    await desk.logins.log_in("ravi", OLD, HERE)
    assert len(desk.sessions.of_user(1)) == 2


async def test_an_unknown_name_costs_one_check_as_a_known_one_does(
    main: Store, passwords: Interrupted
) -> None:
    desk = Desk(main, passwords)
    for name in ("ravi", "nobody", "two words"):
        passwords.checks = 0
        with pytest.raises(InvalidCredentials):
            await desk.logins.log_in(name, "Wrong#25000", HERE)
        assert passwords.checks == 1
    assert [each.failure_reason for each in desk.attempts] == [
        "wrong password",
        "unknown user",
        "unknown user",
    ]
