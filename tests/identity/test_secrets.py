import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from openalgo.identity.secrets import Secrets, SecretsUnusable, load_secrets, open_to_others


def plain(secrets: Secrets) -> tuple[str, str, bytes]:
    return (
        secrets.app_key.get_secret_value(),
        secrets.api_key_pepper.get_secret_value(),
        secrets.fernet_salt,
    )


def test_missing_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    made = load_secrets(tmp_path / "secrets")
    again = load_secrets(tmp_path / "secrets")

    assert plain(made) == plain(again)
    app_key, pepper, salt = plain(made)
    assert len({app_key, pepper, salt.hex()}) == 3
    assert len(bytes.fromhex(app_key)) == 32
    assert len(bytes.fromhex(pepper)) == 32


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    load_secrets(tmp_path / "secrets")

    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    files = list((tmp_path / "secrets").iterdir())
    assert {path.name for path in files} == {"app_key", "api_key_pepper", "fernet_salt"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_given_secrets_are_used_and_not_written(tmp_path: Path) -> None:
    secrets = load_secrets(
        tmp_path / "secrets",
        app_key=SecretStr("a" * 32),
        api_key_pepper=SecretStr("p" * 32),
        fernet_salt=SecretStr("ab" * 16),
    )

    assert plain(secrets) == ("a" * 32, "p" * 32, bytes.fromhex("ab" * 16))
    assert not (tmp_path / "secrets").exists()


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path / "secrets")

    assert secrets.app_key.get_secret_value() not in repr(secrets)
    assert secrets.api_key_pepper.get_secret_value() not in repr(secrets)


def test_what_is_open_to_others_is_closed_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = load_secrets(tmp_path / "secrets")
    pepper = tmp_path / "secrets" / "api_key_pepper"
    pepper.chmod(0o644)
    assert open_to_others(pepper)

    with caplog.at_level(logging.WARNING):
        after = load_secrets(tmp_path / "secrets")

    assert not open_to_others(pepper)
    assert plain(before) == plain(after)
    assert f"{pepper} was open to other users" in caplog.text
    assert before.api_key_pepper.get_secret_value() not in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("app_key", b"short", "fewer than 32 characters"),
        ("app_key", b"", "fewer than 32 characters"),
        ("fernet_salt", b"x" * 64, "not hexadecimal"),
        ("api_key_pepper", b"\xff" * 64, "cannot be used"),
    ],
)
def test_a_damaged_file_is_never_replaced(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    load_secrets(tmp_path / "secrets")
    (tmp_path / "secrets" / name).write_bytes(content)

    with pytest.raises(SecretsUnusable, match=problem) as refused:
        load_secrets(tmp_path / "secrets")

    assert name in str(refused.value)
    assert (tmp_path / "secrets" / name).read_bytes() == content


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file is in the way")

    with pytest.raises(SecretsUnusable, match=r"fernet_salt cannot be used .* set FERNET_SALT"):
        load_secrets(tmp_path / "secrets")


def test_two_processes_starting_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for attempt in range(20):
            directory = tmp_path / str(attempt)
            loaded = pool.map(load_secrets, [directory] * 8)
            assert len({plain(secrets) for secrets in loaded}) == 1
            assert len(list(directory.iterdir())) == 3
