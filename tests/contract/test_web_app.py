"""A browser on a running server: one session trades, watches the market and hears of both."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.contract.conftest import GENEROUS
from tests.openapi.asyncapi import check_frame
from tests.openapi.calls import ORDER
from tests.support.server import PASSWORD, Server, serving

_SECONDS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: one may log in as often as wanted."""
    logins = {f"LOGIN_RATE_LIMIT_{per}": "100000 per second" for per in ("MIN", "HOUR")}
    with serving(tmp_path_factory.mktemp("web_app"), env={**GENEROUS, **logins}) as running:
        yield running


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as browser:
        reply = browser.post("/auth/login", json={"username": "trader", "password": PASSWORD})
        assert reply.status_code == 200, reply.text
        browser.headers["X-CSRFToken"] = reply.json()["csrf_token"]
        yield browser


def open_socket(
    browser: httpx.Client, server: Server, path: str, *, origin: str | None = None
) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{server.port}{path}",
        origin=Origin(origin or server.url),
        additional_headers={"Cookie": f"session={browser.cookies['session']}"},
    )


def hear(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(socket.recv(timeout=_SECONDS))
    check_frame(frame)
    return frame


def until(socket: ClientConnection, **members: object) -> dict[str, Any]:
    while not members.items() <= (frame := hear(socket)).items():
        pass
    return frame


def order() -> dict[str, object]:
    return {name: value for name, value in ORDER.items() if name != "apikey"}


def test_an_order_of_the_session_is_told_on_its_socket(
    server: Server, browser: httpx.Client
) -> None:
    made = browser.post("/ui/accounts", json={"name": "Browser", "broker": "simulator"}).json()
    account = made["data"]["id"]
    with open_socket(browser, server, f"/ws/events?account={account}") as events:
        hello = hear(events)
        assert (hello["type"], hello["user"], hello["account"]) == ("hello", "trader", account)
        placed = browser.post(
            "/ui/v1/placeorder", json=order(), headers={"X-Account": str(account)}
        )
        assert placed.status_code == 200, placed.text
        told = until(events, event="trade_event", account=account)
        assert told["data"]["orderid"] == placed.json()["orderid"]
        position = until(events, event="position_event", account=account)
        assert position["data"]["quantity"] == ORDER["quantity"]
        last = until(events, event="books_changed", account=account)
        book = browser.post("/ui/v1/orderbook", headers={"X-Account": str(account)}).json()
        assert [row["orderid"] for row in book["data"]["orders"]] == [placed.json()["orderid"]]
        thrown = browser.post("/ui/risk/kill", headers={"X-Account": str(account)})
        assert thrown.status_code == 200
        assert until(events, event="kill_switch", account=account)["data"]["thrown"]
        marked = until(events, event="account_marked", account=account)["data"]
        assert [row["quantity"] for row in marked["positions"]] == [ORDER["quantity"]]
    with open_socket(browser, server, "/ws/events") as events:
        hear(events)
        events.send(json.dumps({"action": "resume", "last_seq": last["seq"]}))
        answer = until(events, type="resume")
        assert answer["complete"]
        # The call itself is told once it is answered.
        assert [hear(events)["event"] for _ in range(2)] == ["analyzer_update", "kill_switch"]


def test_gtts_and_resets_are_told(server: Server, browser: httpx.Client) -> None:
    made = browser.post("/ui/accounts", json={"name": "GTT", "broker": "simulator"}).json()
    account = made["data"]["id"]
    headers = {"X-Account": str(account)}
    quote = browser.post("/ui/v1/quotes", json={"symbol": "SBIN", "exchange": "NSE"}).json()
    far = round(quote["data"]["ltp"] * 0.9)
    gtt = {
        **order(),
        "pricetype": "LIMIT",
        "trigger_type": "SINGLE",
        "product": "CNC",
        "triggerprice_sl": far,
        "price": far,
    }
    with open_socket(browser, server, "/ws/events") as events:
        placed = browser.post("/ui/v1/placegttorder", json=gtt, headers=headers)
        assert placed.status_code == 200, placed.text
        told = until(events, event="gtt_event", account=account)["data"]
        assert (told["event"], told["trigger_id"]) == ("placed", placed.json()["trigger_id"])
        resting = browser.post(
            "/ui/v1/placeorder",
            json={**order(), "pricetype": "LIMIT", "price": far},
            headers=headers,
        ).json()["orderid"]
        told = until(events, event="order_update", account=account)["data"]
        assert (told["orderid"], told["order_status"]) == (resting, "open")
        assert browser.post("/sandbox/reset", headers=headers).status_code == 200
        told = until(events, event="order_update", account=account)["data"]
        assert (told["orderid"], told["order_status"]) == (resting, "cancelled")
        while "holdings" not in until(events, event="books_changed")["data"]["books"]:
            pass


def test_the_session_opens_the_market_and_logging_out_closes_everything(
    server: Server, browser: httpx.Client
) -> None:
    with (
        open_socket(browser, server, "/ws") as market,
        open_socket(browser, server, "/ws/events") as events,
    ):
        market.send(json.dumps({"action": "authenticate"}))
        assert until(market, type="auth")["status"] == "success"
        market.send(json.dumps({"action": "subscribe", "symbol": "SBIN", "exchange": "NSE"}))
        assert until(market, type="market_data")["symbol"] == "SBIN"
        assert browser.post("/auth/logout").status_code == 200
        assert until(events, type="event", event="force_logout")
        for socket in (events, market):
            with suppress(ConnectionClosedError):
                for _ in socket:
                    pass
            assert socket.close_code == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_somebody_else_opens_nothing(
    server: Server, browser: httpx.Client, origin: str
) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        open_socket(browser, server, "/ws/events", origin=origin),
    ):
        pass
    assert refused.value.response.status_code == 403
    with open_socket(browser, server, "/ws", origin=origin) as market:
        market.send(json.dumps({"action": "authenticate"}))
        assert until(market, type="auth")["status"] == "error"


def test_without_a_build_the_first_page_says_so(server: Server) -> None:
    reply = httpx.get(server.url, headers={"Accept": "text/html"})
    assert reply.status_code == 200
    assert "There is no web app here" in reply.text
    assert "script-src 'self'" in reply.headers["content-security-policy"]
