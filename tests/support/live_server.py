"""The whole product in live mode: our server, and the twin of Zerodha in a process of its own."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.support.server import OPEN_SERVER, PASSWORD, Server, free_port, init

T = TypeVar("T")

APP = {"api_key": "twinkey", "api_secret": "twinsecret"}
SOON = 10.0
"""Seconds within which everything that is to happen by itself has happened."""

_LOOKED_EVERY = 0.02
_SETTING = "BROKER_ENDPOINTS="


def soon(look: Callable[[], T | None], what: str, within: float = SOON) -> T:
    """What `look` finds, once it finds something."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(_LOOKED_EVERY)
    raise AssertionError(f"{what}: not within {within:g} s")


class Twin:
    """The broker's side of it: what it holds, and what it is told to do."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        self.address: str = json.loads(setting)["zerodha"]["api"]
        self._http = httpx.Client(base_url=f"{self.address}/twin", timeout=10)

    def tell(self, path: str, method: str = "POST", **said: Any) -> Any:
        reply = self._http.request(method, path, json=said if method == "POST" else None)
        assert reply.status_code == 200, reply.text
        return reply.json()["data"]

    def ask(self, path: str = "") -> Any:
        return self.tell(path, "GET")

    def fault(self, kind: str, route: str, **more: Any) -> None:
        self.tell("/faults", kind=kind, route=route, **more)

    def price(self, instrument: str, price: float) -> None:
        self.tell("/prices", instrument=instrument, price=str(price))

    def order(self, order_id: str) -> dict[str, Any]:
        """As the broker holds it."""
        rows: list[dict[str, Any]] = self.ask("/book")
        return next(row for row in rows if row["order_id"] == order_id)

    def streamed(self) -> list[tuple[str, str]]:
        """What its sockets bring, as (instrument, mode), an instrument as often as it is asked
        for."""
        return [
            (instrument, mode)
            for socket in self.ask("/feed")
            for instrument, mode in socket["instruments"].items()
        ]

    def calm(self) -> None:
        """Nothing goes wrong, and prices stay where they are put."""
        self.tell("/faults", "DELETE")
        self.tell("/feed", state="live", refuse=False)
        self.tell("/settings", walking=False, limited=False, latency_ms=0, refuse_logins=False)

    @property
    def token(self) -> str:
        """The access token of now."""
        return str(self.ask("/session")["access_token"])

    def place(self, symbol: str, **more: str) -> str:
        """A LIMIT order for one NSE share, or as `more` says, in the broker's own app; its id."""
        order = {
            "exchange": "NSE",
            "tradingsymbol": symbol,
            "transaction_type": "BUY",
            "order_type": "LIMIT",
            "quantity": "1",
            "product": "MIS",
            "validity": "DAY",
        }
        return self._as_app("POST", "/orders/regular", order | more)

    def cancel(self, order_id: str) -> None:
        """In the broker's own app."""
        self._as_app("DELETE", f"/orders/regular/{order_id}")

    def _as_app(self, method: str, path: str, order: dict[str, str] | None = None) -> str:
        key = f"token {APP['api_key']}:{self.token}"
        reply = httpx.request(
            method,
            f"{self.address}{path}",
            data=order,
            headers={"X-Kite-Version": "3", "Authorization": key},
        )
        assert reply.status_code == 200, reply.text
        return str(reply.json()["data"]["order_id"])

    def close(self) -> None:
        self._http.close()


@contextmanager
def running_twin(callback: str, *arguments: str) -> Iterator[Twin]:
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "openalgo", "twin", "zerodha"),
            "--callback",
            callback,
            *arguments,
        ],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith(_SETTING))
        twin = Twin(line.strip().removeprefix(_SETTING))
        try:
            yield twin
        finally:
            twin.close()
            process.send_signal(signal.SIGTERM)


