"""The pages of the paper exchange, on a running server that trades."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import PASSWORD, Server, serving

ORDER: dict[str, object] = {
    "strategy": "pages",
    "symbol": "SBIN",
    "exchange": "NSE",
    "action": "BUY",
    "quantity": 10,
    "pricetype": "MARKET",
    "product": "MIS",
}


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose settings may change: they hold for all accounts."""
    data_dir: Path = tmp_path_factory.mktemp("pages")
    with serving(data_dir) as running:
        yield running


@pytest.fixture
def browser(own_server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own_server.url) as browser:
        login = {"username": "trader", "password": PASSWORD}
        reply = browser.post("/auth/login", json=login)
        assert reply.status_code == 200, reply.text
        browser.headers["X-CSRFToken"] = reply.json()["csrf_token"]
        yield browser


def get(browser: httpx.Client, path: str) -> Any:
    reply = browser.get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


def update(browser: httpx.Client, key: str, value: object) -> httpx.Response:
    return browser.post("/sandbox/update", json={"config_key": key, "config_value": value})


def test_settings_hold_for_the_next_order_and_a_reset_begins_anew(
    own_server: Server, browser: httpx.Client
) -> None:
    assert update(browser, "equity_mis_leverage", 2).status_code == 200
    own_server.ok("placeorder", **ORDER)
    report = get(browser, "/sandbox/mypnl/api/data")["data"]
    (trade,) = report["trades"]
    blocked = report["summary"]["total_capital"] - report["summary"]["available_balance"]
    assert blocked == pytest.approx(trade["price"] * 10 / 2)
    assert trade["tradeid"] in browser.get("/sandbox/mypnl/export/trades").text

    # Another capital is paid to the account at once, and taken only if it is there.
    assert update(browser, "starting_capital", 5_000_000).status_code == 200
    summary = get(browser, "/sandbox/mypnl/api/data")["data"]["summary"]
    assert summary["total_capital"] == 5_000_000
    assert summary["available_balance"] == pytest.approx(5_000_000 - blocked)

    assert browser.post("/sandbox/reset").status_code == 200
    report = get(browser, "/sandbox/mypnl/api/data")["data"]
    assert (report["trades"], report["positions"]) == ([], [])
    assert report["summary"]["available_balance"] == 10_000_000
    settings = get(browser, "/sandbox/api/configs")["configs"]["leverage"]["configs"]
    assert settings["equity_mis_leverage"]["value"] == "5"


def test_settings_survive_a_restart(own_server: Server, browser: httpx.Client) -> None:
    assert update(browser, "futures_leverage", 7).status_code == 200
    own_server.kill()
    own_server.start()
    settings = get(browser, "/sandbox/api/configs")["configs"]["leverage"]["configs"]
    assert settings["futures_leverage"]["value"] == "7"
    status = get(browser, "/sandbox/squareoff-status")["data"]
    assert status["running"] is True
    assert {"squareoff_NSE_BSE", "t1_settlement"} <= {job["id"] for job in status["jobs"]}
