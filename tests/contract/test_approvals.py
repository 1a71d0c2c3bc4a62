"""From a signal to a fill by way of the owner, on a running server."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from openalgo.config import load_settings
from openalgo.persistence.main import accounts
from openalgo.persistence.stores import Store
from tests.support.server import PASSWORD, Server, init


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Its account rehearses approvals on paper."""
    server = Server(data_dir=tmp_path, api_key=init(tmp_path))
    asyncio.run(rehearse(tmp_path))
    server.start()
    yield server
    server.stop()


async def rehearse(data_dir: Path) -> None:
    settings = load_settings({"OPENALGO_DATA_DIR": data_dir})
    store = Store("main", settings.database_url.get_secret_value())
    async with store.write() as tx:
        [account] = await accounts.every(tx)
        await accounts.set_order_mode(tx, account.id, "semi_auto")
        await accounts.set_rehearse_approvals(tx, account.id, True)
    await store.close()


def log_in(browser: httpx.Client) -> None:
    reply = browser.post("/auth/login", json={"username": "trader", "password": PASSWORD})
    browser.headers["X-CSRFToken"] = reply.json()["csrf_token"]


def state(server: Server, pending_id: object) -> dict[str, Any]:
    data = server.ok("pendingorder", pending_order_id=pending_id)["data"]
    assert isinstance(data, dict)
    return data


def test_a_signal_waits_is_approved_and_fills(server: Server) -> None:
    order = {"strategy": "s", "symbol": "SBIN", "exchange": "NSE", "action": "BUY", "quantity": 1}
    queued = server.ok("placeorder", **order)
    assert "orderid" not in queued
    pending_id = queued["pending_order_id"]
    assert queued == {
        "status": "success",
        "message": "Order queued for approval in Action Center",
        "mode": "semi_auto",
        "pending_order_id": pending_id,
    }
    assert server.ok("orderbook")["data"]["orders"] == []  # type: ignore[index]
    assert server.post("analyzer/toggle", mode=False).json()["code"] == "blocked_in_semi_auto"
    with httpx.Client(base_url=server.url, timeout=20) as browser:
        log_in(browser)
        assert browser.get("/action-center/count").json() == {"count": 1}
        reply = browser.post(f"/action-center/approve/{pending_id}")
        assert (reply.status_code, reply.json()["status"]) == (200, "success"), reply.text
        order_id = reply.json()["broker_order_id"]
        assert browser.post(f"/action-center/approve/{pending_id}").status_code == 409
    status = server.ok("orderstatus", strategy="s", orderid=order_id)["data"]
    assert isinstance(status, dict)
    assert status["order_status"] == "complete"
    until_filled(server, pending_id)
    assert state(server, pending_id)["orderids"] == [order_id]


def until_filled(server: Server, pending_id: object) -> None:
    """The follower comes by a moment after the answer."""
    until = time.monotonic() + 20
    while state(server, pending_id)["state"] != "filled":
        assert time.monotonic() < until
        time.sleep(0.02)
