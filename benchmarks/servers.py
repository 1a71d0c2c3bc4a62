"""Servers to measure, each in a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "Bench-mark-1!"
SETTINGS = {
    "ORDER_RATE_LIMIT": "10000000 per second",
    "API_RATE_LIMIT": "10000000 per second",
    "OPENALGO_WEB_BUILD": "false",  # which would be what is measured
}


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    pid: int
    ready_seconds: float


@contextmanager
def echo_server() -> Iterator[Running]:
    port = free_port()
    with _serving([sys.executable, "-m", "benchmarks.echo", str(port)], port) as running:
        yield running


@contextmanager
def openalgo_server(
    data_dir: Path,
    *,
    program: str = "openalgo",
    port: int = 0,
    env: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """`program` is the module that is run, `env` are further settings."""
    port = port or free_port()
    command = [
        *(sys.executable, "-m", program, "serve", "--data-dir", str(data_dir)),
        *("--port", str(port), "--ws-port", str(free_port()), "--log-level", "WARNING"),
    ]
    with _serving(command, port, env) as running:
        yield running


def make_user(data_dir: Path) -> str:
    """The API key of the first user."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openalgo", "init", "--username", "bench"),
            *("--password-stdin", "--json", "--data-dir", str(data_dir)),
        ],
        input=PASSWORD,
        capture_output=True,
        text=True,
        check=True,
    )
    return str(json.loads(done.stdout.splitlines()[-1])["api_key"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(
    command: list[str], port: int, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **SETTINGS, **(env or {})}, stdout=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - started > 30:
                raise RuntimeError(f"{' '.join(command)} does not come up")
            time.sleep(0.01)
        yield Running(port, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False
