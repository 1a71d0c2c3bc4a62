"""What a live order costs over the broker's own time: the twin of Zerodha answers in 20 ms.

Bars: at concurrency 16 the median of an order is at most 3 ms over that of the same call made to
the twin by a client that does nothing else, and the 99th percentile at most 15 ms. Twin, server and
load share the machine, so the processor time of an order tells more than its latency where others
are at work. How long the loop is held is measured in rounds of its own: watching it costs too much.
"""

import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil

from benchmarks.load import Load, post
from benchmarks.orders import body_of
from benchmarks.servers import PASSWORD, Running, free_port, make_user, openalgo_server
from openalgo.domain.clock import SystemClock
from openalgo.persistence.stores import Store
from openalgo.trading.risk_limits import RiskLimits
from openalgo.trading.stored_risk import StoredRisk

DELAY_MS = 20
CONCURRENCY = 16
PER_SECOND = 100.0
ROUNDS = 3
SECONDS = 4.0
MANY = 1_000_000
_KEY, _SECRET = "twinkey", "twinsecret"


@dataclass(frozen=True, slots=True)
class Twin:
    api: str
    control: str
    setting: str

    @property
    def port(self) -> int:
        return httpx.URL(self.api).port or 80


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir, port = Path(folder), free_port()
        make_user(data_dir)
        callback = f"http://127.0.0.1:{port}/zerodha/callback"
        # Orders at another twin for the bare client: ours would hear of them, and look them up.
        with _twin(callback) as twin, _twin(callback) as other:
            env = {
                "BROKER_ENDPOINTS": twin.setting,
                "HOST_SERVER": f"http://127.0.0.1:{port}",
                "LOOP_HELD": str(data_dir / "held"),
            }
            with openalgo_server(data_dir, port=port, env=env):
                account_id, key = _connected(port)
            asyncio.run(_allow_all(data_dir, account_id))
            for each in (twin, other):
                rule = {"kind": "delay", "route": "orders.*", "delay_ms": DELAY_MS}
                httpx.post(f"{each.control}/faults", json=rule).raise_for_status()
            with openalgo_server(
                data_dir, program="benchmarks.unlimited", port=port, env=env
            ) as server:
                _post(port, key, "analyzer/toggle", mode=False)
                _measure(other, server, key, data_dir / "held")


def _measure(twin: Twin, server: Running, key: str, held: Path) -> None:
    process, token = psutil.Process(server.pid), _session(twin)
    head = (
        f"authorization: token {_KEY}:{token}\r\nx-kite-version: 3\r\n"
        "content-type: application/x-www-form-urlencoded"
    )

    def bare(per_second: float | None) -> Load:
        return asyncio.run(
            post(
                twin.port,
                "/orders/regular",
                _form,
                CONCURRENCY,
                SECONDS,
                per_second=per_second,
                head=head,
            )
        )

    def ours(per_second: float | None) -> tuple[Load, float]:
        before = sum(process.cpu_times()[:2])
        load = asyncio.run(
            post(
                server.port,
                "/api/v1/placeorder",
                body_of(key),
                CONCURRENCY,
                SECONDS,
                per_second=per_second,
            )
        )
        spent = sum(process.cpu_times()[:2]) - before
        return load, spent * 1000 / len(load.latencies)

    ours(PER_SECOND)  # connections, statements and symbols are there from now on
    for per_second in (None, PER_SECOND):
        how = "one after the other" if per_second is None else f"{per_second:.0f} orders a second"
        print(f"concurrency {CONCURRENCY}, {how}")
        added: dict[int, list[float]] = {50: [], 95: [], 99: []}
        for _ in range(ROUNDS):
            raw, (load, cpu) = bare(per_second), ours(per_second)
            for percent, samples in added.items():
                samples.append(load.percentile(percent) - raw.percentile(percent))
            print(
                f"  twin alone {raw.per_second:4.0f}/s, p50 {raw.percentile(50):.1f} ms, "
                f"p99 {raw.percentile(99):.1f} ms   orders {load.per_second:4.0f}/s, "
                f"p50 {load.percentile(50):.1f} ms, p99 {load.percentile(99):.1f} ms, "
                f"processor {cpu:.2f} ms each"
            )
        p50, p95, p99 = (statistics.median(samples) for samples in added.values())
        print(f"  added p50 {p50:.1f} ms (bar 3), p95 {p95:.1f} ms, p99 {p99:.1f} ms (bar 15)")
        os.kill(server.pid, signal.SIGUSR1)
        ours(per_second)
        print(f"  {_loop_held(server, held)}")


