import asyncio
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text

from openalgo.cli import main
from openalgo.config import ENVIRONMENT_NAMES
from openalgo.doctor import Finding, check_clock, examine
from openalgo.persistence.owner import OwnerLock
from openalgo.persistence.stores import Store


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ENVIRONMENT_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    # Free ones: a server of somebody else may be running on this machine.
    monkeypatch.setenv("FLASK_PORT", "0")
    monkeypatch.setenv("WEBSOCKET_PORT", "0")


@pytest.fixture(scope="session")
def installation_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as patch:
        for name in ENVIRONMENT_NAMES.values():
            patch.delenv(name, raising=False)
        patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        patch.setattr("getpass.getpass", lambda _: "Nifty#25000")
        assert main(["init", "--username", "ravi", "--data-dir", str(folder / "data")]) == 0
    return folder / "data"


@pytest.fixture
def installed(installation_template: Path, tmp_path: Path) -> Path:
    """A data directory with a user in it."""
    return Path(shutil.copytree(installation_template, tmp_path / "data"))


def examined(**given: object) -> dict[str, Finding]:
    findings = asyncio.run(examine(given))
    return {finding.check: finding for finding in findings}


def verdicts(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: f.verdict for name, f in findings.items() if f.verdict != "ok"}


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    """A web server that says the same to everything; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def a_running_server() -> Iterator[None]:
    lock = OwnerLock(Path("data"))
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


OPENALGO = json.dumps({"status": "pass", "serviceId": "openalgo"}).encode()


def test_before_the_first_start_all_is_well_and_nothing_is_made(tmp_path: Path) -> None:
    findings = examined()

    assert verdicts(findings) == {}
    assert "made at the first start" in findings["data directory"].detail
    assert "made at the first start" in findings["main database"].detail
    assert list(tmp_path.iterdir()) == []


def test_a_healthy_installation_is_described(installed: Path) -> None:
    findings = examined()

    assert verdicts(findings) == {}
    assert findings["users"].detail == "1, with 1 API keys"
    assert "revision" in findings["sandbox database"].detail
    assert all(finding.remedy == "" for finding in findings.values())


def test_a_bad_setting_is_found_with_its_sentence() -> None:
    findings = examined(FLASK_PORT="x")

    assert verdicts(findings) == {"configuration": "fail"}
    assert findings["configuration"].detail.startswith("FLASK_PORT is 'x'")


def test_names_nobody_reads_are_a_warning(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLASK_PROT=5001\n")

    findings = examined()

    assert verdicts(findings) == {"configuration": "warn"}
    assert "FLASK_PROT" in findings["configuration"].detail


def test_a_port_in_use_by_a_stranger_is_a_problem() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        findings = examined(WEBSOCKET_PORT=stranger.getsockname()[1])

    assert verdicts(findings) == {"websocket port": "fail"}
    assert "WEBSOCKET_PORT" in findings["websocket port"].remedy


@pytest.mark.parametrize(
    ("body", "owned", "verdict"),
    [
        (OPENALGO, True, "ok"),
        (OPENALGO, False, "fail"),
        (b"hello", True, "fail"),
        (b"[]", True, "fail"),
    ],
)
def test_a_port_is_ours_if_this_installation_runs_and_answers(
    installed: Path, body: bytes, owned: bool, verdict: str
) -> None:
    with answering(body) as port:
        if owned:
            with a_running_server():
                findings = examined(FLASK_PORT=port)
        else:
            findings = examined(FLASK_PORT=port)

    assert findings["port"].verdict == verdict


def test_looking_does_not_take_the_data_away_from_a_server(installed: Path) -> None:
    examined()
    with a_running_server():
        assert verdicts(examined()) == {}


def test_secrets_others_can_read_are_a_warning_and_stay_as_they_are(installed: Path) -> None:
    pepper = installed / "secrets" / "api_key_pepper"
    pepper.chmod(0o644)

    findings = examined()

    assert verdicts(findings) == {"secrets": "warn"}
    assert str(pepper) in findings["secrets"].detail.replace("data/", f"{installed}/")
    assert pepper.stat().st_mode & 0o077


@pytest.mark.parametrize("lost", ["api_key_pepper", "fernet_salt"])
def test_lost_secrets_are_a_problem_and_are_not_replaced(installed: Path, lost: str) -> None:
    (installed / "secrets" / lost).unlink()

    assert verdicts(examined()) == {"users": "fail"}
    assert not (installed / "secrets" / lost).exists()


def test_another_pepper_is_a_problem(installed: Path) -> None:
    findings = examined(API_KEY_PEPPER="q" * 32)

    assert verdicts(findings) == {"users": "fail"}
    assert "another API_KEY_PEPPER" in findings["users"].detail


def test_without_a_user_the_next_step_is_told(installed: Path) -> None:
    execute("DELETE FROM api_keys", "DELETE FROM accounts", "DELETE FROM users")

    findings = examined()

    assert verdicts(findings) == {"users": "warn"}
    assert "openalgo init" in findings["users"].remedy


def test_a_database_of_a_newer_version_is_a_problem(installed: Path) -> None:
    execute("UPDATE alembic_version SET version_num = '9999'")

    findings = examined()

    assert verdicts(findings) == {"main database": "fail"}
    assert "9999" in findings["main database"].detail


def test_a_database_to_be_updated_is_fine(installed: Path) -> None:
    execute("DROP TABLE alembic_version")

    findings = examined()

    assert verdicts(findings) == {}
    assert "next start" in findings["main database"].detail


def test_a_damaged_database_is_a_problem(installed: Path) -> None:
    (installed / "logs.db").write_bytes(b"this was a database once" * 100)

    assert verdicts(examined()) == {"logs database": "fail"}


def test_an_unreachable_database_is_a_problem_that_shows_no_password() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        findings = examined(LOGS_DATABASE_URL=f"postgresql://algo:hunter2@127.0.0.1:{port}/algo")

    assert verdicts(findings) == {"logs database": "fail"}
    assert "hunter2" not in str(findings)


def test_a_data_directory_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert examined()["data directory"].verdict == "fail"


def test_little_room_is_a_warning(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(installed)._replace(free=1024**3)
    monkeypatch.setattr("openalgo.doctor.shutil.disk_usage", lambda _: usage)

    findings = examined()

    assert verdicts(findings) == {"disk": "warn"}
    assert findings["disk"].detail == "1.0 GB are free."


def test_a_database_from_the_future_means_the_clock_was_set_back(installed: Path) -> None:
    later = time.time() + 3600
    os.utime(installed / "sandbox.db", (later, later))

    assert verdicts(examined()) == {"clock": "warn"}


class Clocks:
    """A machine whose two clocks move as told during a nap."""

    def __init__(self, wall: float, moves: float) -> None:
        self.at = wall
        self.moves = moves
        self.up = 0.0

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.up

    def nap(self, seconds: float) -> None:
        self.at += seconds + self.moves
        self.up += seconds


@pytest.mark.parametrize(
    ("wall", "moves", "verdict", "detail"),
    [
        (1_790_000_000.0, 0.0, "ok", "2026-09-21 19:43:20 IST"),
        (1_790_000_000.0, -3.0, "warn", "It moved by 3.0 s while being watched."),
        (1_000.0, 0.0, "fail", "before this version was made"),
    ],
)
def test_the_clock_must_be_plausible_and_smooth(
    wall: float, moves: float, verdict: str, detail: str
) -> None:
    clocks = Clocks(wall, moves)

    finding, *rest = check_clock(clocks.wall, clocks.monotonic, clocks.nap)

    assert finding.verdict == verdict
    assert detail in finding.detail
    assert rest == []


def test_the_command_ends_with_1_only_if_something_fails(
    installed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (installed / "secrets").chmod(0o755)
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "warn  secrets" in shown
    assert "-> chmod 700" in shown

    monkeypatch.setenv("API_KEY_PEPPER", "q" * 32)
    assert main(["doctor", "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {check["check"] for check in checks if check["verdict"] == "fail"} == {"users"}


def execute(*statements: str) -> None:
    async def run() -> None:
        store = Store("main", "sqlite:///data/openalgo.db")
        async with store.write() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await store.close()

    asyncio.run(run())
