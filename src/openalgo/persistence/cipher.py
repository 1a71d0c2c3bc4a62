"""Texts encrypted at rest."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

_ROUNDS = 100_000
_APART = "."  # not a character of a Fernet token


class Cipher:
    """Encrypts with `pepper`; what was encrypted with an `older` one can still be read.

    A ciphertext begins with the version of its key, eight hexadecimal digits that tell keys apart
    and nothing else about them. Those made before there were versions have none, and are tried with
    every key.
    """

    def __init__(self, pepper: SecretStr, salt: bytes, older: Sequence[SecretStr] = ()) -> None:
        """Takes some 50 ms for each pepper."""
        keys = [_derived(each, salt) for each in (pepper, *older)]
        self.version = _version(keys[0])
        self._keys = {_version(key): Fernet(key) for key in keys}
        self._all = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> str:
        token = self._keys[self.version].encrypt(text.encode()).decode()
        return f"{self.version}{_APART}{token}"

    def decrypt(self, ciphertext: str) -> str:
        """Raises `cryptography.fernet.InvalidToken` when no key of this cipher fits."""
        version, apart, token = ciphertext.partition(_APART)
        fernet = self._keys.get(version) if apart else self._all
        if fernet is None or not ciphertext.isascii():
            raise InvalidToken
        return fernet.decrypt(token if apart else ciphertext).decode()

    def is_current(self, ciphertext: str) -> bool:
        """Whether it is under the newest key, so that the older ones can go."""
        return ciphertext.startswith(f"{self.version}{_APART}")


def _derived(pepper: SecretStr, salt: bytes) -> bytes:
    secret = pepper.get_secret_value().encode()
    return base64.urlsafe_b64encode(hashlib.pbkdf2_hmac("sha256", secret, salt, _ROUNDS))


def _version(key: bytes) -> str:
    return hmac.digest(key, b"key version", "sha256").hex()[:8]
