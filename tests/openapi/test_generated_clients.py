"""Clients generated from the committed document: they compile, and they trade."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.openapi.node import absent, node
from tests.support.server import Server

HERE = Path(__file__).parent / "clients"
DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def succeed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check(said: str) -> None:
    """What `drive` tells: an order, the books that show it, an option chain, and errors."""
    told: dict[str, Any] = json.loads(said)
    assert told["orderid"].isdecimal()
    assert (told["status"], told["quantity"], told["order_status"]) == ("success", 2, "complete")
    assert 0 < told["cash"] < 10_000_000
    assert told["ltp"] > 0
    assert told["chain"]["label"] == "ATM"
    assert 0.3 < told["chain"]["delta"] < 0.7
    assert told["chain"]["missing"] == "strikes_not_found"
    assert told["refused"] == {
        "status": 400,
        "code": "validation_error",
        "errors": {"quantity": ["Quantity must be a positive number."]},
    }


def test_the_typescript_client(server: Server, fresh_key: str, tmp_path: Path) -> None:
    machine = node()
    folder = tmp_path / "client"
    shutil.copytree(HERE / "typescript", folder, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(DOCUMENT, folder / "openapi.json")
    installed = machine.install(folder)
    if installed.returncode != 0:
        absent(f"npm cannot install the generator: {installed.stderr[-500:]}")
    succeed(machine.run(folder, "node_modules/@hey-api/openapi-ts/bin/run.js"))
    succeed(machine.run(folder, "node_modules/typescript/bin/tsc", "--project", "."))
    check(succeed(machine.run(folder, "built/drive.js", server.url, fresh_key)))


def test_the_python_client(server: Server, fresh_key: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text("post_hooks: []\n", encoding="utf-8")
    generate = [
        *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
        *("--path", str(DOCUMENT), "--output-path", str(tmp_path / "openalgo_client")),
        *("--meta", "none", "--config", str(settings)),
    ]
    drive = tmp_path / "drive.py"
    shutil.copy(HERE / "python" / "drive.py", drive)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "drive.py"]
    command = [sys.executable, "-W", "error", str(drive), server.url, fresh_key]
    for each in (generate, mypy, command):
        done = subprocess.run(
            each, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False
        )
        said = succeed(done)
    check(said)
