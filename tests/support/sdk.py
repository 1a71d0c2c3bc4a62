"""The published SDK, driven from a test."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("OPENALGO_SDK_PYTHON", ROOT / ".venv-sdk/bin/python"))


class Sdk:
    """Calls methods of `openalgo.api` in the SDK's own process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __getattr__(self, method: str) -> Any:
        def call(**arguments: Any) -> Any:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps({"method": method, "arguments": arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            assert line, "the SDK process ended"
            return json.loads(line)

        return call


@contextmanager
def sdk(api_key: str, url: str, ws_port: int = 8765) -> Iterator[Sdk]:
    if not PYTHON.exists():
        pytest.skip("the SDK's environment is missing: run `make setup`")
    # Leaving the block closes the pipes, which ends the driver, and waits for it.
    with subprocess.Popen(
        [str(PYTHON), "-I", str(ROOT / "tests/support/sdk_driver.py"), api_key, url, str(ws_port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Sdk(process)
