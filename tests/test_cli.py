import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import structlog

import openalgo.app
from openalgo import __version__
from openalgo.cli import main
from openalgo.config import ENVIRONMENT_NAMES, ServeOptions, Settings
from openalgo.identity.api_keys import ApiKeys, KeyRing
from openalgo.identity.principal import Principal, Scope
from openalgo.identity.secrets import load_secrets
from openalgo.persistence.migrate import migrate
from openalgo.persistence.owner import OwnerLock
from openalgo.persistence.stores import Store, Stores, StoreUrls
from openalgo.supervisor import TaskFailed

PASSWORD = "Nifty#25000"


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty working directory, no settings, and logging as it was afterwards."""
    monkeypatch.chdir(tmp_path)
    for name in ENVIRONMENT_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts text on standard input."""

    def type_in(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return type_in


def init(*more: str) -> int:
    return main(["init", "--username", "ravi", "--password-stdin", *more])


def whose(key: str) -> Principal | None:
    """What a server on ./data would make of the key."""

    async def ask() -> Principal | None:
        secrets = load_secrets(Path("data/secrets"))
        store = Store("main", "sqlite:///data/openalgo.db")
        try:
            ring = KeyRing(secrets.api_key_pepper, secrets.fernet_salt)
            return await ApiKeys(store, ring).authenticate(key)
        finally:
            await store.close()

    return asyncio.run(ask())


async def migrated() -> None:
    stores = Stores.open(StoreUrls.default(Path("data")))
    try:
        await migrate(stores)
    finally:
        await stores.close()


@pytest.mark.parametrize("command", [[], ["serve"], ["init"], ["openapi"], ["doctor"], ["twin"]])
def test_help_ends_with_examples(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])

    assert ended.value.code == 0
    assert f"openalgo {' '.join(command)}".strip() in capsys.readouterr().out.split("\n\n", 1)[1]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"openalgo {__version__}\n"


