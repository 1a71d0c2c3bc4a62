"""A real server in a process of its own, on ports of its own."""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path

import httpx

from openalgo.config import load_settings
from openalgo.domain.clock import IST
from openalgo.identity import api_keys
from openalgo.identity.api_keys import KeyRing
from openalgo.identity.principal import Scope
from openalgo.identity.secrets import load_secrets
from openalgo.persistence.main import accounts, users
from openalgo.persistence.main import api_keys as key_rows
from openalgo.persistence.stores import Store
from tests.support import forks

PASSWORD = "Paper-trader-1!"
READY_SECONDS = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(more: dict[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(more or {})}


def run_cli(
    *arguments: str, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "openalgo", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=_environment(env),
    )


def init(data_dir: Path, env: dict[str, str] | None = None) -> str:
    """Create the first user; return the API key."""
    code, said = forks.run(
        (
            *("init", "--username", "trader", "--password-stdin", "--json"),
            *("--data-dir", str(data_dir)),
        ),
        stdin=PASSWORD,
        env=_environment(env),
    )
    assert code == 0, said
    return str(json.loads(said.splitlines()[-1])["api_key"])


OPEN_SERVER = str(Path(__file__).with_name("open_server.py"))
DYING_SERVER = str(Path(__file__).with_name("dying_server.py"))
_EARLIER = 2


def _hours_ago(script: tuple[str, ...]) -> int:
    """The simulated market takes no intraday orders from 02:50 to 03:05 in India: then, and shortly
    before, it is two hours earlier for the server."""
    now = datetime.now(IST).time()
    soon_squared_off = time_of_day(2, 30) <= now <= time_of_day(3, 6)
    return _EARLIER if soon_squared_off and OPEN_SERVER not in script else 0


@dataclass
class Server:
    """Start, kill and start again on the same data directory."""

    data_dir: Path
    api_key: str
    arguments: tuple[str, ...] = ()
    env: dict[str, str] | None = None
    script: tuple[str, ...] = ()
    port: int = 0
    ws_port: int = 0
    ready_within: float = READY_SECONDS
    own_interpreter: bool = False
    process: "forks.Fork | subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data_dir / "server.log"

    def start(self) -> None:
        self.port = self.port or free_port()
        self.ws_port = self.ws_port or free_port()
        arguments = (
            "serve",
            *("--port", str(self.port), "--ws-port", str(self.ws_port)),
            *("--data-dir", str(self.data_dir)),
            *self.arguments,
        )
        env = _environment(self.env)
        if self.own_interpreter:
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "openalgo", *arguments],
                    stdout=output,
                    stderr=output,
                    env=env,
                )
        else:
            self.process = forks.Fork(
                arguments, env, self.log, self.script, _hours_ago(self.script)
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """kill -9: no handler of ours runs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def new_account(self) -> str:
        """The API key of another account of the first user, made behind the server's back."""
        return asyncio.run(_add_account(self.data_dir, f"account-{secrets.token_hex(4)}"))

    def new_user(self) -> str:
        """The name of another user, with an account and the usual password, made likewise."""
        return asyncio.run(_add_user(self.data_dir, f"user-{secrets.token_hex(4)}"))

    def post(self, endpoint: str, **body: object) -> httpx.Response:
        with httpx.Client(base_url=f"{self.url}/api/v1/", timeout=20) as client:
            return client.post(endpoint, json={"apikey": self.api_key, **body})

    def ok(self, endpoint: str, **body: object) -> dict[str, object]:
        reply = self.post(endpoint, **body)
        assert reply.status_code == 200, reply.text
        answer: dict[str, object] = reply.json()
        return answer

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        until = time.monotonic() + self.ready_within
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"the server is not ready:\n{self.log.read_text()[-4000:]}")


@contextmanager
def serving(
    data_dir: Path,
    *arguments: str,
    env: dict[str, str] | None = None,
    own_interpreter: bool = False,
) -> Iterator[Server]:
    """A running server with one user, ended at the end."""
    server = Server(
        data_dir=data_dir,
        api_key=init(data_dir, env),
        arguments=arguments,
        env=env,
        own_interpreter=own_interpreter,
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


class OrderStream:
    """Places MARKET orders as fast as it can and remembers what was acknowledged."""

    def __init__(self, server: Server, concurrency: int = 16) -> None:
        self.acknowledged: dict[str, str] = {}
        self.sent: set[str] = set()
        self._server = server
        self._concurrency = concurrency
        self._count = 0
        self._target = 0
        self._reached = asyncio.Event()

    async def run(self, prefix: str) -> None:
        """Until the server goes away."""
        async with httpx.AsyncClient(base_url=f"{self._server.url}/api/v1/", timeout=10) as client:
            await asyncio.gather(*(self._place(client, prefix) for _ in range(self._concurrency)))

    async def reached(self, acknowledged: int) -> None:
        """Wait until so many orders have been acknowledged."""
        self._target = acknowledged
        self._reached = asyncio.Event()
        await self._reached.wait()

    def repeat(self, client_id: str) -> str:
        """Send an earlier order again; its id."""
        return str(self._server.ok("placeorder", **_order(client_id))["orderid"])

    async def _place(self, client: httpx.AsyncClient, prefix: str) -> None:
        while True:
            self._count += 1
            client_id = f"{prefix}-{self._count}"
            self.sent.add(client_id)
            body = {"apikey": self._server.api_key, **_order(client_id)}
            try:
                reply = await client.post("placeorder", json=body)
            except httpx.TransportError:
                return
            assert reply.status_code == 200, reply.text
            self.acknowledged[client_id] = reply.json()["orderid"]
            if len(self.acknowledged) >= self._target:
                self._reached.set()


def _order(client_id: str) -> dict[str, object]:
    """Two symbols, both sides; the same for the same id."""
    number = int(client_id.rpartition("-")[2])
    return {
        "strategy": "crash",
        "symbol": "SBIN" if number % 3 else "INFY",
        "exchange": "NSE",
        "action": "BUY" if number % 2 else "SELL",
        "quantity": 1,
        "client_order_id": client_id,
    }


async def _add_account(data_dir: Path, name: str) -> str:
    settings = load_settings({"OPENALGO_DATA_DIR": data_dir})
    kept = load_secrets(settings.secrets_dir)
    ring = KeyRing(kept.api_key_pepper, kept.fernet_salt)
    key = api_keys.generate()
    store = Store("main", settings.database_url.get_secret_value())
    now = datetime.now(UTC)
    async with store.write() as tx:
        user = await users.by_username(tx, "trader")
        assert user is not None
        account = await accounts.create(
            tx, user_id=user.id, name=name, broker="simulator", created_at=now
        )
        await key_rows.create(
            tx,
            user_id=user.id,
            account_id=account.id,
            name=name,
            digest=ring.digest(key),
            ciphertext=ring.encrypt(key),
            scopes=Scope,
            created_at=now,
        )
    await store.close()
    return key


async def _add_user(data_dir: Path, username: str) -> str:
    settings = load_settings({"OPENALGO_DATA_DIR": data_dir})
    store = Store("main", settings.database_url.get_secret_value())
    now = datetime.now(UTC)
    async with store.write() as tx:
        first = await users.by_username(tx, "trader")
        assert first is not None
        user = await users.create(
            tx,
            username=username,
            email=None,
            password_hash=first.password_hash,
            is_admin=False,
            created_at=now,
        )
        await accounts.create(
            tx, user_id=user.id, name="Default", broker="simulator", created_at=now
        )
    await store.close()
    return username
