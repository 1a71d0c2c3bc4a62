"""The keys of this installation: from the configuration, or made once and kept on disk."""

import logging
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

logger = logging.getLogger(__name__)

NAMES = ("app_key", "api_key_pepper", "fernet_salt")


class SecretsUnusable(Exception):
    """A secret cannot be read or made; the text says which, why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """`fernet_salt` need not be secret, but with it are lost the keys the user interface shows."""

    app_key: SecretStr
    api_key_pepper: SecretStr
    fernet_salt: bytes


def load_secrets(
    directory: Path,
    *,
    app_key: SecretStr | None = None,
    api_key_pepper: SecretStr | None = None,
    fernet_salt: SecretStr | None = None,
) -> Secrets:
    """The secrets given; those that are `None` come from files in `directory`, made on first use.

    Files and directory are closed to other users of the machine; where they are found open, that
    is mended with a warning. Raises `SecretsUnusable`.
    """
    with suppress(OSError):  # what cannot be made is reported with the first secret
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    salt = fernet_salt or _secret_file(directory / "fernet_salt")
    try:
        salt_bytes = bytes.fromhex(salt.get_secret_value())
    except ValueError:
        raise SecretsUnusable(
            f"{directory / 'fernet_salt'} is not hexadecimal; restore it from a backup."
        ) from None
    return Secrets(
        app_key=app_key or _secret_file(directory / "app_key"),
        api_key_pepper=api_key_pepper or _secret_file(directory / "api_key_pepper"),
        fernet_salt=salt_bytes,
    )


def open_to_others(path: Path) -> bool:
    """Whether users of this machine other than the owner can reach `path`."""
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _secret_file(path: Path) -> SecretStr:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(path.parent, 0o700)
        if not path.exists():
            _create(path)
        _close_to_others(path, 0o600)
        value = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretsUnusable(
            f"{path} cannot be used ({error}); let this user read and write it, or set "
            f"{path.name.upper()} in the environment."
        ) from None
    if len(value) < 32:
        raise SecretsUnusable(f"{path} holds fewer than 32 characters; restore it from a backup.")
    return SecretStr(value)


def _create(path: Path) -> None:
    """Write 32 random bytes in hex. Of two processes that try at once one wins, and both read
    its value: the name appears only with the whole content behind it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    if os.name == "posix":
        # Without this, a power cut could take the name away after users were stored under it.
        parent = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)


def _close_to_others(path: Path, mode: int) -> None:
    if open_to_others(path):
        path.chmod(mode)
        logger.warning("%s was open to other users; its mode is now %o", path, mode)