def test_help_loads_nothing_heavy() -> None:
    heavy = ["pydantic", "sqlalchemy", "fastapi", "structlog", "asyncio", "uvloop", "alembic"]
    code = f"import sys, openalgo.cli; print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["trade"],
        ["serve", "--port", "65536"],
        ["serve", "--ws-port", "x"],
        ["serve", "--speed", "-1"],
        ["serve", "--speed", "nan"],
        ["serve", "--replay-date", "2026-02-30"],
        ["serve", "--log-level", "LOUD"],
        ["init", "--password-stdin"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2


def test_a_bad_setting_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_PORT", "x")
    monkeypatch.setenv("LOG_LEVEL", "loud")

    assert main(["serve"]) == 1

    said = capsys.readouterr().err.splitlines()
    assert [line.split(" must ")[0] for line in said] == [
        "openalgo: FLASK_PORT is 'x' but",
        "openalgo: LOG_LEVEL is 'loud' but",
    ]


def test_init_prints_a_key_that_works(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(PASSWORD + "\n")

    assert init("--email", "ravi@example.com") == 0

    *_, last = capsys.readouterr().out.splitlines()
    answer = json.loads(last)
    assert list(answer) == ["username", "api_key"]
    principal = whose(answer["api_key"])
    assert principal is not None
    assert principal.username == "ravi"
    assert principal.scopes == set(Scope)


def test_init_for_programs_prints_one_line_and_lets_go_of_the_data(
    typed: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    typed(PASSWORD)

    assert init("--json", "--data-dir", "data") == 0

    out, err = capfd.readouterr()
    assert json.loads(out)["username"] == "ravi"
    assert out.count("\n") == 1
    assert err == ""
    lock = OwnerLock(Path("data"))
    lock.acquire()
    lock.release()


def test_init_works_beside_a_running_server(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(migrated())
    server = OwnerLock(Path("data"))
    server.acquire()
    typed(PASSWORD)
    try:
        assert init("--json") == 0
    finally:
        server.release()

    assert whose(json.loads(capsys.readouterr().out)["api_key"]) is not None


def test_init_waits_for_a_server_that_is_starting(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    server = OwnerLock(Path("data"))
    server.acquire()
    typed(PASSWORD)
    try:
        with ThreadPoolExecutor(1) as pool:
            code = pool.submit(init, "--json")
            asyncio.run(migrated())
            assert code.result(timeout=30) == 0
    finally:
        server.release()

    assert whose(json.loads(capsys.readouterr().out)["api_key"]) is not None


def test_init_leaves_migrating_to_the_server_that_owns_the_data(
    typed: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openalgo.cli._READY_CHECKS", 1)
    server = OwnerLock(Path("data"))
    server.acquire()
    typed(PASSWORD)
    try:
        assert init() == 1
    finally:
        server.release()

    assert "not ready" in capsys.readouterr().err


def test_there_is_one_first_user(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed(PASSWORD)
    assert init() == 0
    capsys.readouterr()
    typed(PASSWORD)

    assert main(["init", "--username", "meera", "--password-stdin"]) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("openalgo: A user already exists")
    assert err.count("\n") == 1


def test_a_weak_password_is_refused_without_showing_it(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed("hunter2")

    assert init() == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert "at least 8 characters" in err
    assert "hunter2" not in err
    typed(PASSWORD)
    assert init() == 0


def test_without_a_terminal_the_password_must_come_from_standard_input(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed("")

    assert main(["init", "--username", "ravi"]) == 1
    assert "--password-stdin" in capsys.readouterr().err


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("something else", 1)])
def test_at_a_terminal_the_password_is_asked_for_twice(
    again: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = iter([PASSWORD, again])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))

    assert main(["init", "--username", "ravi"]) == code
    assert ("not the same" in capsys.readouterr().err) == (code == 1)


def test_the_api_document_needs_no_server_and_no_data(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["openapi"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert main(["openapi", "--output", "openapi.json"]) == 0

    assert "/api/v1/placeorder" in printed["paths"]
    assert printed["info"]["version"] == __version__
    assert json.loads((tmp_path / "openapi.json").read_text("utf-8")) == printed
    assert capsys.readouterr().out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.json"]


def test_openapi_of_the_web_app_is_another_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--ui"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert "/auth/login" in printed["paths"]
    assert not any(path.startswith("/api/v1/") for path in printed["paths"])


def test_a_reader_that_leaves_early_is_no_problem() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "openalgo", "openapi"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


class Served:
    """Takes the place of the server."""

    def __init__(self, error: Exception | None = None) -> None:
        self.settings: Settings | None = None
        self.options: ServeOptions | None = None
        self._error = error

    async def __call__(self, settings: Settings, options: ServeOptions) -> None:
        self.settings = settings
        self.options = options
        if self._error is not None:
            raise self._error


def test_serve_hands_its_options_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served()
    monkeypatch.setattr(openalgo.app, "serve", served)

    code = main(
        [
            *("serve", "--host", "10.0.0.1", "--port", "5001", "--ws-port", "0"),
            *("--data-dir", "elsewhere", "--log-level", "error", "--speed", "2.5"),
            *("--replay", "a.csv", "b.parquet", "--replay", "NSE:SBIN=c.csv"),
            *("--replay-date", "2026-03-02"),
        ]
    )

    assert code == 0
    assert served.settings is not None
    assert (served.settings.host, served.settings.port) == ("10.0.0.1", 5001)
    assert served.settings.websocket_port == 0
    assert served.settings.data_dir == Path("elsewhere")
    assert logging.getLogger().level == logging.ERROR
    assert served.options == ServeOptions(
        replay=("a.csv", "b.parquet", "NSE:SBIN=c.csv"),
        replay_date=date(2026, 3, 2),
        speed=2.5,
    )


def test_serve_without_options_takes_the_settings_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = Served()
    monkeypatch.setattr(openalgo.app, "serve", served)
    monkeypatch.setenv("FLASK_PORT", "5002")

    assert main(["serve"]) == 0

    assert served.settings is not None
    assert served.settings.port == 5002
    assert served.options == ServeOptions()


def test_serve_warns_of_names_nobody_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(openalgo.app, "serve", Served())
    (tmp_path / ".env").write_text("FLASK_PROT=5001\n")

    assert main(["serve"]) == 0

    assert capsys.readouterr().err.count("FLASK_PROT") == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            TaskFailed("paper-exchange", RuntimeError("books do not add up")),
            "Task paper-exchange ended: RuntimeError: books do not add up",
        ),
        (OSError("Address in use"), "Address in use"),
        (KeyError("x"), "KeyError: 'x'"),
        (
            LookupError("postgresql://algo:hunter2@db\n[SQL: ...]"),
            "LookupError: postgresql://algo:***@db",
        ),
        (AssertionError(), "AssertionError"),
    ],
)
def test_what_ends_the_server_is_said_in_a_sentence(
    error: Exception,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(openalgo.app, "serve", Served(error))

    assert main(["serve"]) == 1

    assert capsys.readouterr().err == f"openalgo: {sentence}\n"


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openalgo.app, "serve", Served(KeyError("x")))

    with pytest.raises(KeyError):
        main(["serve", "--log-level", "DEBUG"])
