"""The session at the broker: ended there, begun again, resumed, and none but our own logins."""

from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from tests.support.live_server import Browser, LiveServer, soon
from tests.support.ws_client import WsClient, ws_client

SYMBOLS = ("NSE:AXISBANK", "NSE:KOTAKBANK")
VIEWS = [("NSE", symbol.partition(":")[2], mode) for symbol in SYMBOLS for mode in (1, 2, 3)]


def watch(live: LiveServer, client: WsClient) -> None:
    live.twin.tell("/settings", walking=True)
    for mode in (1, 2, 3):
        client.subscribe(SYMBOLS, mode)
    client.all_of(VIEWS)


def state(live: LiveServer) -> str:
    return str(live.account()["session"]["state"])


def test_clients_stay_through_an_expired_token_and_a_login(
    live: LiveServer, updates: WsClient
) -> None:
    watch(live, updates)
    live.twin.tell("/session/expire")
    soon(lambda: state(live) == "expired", "the end of the session")
    refused = live.post("orderbook")
    assert (refused.status_code, refused.json()["code"]) == (403, "broker_session")
    placing = live.post(
        "placeorder", strategy="x", symbol="AXISBANK", exchange="NSE", action="BUY", quantity=1
    )
    assert (placing.status_code, placing.json()["code"]) == (403, "broker_session")
    assert httpx.get(f"{live.url}/health/live").status_code == 200
    updates.ping()
    live.log_in()
    updates.all_of(VIEWS)
    streamed = [name for name, _ in live.twin.streamed()]
    assert sorted(set(streamed) & set(SYMBOLS)) == sorted(SYMBOLS)
    soon(lambda: len(live.twin.ask("/feed")) == 1, "one connection")
    assert live.ok("orderbook")["status"] == "success"


def test_a_second_login_moves_the_feed_without_a_gap(live: LiveServer, updates: WsClient) -> None:
    watch(live, updates)
    live.log_in()
    updates.all_of(VIEWS)
    soon(lambda: len(live.twin.ask("/feed")) == 1, "one connection")
    streamed = [name for name, _ in live.twin.streamed() if name in SYMBOLS]
    assert sorted(streamed) == sorted(SYMBOLS)


def test_a_restart_resumes_the_session(live: LiveServer) -> None:
    order_id = live.place("INDUSINDBK")
    live.until(order_id, "complete")
    logins = live.twin.ask()["requests"]["session"]
    live.restart()
    assert state(live) == "connected"
    assert live.status(order_id)["order_status"] == "complete"
    with ws_client(live.stream, live.server.api_key) as client:
        watch(live, client)
    assert live.twin.ask()["requests"]["session"] == logins


def test_logging_out_is_told_to_the_broker(live: LiveServer) -> None:
    token = live.twin.token
    assert live.browser.send(f"/ui/accounts/{live.account_id}/disconnect")["told"] is True
    assert state(live) == "disconnected"
    assert live.twin.ask("/session")["access_token"] is None
    assert live.post("funds").status_code == 403
    live.log_in()
    assert live.twin.token != token
    assert live.ok("funds")["status"] == "success"


def test_a_login_the_broker_refuses_leaves_the_session_of_before(live: LiveServer) -> None:
    live.twin.fault(
        *("status", "session"),
        status=403,
        error_type="TokenException",
        message="Token is invalid",
        count=1,
    )
    landed = live.browser.connect(live.account_id)
    assert "Token is invalid" in parse_qs(urlsplit(landed).query)["error"][0]
    assert live.ok("funds")["status"] == "success"


def with_state(address: str, value: str | None) -> str:
    parts = urlsplit(address)
    pairs = [pair for pair in parse_qsl(parts.query) if pair[0] != "state"]
    if value is not None:
        pairs.append(("state", value))
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def code(landed: str) -> str:
    return parse_qs(urlsplit(landed).query).get("code", [""])[0]


@pytest.mark.parametrize("value", [None, "", "made-up"])
def test_a_callback_with_another_state_is_refused(live: LiveServer, value: str | None) -> None:
    logins = live.twin.ask()["requests"]["session"]
    back = with_state(live.browser.begin(live.account_id), value)
    assert code(live.browser.come_back(back)) == "login_not_begun"
    assert live.twin.ask()["requests"]["session"] == logins
    assert state(live) == "connected"


def test_a_callback_is_good_once_and_in_the_browser_that_asked(live: LiveServer) -> None:
    back = live.browser.begin(live.account_id)
    stranger = httpx.get(back)
    assert "connected" not in stranger.headers["location"]
    other = Browser(live.url, live.account_id)
    try:
        assert code(other.come_back(back)) == "login_not_begun"
    finally:
        other.http.close()
    assert "connected" in live.browser.come_back(back)
    assert code(live.browser.come_back(back)) == "login_not_begun"
