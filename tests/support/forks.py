"""Processes of the product that start in a moment.

Each is forked from one that has loaded all of it, and is the product all the same: it has its own
memory, files and signals, and can be killed. Only the seconds of loading are spent once. What is
to be seen in an interpreter of its own is started with `subprocess`.
"""

import contextlib
import io
import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from signal import Signals

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["openalgo.app", "openalgo.persistence.migrate"])


class Fork:
    """What is used of `subprocess.Popen`, of `openalgo` with `arguments`.

    With `script`, that runs in its place, with the same arguments after its own. For the process
    it is `hours_ago`. What it says goes to the end of `log`.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        env: Mapping[str, str],
        log: Path,
        script: tuple[str, ...] = (),
        hours_ago: int = 0,
    ) -> None:
        self._process = _forks.Process(
            target=_serve, args=(arguments, dict(env), log, script, hours_ago)
        )
        self._process.start()

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, signal: Signals) -> None:
        if self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, signal)

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return code


def run(arguments: tuple[str, ...], stdin: str, env: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of `openalgo` with `arguments`, and what it said."""
    here, there = _forks.Pipe(duplex=False)
    process = _forks.Process(target=_run, args=(arguments, stdin, dict(env), there))
    process.start()
    there.close()
    try:
        said = here.recv()
    except EOFError:
        said = ""
    process.join()
    assert process.exitcode is not None
    return process.exitcode, said


def _serve(
    arguments: tuple[str, ...],
    env: dict[str, str],
    log: Path,
    script: tuple[str, ...],
    hours_ago: int,
) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    _become(arguments, env)
    if hours_ago:
        from openalgo.domain.clock import SystemClock

        earlier = timedelta(hours=hours_ago)
        SystemClock.now = lambda _: datetime.now(UTC) - earlier  # type: ignore[assignment, method-assign]
    if script:
        sys.argv = [*script, *arguments]
        runpy.run_path(script[0], run_name="__main__")
    else:
        sys.exit(_main(arguments))


def _run(arguments: tuple[str, ...], stdin: str, env: dict[str, str], told: Connection) -> None:
    _become(arguments, env)
    sys.stdin = io.StringIO(stdin)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = _main(arguments)
    told.send(said.getvalue())
    sys.exit(code)


def _become(arguments: tuple[str, ...], env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["openalgo", *arguments]


def _main(arguments: tuple[str, ...]) -> int:
    from openalgo.cli import main

    return main(arguments)
