"""Our server and a twin of Zerodha, each in a process of its own, logged in and trading live."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.server import PASSWORD, Server, free_port, init

_SETTING = "BROKER_ENDPOINTS="
_APP = {"api_key": "twinkey", "api_secret": "twinsecret"}
_OPEN = {f"{name}_RATE_LIMIT": "1000000 per second" for name in ("API", "ORDER")}
_MANY = {"zerodha": "1000 per second; 100000 per minute; 1000000 per day"}


class Twin:
    """What a test may tell and ask it."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        address = json.loads(setting)["zerodha"]["api"]
        self._http = httpx.Client(base_url=f"{address}/twin", timeout=30)

    def close(self) -> None:
        self._http.close()

    def tell(self, path: str, **said: object) -> None:
        reply = self._http.post(path, json=said)
        assert reply.status_code == 200, reply.text

    def calm(self) -> None:
        assert self._http.delete("/faults").status_code == 200

    def ask(self, path: str) -> Any:
        reply = self._http.get(path)
        assert reply.status_code == 200, reply.text
        return reply.json()["data"]


@dataclass
class Rig:
    server: Server
    twin: Twin

    def journal(self) -> list[dict[str, Any]]:
        """What is written down of orders sent."""
        file = self.server.data_dir / "openalgo.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM live_orders")]

    def set_up(self) -> None:
        """What a user does: an account, its app, a login, a key; then no limit that matters."""
        server = self.server
        with httpx.Client(base_url=server.url, timeout=30) as http:

            def send(path: str, method: str = "POST", **body: object) -> Any:
                reply = http.request(method, path, json=body)
                assert reply.status_code == 200, reply.text
                return reply.json()

            reply = http.post("/auth/login", data={"username": "trader", "password": PASSWORD})
            http.headers["X-CSRFToken"] = reply.json()["csrf_token"]
            account = send("/ui/accounts", name="Kite", broker="zerodha")["data"]["id"]
            send(f"/ui/accounts/{account}/app", "PUT", values=_APP)
            page = send(f"/ui/accounts/{account}/connect")["redirect"]
            assert http.get(httpx.get(page).headers["location"]).status_code == 303
            for key in http.get("/ui/api-keys").json()["data"]:
                send(f"/ui/api-keys/{key['id']}", "DELETE")
            # Then the account at the twin is the one they mean.
            send(f"/ui/accounts/{account - 1}", "DELETE")
            made = send("/ui/api-keys", name="live", scopes=["read", "trade", "admin"])
            server.api_key = made["api_key"]
            send("/ui/risk", "PUT", orders_per_second=1000)
        until = time.monotonic() + 30
        while server.post("symbol", symbol="SBIN", exchange="NSE").status_code != 200:
            assert time.monotonic() < until, "no instruments came"
            time.sleep(0.05)
        server.ok("analyzer/toggle", mode=False)


@contextmanager
def rig(data_dir: Path, *arguments: str) -> Iterator[Rig]:
    """Both, until the block ends; `arguments` are the twin's."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ("twin", "zerodha", "--callback", f"{url}/zerodha/callback", *arguments)
    with subprocess.Popen(
        [sys.executable, "-m", "openalgo", *command], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith(_SETTING))
        twin = Twin(line.strip().removeprefix(_SETTING))
        env = {
            "BROKER_ENDPOINTS": twin.setting,
            "BROKER_ORDER_LIMITS": json.dumps(_MANY),
            "HOST_SERVER": url,
            **_OPEN,
        }
        server = Server(data_dir, init(data_dir, env), env=env, port=port, ready_within=120)
        try:
            server.start()
            made = Rig(server, twin)
            made.set_up()
            yield made
        finally:
            twin.close()
            process.send_signal(signal.SIGTERM)
            if server.process is not None:
                server.stop()