class Browser:
    """A browser whose user has logged in, looking at one account."""

    def __init__(self, url: str, account_id: int | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        reply = self.http.post("/auth/login", data={"username": "trader", "password": PASSWORD})
        assert reply.status_code == 200, reply.text
        self.http.headers["X-CSRFToken"] = reply.json()["csrf_token"]
        if account_id is not None:
            self.look_at(account_id)

    def look_at(self, account_id: int) -> None:
        self.http.headers["X-Account"] = str(account_id)

    def get(self, path: str) -> Any:
        reply = self.http.get(path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def send(self, path: str, method: str = "POST", **body: Any) -> Any:
        reply = self.http.request(method, path, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def connect(self, account_id: int) -> str:
        """Log the account in on the broker's page; where the browser lands."""
        return self.come_back(self.begin(account_id))

    def begin(self, account_id: int) -> str:
        """Where the broker's page sends the browser back to."""
        page = self.send(f"/ui/accounts/{account_id}/connect")["redirect"]
        return str(httpx.get(page).headers["location"])

    def come_back(self, address: str) -> str:
        """Follow the broker's redirect to us; where we send the browser on to."""
        reply = self.http.get(address)
        assert reply.status_code == 303, reply.text
        return str(reply.headers["location"])


@dataclass
class LiveServer:
    """A server with one account at the twin, and a key for that account."""

    server: Server
    twin: Twin
    account_id: int = 0

    @cached_property
    def browser(self) -> Browser:
        return Browser(self.server.url)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def stream(self) -> str:
        return f"ws://127.0.0.1:{self.server.port}/ws"

    def set_up(self) -> None:
        """What a user does: make the account, name the app, log in, make a key, go live."""
        browser = self.browser
        made = browser.send("/ui/accounts", name="Kite", broker="zerodha")["data"]
        self.account_id = made["id"]
        browser.send(f"/ui/accounts/{self.account_id}/app", "PUT", values=APP)
        browser.look_at(self.account_id)
        self.log_in()
        key = browser.send("/ui/api-keys", name="live", scopes=["read", "trade", "admin"])
        self.server.api_key = key["api_key"]
        soon(lambda: browser.get("/api/master-contract/ready")["ready"], "instruments")
        self.ok("analyzer/toggle", mode=False)

    def log_in(self) -> None:
        landed = self.browser.connect(self.account_id)
        assert landed == f"/?connected=zerodha&account={self.account_id}"

    def account(self) -> Any:
        return self.browser.get(f"/ui/accounts/{self.account_id}")["data"]

    def restart(self) -> None:
        assert self.server.stop() == 0
        self.server.start()

    def watched(self, instrument: str, modes: set[str]) -> None:
        """Wait until the broker streams `instrument` in one of `modes`; with none, not any more."""

        def look() -> bool:
            found = {mode for name, mode in self.twin.streamed() if name == instrument}
            return bool(found & modes) if modes else not found

        soon(look, f"{instrument} streamed as {modes or 'nothing'}")

    def symbols(self, exchange: str) -> list[str]:
        """All there are, as clients subscribe to them."""
        query = {"exchange": exchange, "apikey": self.server.api_key}
        reply = httpx.get(f"{self.url}/api/v1/instruments", params=query, timeout=20)
        assert reply.status_code == 200, reply.text
        return [f"{exchange}:{row['symbol']}" for row in reply.json()["data"]]

    def post(self, endpoint: str, **body: object) -> httpx.Response:
        return self.server.post(endpoint, **body)

    def ok(self, endpoint: str, **body: object) -> Any:
        return self.server.ok(endpoint, **body)

    def place(self, symbol: str, **more: object) -> str:
        """An order for one NSE share at the market, or as `more` says; its id."""
        order = {"exchange": "NSE", "action": "BUY", "quantity": 1, "product": "MIS"} | more
        return str(self.ok("placeorder", strategy="live", symbol=symbol, **order)["orderid"])

    def status(self, order_id: str) -> dict[str, Any]:
        row: dict[str, Any] = self.ok("orderstatus", strategy="live", orderid=order_id)["data"]
        return row

    def until(self, order_id: str, status: str) -> dict[str, Any]:
        """The order, once it is `status`."""

        def look() -> dict[str, Any] | None:
            row = self.status(order_id)
            return row if row["order_status"] == status else None

        return soon(look, f"order {order_id} {status}")


@contextmanager
def live_server(
    data_dir: Path, *arguments: str, settings: dict[str, str] | None = None
) -> Iterator[LiveServer]:
    """Server and twin, logged in and live; `arguments` are the twin's, `settings` the server's."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running_twin(f"{url}/zerodha/callback", *arguments) as twin:
        env = {"BROKER_ENDPOINTS": twin.setting, "HOST_SERVER": url} | GENEROUS
        env |= settings or {}
        server = Server(data_dir, init(data_dir, env), env=env, script=(OPEN_SERVER,), port=port)
        server.start()
        live = LiveServer(server, twin)
        try:
            live.set_up()
            yield live
        finally:
            live.browser.http.close()
            server.stop()


GENEROUS = {
    **{f"{what}_RATE_LIMIT": "100000 per second" for what in ("API", "ORDER", "SMART_ORDER")},
    **{f"LOGIN_RATE_LIMIT_{what}": "100000 per minute" for what in ("MIN", "HOUR")},
}
