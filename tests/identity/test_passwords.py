import asyncio
import threading
from importlib.resources import files

import pytest
from pydantic import SecretStr

from openalgo.domain.errors import ValidationFailed
from openalgo.identity.passwords import HashCost, Passwords, check_password

CHEAP = HashCost(time=1, memory_kib=8, lanes=1)
PEPPER = SecretStr("p" * 32)
GOOD = "Nifty#25000"


class Spy:
    """Takes the place of Argon2 and notes where, and how many at once."""

    def __init__(self, together: int = 1) -> None:
        self.threads: list[threading.Thread] = []
        self.most = 0
        self._busy = 0
        self._count = threading.Lock()
        # Lets nobody leave before that many have come, so that overlaps do happen.
        self._company = threading.Barrier(together)

    def hash(self, _: bytes) -> str:
        with self._count:
            self._busy += 1
            self.most = max(self.most, self._busy)
            self.threads.append(threading.current_thread())
        self._company.wait(timeout=10)
        with self._count:
            self._busy -= 1
        return ""


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(PEPPER, CHEAP)


async def test_only_the_same_password_is_accepted(passwords: Passwords) -> None:
    stored = await passwords.hash(GOOD)

    assert await passwords.verify(GOOD, stored)
    assert not await passwords.verify(GOOD + " ", stored)
    assert not await passwords.verify(GOOD.lower(), stored)


async def test_the_stored_text_is_argon2id_and_never_the_same_twice(passwords: Passwords) -> None:
    first, second = await passwords.hash(GOOD), await passwords.hash(GOOD)

    assert first.startswith("$argon2id$")
    assert first != second


async def test_without_the_pepper_the_password_does_not_help(passwords: Passwords) -> None:
    stored = await passwords.hash(GOOD)

    assert not await Passwords(SecretStr("q" * 32), CHEAP).verify(GOOD, stored)


async def test_an_unknown_user_costs_one_hash_and_is_refused(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy()
    monkeypatch.setattr(passwords, "_hasher", spy)

    assert not await passwords.verify(GOOD, None)
    assert len(spy.threads) == 1


async def test_a_password_too_long_is_not_even_hashed(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await passwords.hash(GOOD)
    monkeypatch.setattr(passwords, "_hasher", None)

    assert not await passwords.verify("x" * 129, stored)
    assert not await passwords.verify("x" * 129, None)


async def test_a_damaged_hash_is_refused_and_logged(
    passwords: Passwords, caplog: pytest.LogCaptureFixture
) -> None:
    assert not await passwords.verify(GOOD, "not a hash")
    assert "damaged" in caplog.text


async def test_a_new_cost_asks_for_a_new_hash(passwords: Passwords) -> None:
    stored = await passwords.hash(GOOD)

    assert not passwords.needs_rehash(stored)
    assert Passwords(PEPPER, HashCost(time=2, memory_kib=8, lanes=1)).needs_rehash(stored)


async def test_accents_may_be_composed_either_way(passwords: Passwords) -> None:
    stored = await passwords.hash("Caf\u00e9#25000")

    assert await passwords.verify("Cafe\u0301#25000", stored)


async def test_hashing_does_not_happen_on_the_event_loop(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy()
    monkeypatch.setattr(passwords, "_hasher", spy)

    await passwords.hash(GOOD)

    assert spy.threads != [threading.main_thread()]


async def test_no_more_than_two_are_hashed_at_a_time(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(together=2)
    monkeypatch.setattr(passwords, "_hasher", spy)

    await asyncio.gather(*(passwords.hash(GOOD) for _ in range(6)))

    assert spy.most == 2


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Ab1!", "at least 8 characters"),
        ("Ab1!" * 33, "at most 128 characters"),
        ("nifty#25000", "upper-case letter"),
        ("NIFTY#25000", "lower-case letter"),
        ("Nifty#fifty", "a digit"),
        ("Nifty25000", "one of !@#$%^&*"),
        ("P@ssw0rd1!", "first that anybody would try"),
        ("Admin@123", "first that anybody would try"),
        ("Trader@1", "must not be the user name"),
        ("Ravi@1x.in", "must not be the user name or the e-mail address"),
        ("Ravi!2024", "must not be the user name or the e-mail address"),
    ],
)
def test_each_rule_is_named(password: str, problem: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_password(password, username="trader", email="ravi@1x.in")

    assert problem in refused.value.message
    assert len(refused.value.errors["password"]) == 1


def test_all_broken_rules_are_named_at_once() -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_password("abc", username="trader")

    assert len(refused.value.errors["password"]) == 4


def test_a_good_password_passes() -> None:
    check_password(GOOD, username="trader", email="trader@example.com")


def test_what_people_decorate_until_it_passes_is_refused() -> None:
    words = (files("openalgo.identity") / "common_passwords.txt").read_text().split()
    assert len(words) > 300
    plain = [word for word in words if word.isalpha() and len(word) >= 3]
    for word in plain:
        for tail in ("@123", "#2024", "!1", "$12345"):
            password = (word.capitalize() + tail).ljust(8, "!")
            with pytest.raises(ValidationFailed, match="first that anybody would try"):
                check_password(password, username="somebody")


@pytest.mark.parametrize(
    "password",
    ["1qaz@WSX", "Zaq!2wsx", "Q1w2e3r4!", "P@$$w0rd", "123@Abcd", "!Welcome007", "Qwe@123qwe"],
)
def test_so_are_rows_of_keys(password: str) -> None:
    with pytest.raises(ValidationFailed, match="first that anybody would try"):
        check_password(password, username="somebody")


@pytest.mark.parametrize(
    "password", ["Nifty#25000", "Rahul#8829471", "Correct1!Horse", "tR#9mQx2L"]
)
def test_what_nobody_would_try_passes(password: str) -> None:
    check_password(password, username="somebody")
