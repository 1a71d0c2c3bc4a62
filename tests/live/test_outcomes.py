"""Orders whose answer does not come, and orders that wait for approval, on a live account."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.live_server import LiveServer, soon
from tests.support.ws_client import WsClient

ORDER = {"strategy": "live", "exchange": "NSE", "action": "BUY", "quantity": 1, "product": "MIS"}


@pytest.mark.parametrize(("fault", "symbol"), [("reset_after", "ADANIENT"), ("error_after", "UPL")])
def test_an_order_without_an_answer_is_found_at_the_broker(
    live: LiveServer, updates: WsClient, fault: str, symbol: str
) -> None:
    live.twin.fault(fault, "orders.place", count=1, status=502)
    order = {**ORDER, "symbol": symbol, "client_order_id": f"lost-{symbol}"}
    lost = live.post("placeorder", **order)
    assert (lost.status_code, lost.json()["code"]) == (504, "order_outcome_unknown")
    (held,) = [row for row in live.twin.ask("/book") if row["tradingsymbol"] == symbol]
    assert held["tag"] == lost.json()["reference"]
    updates.order(held["order_id"], "complete")

    def repeated() -> Any:
        reply = live.post("placeorder", **order)
        return reply.json() if reply.status_code == 200 else None

    assert soon(repeated, "the order under its client id")["orderid"] == held["order_id"]
    row = live.status(lost.json()["reference"])
    assert (row["orderid"], row["order_status"]) == (held["order_id"], "complete")
    assert len([row for row in live.twin.ask("/book") if row["tradingsymbol"] == symbol]) == 1


@pytest.mark.parametrize(
    ("endpoint", "order"),
    [
        ("splitorder", {**ORDER, "symbol": "GRASIM", "quantity": 2, "splitsize": 1}),
        ("basketorder", {"orders": [ORDER | {"symbol": "EICHERMOT"}, ORDER | {"symbol": "BPCL"}]}),
    ],
)
def test_one_of_many_without_an_answer_goes_by_its_reference(
    live: LiveServer, endpoint: str, order: dict[str, Any]
) -> None:
    live.twin.fault("error_after", "orders.place", count=1, status=502)
    order = {"strategy": "live", **order, "client_order_id": f"many-{endpoint}"}
    rows = live.ok(endpoint, **order)["results"]
    (lost,) = [row for row in rows if row["status"] == "error"]
    (held,) = [row for row in live.twin.ask("/book") if row["tag"] == lost["reference"]]

    def repeated() -> Any:
        rows = live.ok(endpoint, **order)["results"]
        return all(row["status"] == "success" for row in rows) and rows

    found = {row["orderid"] for row in soon(repeated, "the orders under their client id")}
    assert held["order_id"] in found
    assert len(found) == 2


def test_nobody_is_told_that_an_order_failed_which_may_stand(live: LiveServer) -> None:
    """A smart order, and parts of one, none of which was answered."""
    smart = {**ORDER, "symbol": "CIPLA", "position_size": 1}
    live.twin.fault("error_after", "orders.place", count=1, status=502)
    lost = live.post("placesmartorder", **smart)
    assert (lost.status_code, lost.json()["code"]) == (504, "order_outcome_unknown")
    assert lost.json()["reference"] in {row["tag"] for row in live.twin.ask("/book")}
    live.twin.fault("error_after", "orders.place", count=2, status=502)
    parts = {**ORDER, "symbol": "HEROMOTOCO", "quantity": 2, "splitsize": 1}
    reply = live.post("splitorder", **parts)
    assert (reply.status_code, reply.json()["code"]) == (200, "order_outcome_unknown")
    assert reply.json()["message"].startswith("Outcome unknown of 2 of 2 orders: Zerodha")
    references = {row["reference"] for row in reply.json()["results"]}
    assert len(references & {row["tag"] for row in live.twin.ask("/book")}) == 2


def test_an_order_that_never_left_is_sent_by_the_repeat(live: LiveServer) -> None:
    order = {**ORDER, "symbol": "SHREECEM", "client_order_id": "again"}
    live.twin.fault("status", "orders.place", count=1, status=429, error_type="NetworkException")
    assert live.post("placeorder", **order).json()["code"] == "broker_rate_limited"
    order_id = live.ok("placeorder", **order)["orderid"]
    assert live.ok("placeorder", **order)["orderid"] == order_id


@pytest.fixture
def semi_auto(live: LiveServer) -> Iterator[LiveServer]:
    """Orders of the account wait for approval."""
    live.browser.send("/apikey/mode", mode="semi_auto")
    yield live
    live.browser.send("/apikey/mode", mode="auto")


def test_an_approved_order_goes_to_the_broker(semi_auto: LiveServer, updates: WsClient) -> None:
    live = semi_auto
    queued = live.ok("placeorder", **ORDER, symbol="DIVISLAB")
    pending = queued["pending_order_id"]
    assert "DIVISLAB" not in {row["tradingsymbol"] for row in live.twin.ask("/book")}
    refused = live.post("cancelallorder", strategy="live")
    assert refused.status_code == 403, refused.text
    (waiting,) = live.browser.get("/action-center/api/data")["data"]["orders"]
    assert waiting["id"] == pending
    approved = live.browser.send(f"/action-center/approve/{pending}")
    order_id = approved["broker_order_id"]
    updates.order(order_id, "complete")
    assert live.ok("pendingorder", pending_order_id=pending)["data"]["orderids"] == [order_id]


def test_an_approved_order_without_an_answer_ends_as_the_broker_holds_it(
    semi_auto: LiveServer, updates: WsClient
) -> None:
    live = semi_auto
    pending = live.ok("placeorder", **ORDER, symbol="HINDALCO")["pending_order_id"]
    live.twin.fault("reset_after", "orders.place", count=1)
    reply = live.browser.http.post(f"/action-center/approve/{pending}", json={})
    assert reply.status_code == 504, reply.text

    def state() -> Any:
        row = live.ok("pendingorder", pending_order_id=pending)["data"]
        return row["orderids"] and row

    (held,) = [row for row in live.twin.ask("/book") if row["tradingsymbol"] == "HINDALCO"]
    assert soon(state, "the approved order")["orderids"] == [held["order_id"]]
