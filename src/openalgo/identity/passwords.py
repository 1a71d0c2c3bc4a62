"""Passwords: what we accept, and how they are kept.

Kept is Argon2id over HMAC-SHA-256(pepper, password). The inner hash gives Argon2 an input of fixed
length whatever the user typed, and makes a stolen database worthless without the pepper.
"""

import asyncio
import base64
import hmac
import logging
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr

from openalgo.domain.errors import ValidationFailed

logger = logging.getLogger(__name__)

SHORTEST = 8
LONGEST = 128
SPECIAL = "!@#$%^&*"

_PARALLEL_HASHES = 2
# Words and rows of keys that people decorate until a password rule is content.
_EASY = frozenset(
    (files("openalgo.identity") / "common_passwords.txt").read_text(encoding="ascii").split()
)
_DECORATED = re.compile("([^a-z]*)(.*?)([^a-z]*)", re.DOTALL)
_RUNS = "01234567890 09876543210"
_FAVOURITES = {"007", "100", "108", "121", "143", "420", "786", "123123", "112233"}
_LOOKALIKES = str.maketrans("@4031!$5", "aaoeiiss")


@dataclass(frozen=True, slots=True, kw_only=True)
class HashCost:
    """Argon2id parameters; the defaults are the low-memory profile of RFC 9106."""

    time: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


def check_password(
    password: str, *, username: str, email: str = "", field: str = "password"
) -> None:
    """Raise `ValidationFailed` of `field` naming every rule that `password` breaks."""
    problems = list(_problems(password, username, email))
    if not problems and _is_easy(password):
        problems = ["is one of the first that anybody would try"]
    if problems:
        raise ValidationFailed({field: problems})


class Passwords:
    """Hashes in threads, two at a time: each takes tens of megabytes and milliseconds."""

    def __init__(self, pepper: SecretStr, cost: HashCost | None = None) -> None:
        cost = cost or HashCost()
        self._pepper = pepper.get_secret_value().encode()
        self._hasher = PasswordHasher(
            time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=cost.lanes
        )
        self._slots = asyncio.Semaphore(_PARALLEL_HASHES)

    async def hash(self, password: str) -> str:
        """The text to store for `password`; different each time."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, self._peppered(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one `stored` was made from.

        `None` stands for a user who does not exist: the answer is no, and takes as long.
        """
        if len(password) > LONGEST:
            return False
        if stored is None:
            await self.hash(password)
            return False
        async with self._slots:
            return await asyncio.to_thread(self._verify, stored, self._peppered(password))

    def needs_rehash(self, stored: str) -> bool:
        """Whether `stored` was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, peppered: bytes) -> bool:
        try:
            return self._hasher.verify(stored, peppered)
        except InvalidHashError:
            logger.error("A stored password hash is damaged; its user cannot log in")
            return False
        except VerificationError:
            return False

    def _peppered(self, password: str) -> bytes:
        # The same password typed on two systems may differ in how accents are composed.
        typed = unicodedata.normalize("NFC", password).encode(errors="surrogatepass")
        return base64.b64encode(hmac.digest(self._pepper, typed, "sha256"))


def _problems(password: str, username: str, email: str) -> Iterator[str]:
    if len(password) < SHORTEST:
        yield f"must have at least {SHORTEST} characters"
    if len(password) > LONGEST:
        yield f"must have at most {LONGEST} characters"
    if not re.search("[A-Z]", password):
        yield "must contain an upper-case letter"
    if not re.search("[a-z]", password):
        yield "must contain a lower-case letter"
    if not re.search("[0-9]", password):
        yield "must contain a digit"
    if not any(character in SPECIAL for character in password):
        yield f"must contain one of {SPECIAL}"
    names = {name.casefold() for name in (username, email, email.partition("@")[0]) if name}
    if _parts(password).words & names:
        yield "must not be the user name or the e-mail address"


def _is_easy(password: str) -> bool:
    words, numbers = _parts(password)
    return bool(words & _EASY) and all(map(_is_easy_number, numbers))


class _Parts(NamedTuple):
    words: set[str]
    numbers: tuple[str, ...]


def _parts(password: str) -> _Parts:
    """The words that `password` may have been made from, and the digits before and behind:
    `P@ssw0rd#24` comes from `password`, with 24 behind."""
    whole = password.casefold()
    before, word, behind = _DECORATED.fullmatch(whole).groups()  # type: ignore[union-attr]
    numbers = tuple(re.sub("[^0-9]", "", part) for part in (before, behind))
    return _Parts({whole, word, word.translate(_LOOKALIKES)}, numbers)


def _is_easy_number(digits: str) -> bool:
    """What people append when a digit is asked for: 1, 99, 123, 4321, 777, 1995, 786."""
    return (
        len(digits) <= 2
        or len(set(digits)) == 1
        or digits in _RUNS
        or digits in _FAVOURITES
        or re.fullmatch("(19|20)[0-9]{2}", digits) is not None
    )
