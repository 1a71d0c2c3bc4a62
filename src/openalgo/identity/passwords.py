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

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import SecretStr

from openalgo.domain.errors import ValidationFailed

logger = logging.getLogger(__name__)

SHORTEST = 8
LONGEST = 128
SPECIAL = "!@#$%^&*"

_PARALLEL_HASHES = 2
_EASY = {"password", "passwd", "pass", "admin", "welcome", "qwerty", "letmein", "openalgo"}
_LOOKALIKES = str.maketrans("@4031!$5", "aaoeiiss")


@dataclass(frozen=True, slots=True, kw_only=True)
class HashCost:
    """Argon2id parameters; the defaults are the low-memory profile of RFC 9106."""

    time: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


def check_password(password: str, *, username: str, email: str = "") -> None:
    """Raise `ValidationFailed` naming every rule that `password` breaks."""
    problems = list(_problems(password, username, email))
    if problems:
        raise ValidationFailed({"password": problems})


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
    if password.casefold() in names or _base_word(password) in names:
        yield "must not be the user name or the e-mail address"
    elif _base_word(password) in _EASY:
        yield "is one of the first that anybody would try"


def _base_word(password: str) -> str:
    """What is left without decoration: `P@ssw0rd1!` is `password`."""
    word = re.sub(r"^[^a-z]+|[^a-z]+$", "", password.casefold())
    return word.translate(_LOOKALIKES)
