"""The first user of an installation."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from openalgo.domain.errors import OpenAlgoError, ValidationFailed
from openalgo.identity import api_keys as keys
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.passwords import Passwords, check_password
from openalgo.identity.principal import Scope
from openalgo.persistence.main import accounts, api_keys, users
from openalgo.persistence.stores import Store, storage_errors

DEFAULT_ACCOUNT = "Default"
DEFAULT_KEY = "Default"

LONGEST_USERNAME = 80

_USERNAME = re.compile(rf"[\w.@+-]{{1,{LONGEST_USERNAME}}}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_EMAIL = 120


class UserExists(OpenAlgoError):
    """The first user is there; more are made by them."""

    code = "user_exists"
    status = 409
    default = "A user already exists. To start over, use another data directory."


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstUser:
    """`api_key` is the only plain copy that ever leaves."""

    user_id: int
    username: str
    account_id: int
    api_key: str = field(repr=False)


async def create_first_user(
    main: Store,
    passwords: Passwords,
    ring: KeyRing,
    *,
    username: str,
    password: str,
    email: str | None,
    broker: str,
    now: datetime,
) -> FirstUser:
    """Make the administrator, their account at `broker` in analyzer mode, and an API key that may
    do everything: all of it, or nothing.

    Raises `ValidationFailed`, `UserExists`, `StorageUnavailable`.
    """
    _check_names(username, email)
    check_password(password, username=username, email=email or "")
    # Outside the transaction: it takes long, and others wait for the database.
    password_hash = await passwords.hash(password)
    api_key = keys.generate()
    with storage_errors():
        async with main.write() as tx:
            if await users.count(tx):
                raise UserExists
            user = await users.create(
                tx,
                username=username,
                email=email,
                password_hash=password_hash,
                is_admin=True,
                created_at=now,
            )
            account = await accounts.create(
                tx,
                user_id=user.id,
                name=DEFAULT_ACCOUNT,
                broker=broker,
                analyze_mode=True,
                created_at=now,
            )
            await api_keys.create(
                tx,
                user_id=user.id,
                account_id=account.id,
                name=DEFAULT_KEY,
                digest=ring.digest(api_key),
                ciphertext=ring.encrypt(api_key),
                scopes=Scope,
                is_default=True,
                created_at=now,
            )
    return FirstUser(
        user_id=user.id, username=user.username, account_id=account.id, api_key=api_key
    )


def is_username(text: str) -> bool:
    """Whether a user can have this name."""
    return _USERNAME.fullmatch(text) is not None


def _check_names(username: str, email: str | None) -> None:
    if not is_username(username):
        raise ValidationFailed(
            {"username": ["must be 1 to 80 letters, digits or . _ @ + -, without blanks"]}
        )
    if email is not None and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise ValidationFailed({"email": [f"'{email}' is not an e-mail address"]})