def _loop_held(server: Running, told: Path) -> str:
    told.unlink(missing_ok=True)
    os.kill(server.pid, signal.SIGUSR1)
    while not told.exists():
        time.sleep(0.005)
    return told.read_text()


def _form(number: int) -> bytes:
    form = {
        "tradingsymbol": "SBIN",
        "exchange": "NSE",
        "transaction_type": "SELL" if number % 2 else "BUY",
        "order_type": "MARKET",
        "quantity": "1",
        "product": "MIS",
        "validity": "DAY",
        "market_protection": "-1",
    }
    return urlencode(form).encode()


@contextmanager
def _twin(callback: str) -> Iterator[Twin]:
    command = [sys.executable, "-m", "openalgo", "twin", "zerodha", "--speed", "0"]
    process = subprocess.Popen(
        [*command, "--callback", callback], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "BROKER_ENDPOINTS" in line:
            break
    try:
        yield Twin(
            api=_found(r"API +(http\S+)", said),
            control=_found(r"control +(http\S+)", said),
            setting=_found(r"BROKER_ENDPOINTS='?(\{.*\})'?", said),
        )
    finally:
        process.terminate()
        process.wait(timeout=20)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[1]


def _connected(port: int) -> tuple[int, str]:
    """A new account, logged in at the twin as a browser does it, and an API key for it."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as browser:
        browser.post("/auth/login", data={"username": "bench", "password": PASSWORD})
        csrf = browser.get("/auth/csrf-token").json()["csrf_token"]
        browser.headers["X-CSRFToken"] = csrf
        made = browser.post("/ui/accounts", json={"name": "Kite", "broker": "zerodha"}).json()
        account_id = int(made["data"]["id"])
        app = {"values": {"api_key": _KEY, "api_secret": _SECRET}}
        browser.put(f"/ui/accounts/{account_id}/app", json=app).raise_for_status()
        url = browser.post(f"/ui/accounts/{account_id}/connect", json={}).json()["redirect"]
        while (answer := browser.get(url)).is_redirect:
            url = answer.headers["location"]
            if url.startswith("/?"):
                break
        wanted = {"name": "bench", "account_id": account_id, "scopes": ["read", "trade", "admin"]}
        key = str(browser.post("/ui/api-keys", json=wanted).json()["api_key"])
    _until(lambda: _answer(port, key, "search", query="SBIN", exchange="NSE").status_code == 200)
    return account_id, key


def _session(twin: Twin) -> str:
    """The token of a login of our own."""
    with httpx.Client(base_url=twin.api) as client:
        page = client.get("/connect/login", params={"v": 3, "api_key": _KEY})
        token = httpx.URL(page.headers["location"]).params["request_token"]
        checksum = sha256(f"{_KEY}{token}{_SECRET}".encode()).hexdigest()
        form = {"api_key": _KEY, "request_token": token, "checksum": checksum}
        session = client.post("/session/token", data=form).raise_for_status()
        return str(session.json()["data"]["access_token"])


async def _allow_all(data_dir: Path, account_id: int) -> None:
    """The limits of risk are kept as well, and as little reached."""
    main = Store("main", f"sqlite:///{data_dir / 'openalgo.db'}")
    risk = StoredRisk(main, SystemClock())
    await risk.load()
    limits = RiskLimits(orders_per_second=MANY, max_orders_per_day=MANY)
    await risk.set_limits(account_id, limits, by="bench")
    await main.close()


def _answer(port: int, key: str, endpoint: str, **body: object) -> httpx.Response:
    url = f"http://127.0.0.1:{port}/api/v1/{endpoint}"
    return httpx.post(url, json={"apikey": key, **body}, timeout=20)


def _post(port: int, key: str, endpoint: str, **body: object) -> None:
    _answer(port, key, endpoint, **body).raise_for_status()


def _until(done: Callable[[], bool]) -> None:
    for _ in range(200):
        if done():
            return
        time.sleep(0.1)
    raise RuntimeError("the account does not come up")


if __name__ == "__main__":
    main()
