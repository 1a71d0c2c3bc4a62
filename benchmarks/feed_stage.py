"""What a run of the feed needs: the server with its obedient feed, and crowds that watch it."""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

import psutil

from benchmarks.load import Load, post
from benchmarks.orders import body_of
from benchmarks.servers import free_port, make_user, openalgo_server

_LIMITS = {"WS_MAX_CLIENTS": "5000", "WS_MAX_CLIENTS_PER_USER": "5000"}

Figures = Mapping[str, float]


class Crowd:
    """A process full of clients."""

    def __init__(self, port: int, key: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crowd", str(port), key], stdin=PIPE, stdout=PIPE
        )
        self.process = psutil.Process(self._process.pid)

    def tell(self, command: str) -> Figures:
        self.say(command)
        return self.hear()

    def say(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()

    def hear(self) -> Figures:
        assert self._process.stdout is not None
        answer: Figures = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass(frozen=True, slots=True)
class Round:
    """A stretch of `seconds`; processor times as parts of a core."""

    seconds: float
    crowd: Figures
    server_cpu: float
    megabytes: float

    @property
    def us_a_delivery(self) -> float:
        """The server's processor time."""
        return self.server_cpu * self.seconds / max(1.0, self.crowd["frames"]) * 1e6

    def __str__(self) -> str:
        crowd = self.crowd
        return (
            f"{crowd['per_second']:7,.0f}/s   age p50 {crowd['age_p50_ms']:6.1f}  "
            f"p99 {crowd['age_p99_ms']:6.1f}  max {crowd['age_max_ms']:6.1f} ms   "
            f"server {self.server_cpu:4.0%} of a core, {self.us_a_delivery:4.1f} us a delivery, "
            f"{self.megabytes:.0f} MB   clients {crowd['cpu']:4.0%}   lost {crowd['lost']:.0f}"
        )


class Stage:
    """A running server, and what is done to it."""

    def __init__(self, port: int, pid: int, key: str, control: int) -> None:
        self.port = port
        self.key = key
        self.server = psutil.Process(pid)
        self._control = control

    def feed(self, command: str) -> Figures:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(10)
            asking.sendto(command.encode(), ("127.0.0.1", self._control))
            answer: Figures = json.loads(asking.recv(4096))
            return answer

    @contextmanager
    def crowd(self) -> Iterator[Crowd]:
        crowd = Crowd(self.port, self.key)
        try:
            yield crowd
        finally:
            crowd.end()

    def round(self, crowd: Crowd, seconds: float) -> Round:
        """What the clients of `crowd` see for so long."""
        before = self._cpu()
        crowd.tell("reset")
        time.sleep(seconds)
        figures = crowd.tell("report")
        used = self._cpu() - before
        return Round(figures["seconds"], figures, used / figures["seconds"], self.megabytes)

    def orders(self, per_second: float, seconds: float) -> Load:
        body = body_of(self.key)
        return asyncio.run(
            post(self.port, "/api/v1/placeorder", body, 64, seconds, per_second=per_second)
        )

    @property
    def megabytes(self) -> float:
        return float(self.server.memory_info().rss) / 2**20

    def _cpu(self) -> float:
        times = self.server.cpu_times()
        return float(times.user + times.system)


@contextmanager
def stage() -> Iterator[Stage]:
    """The whole product, with limits raised."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir, control = Path(folder), free_port()
        key = make_user(data_dir)
        env = {**_LIMITS, "FEED_PORT": str(control)}
        with openalgo_server(data_dir, program="benchmarks.fed", env=env) as server:
            yield Stage(server.port, server.pid, key, control)
