"""What happens at the broker without being asked for here, and how orders end there."""

from tests.support.live_server import LiveServer
from tests.support.ws_client import WsClient


def test_an_order_of_the_brokers_own_app_is_told_and_stands_in_the_book(
    live: LiveServer, updates: WsClient
) -> None:
    live.twin.price("NSE:CIPLA", 1400.0)
    order_id = live.twin.place("CIPLA", price="1390", tag="byhand")
    told = updates.order(order_id, "open")
    assert (told["mode"], told["symbol"], told["price"]) == ("live", "CIPLA", 1390.0)
    assert told["strategy"] == "byhand"
    book = live.ok("orderbook")["data"]["orders"]
    assert order_id in [row["orderid"] for row in book]
    live.twin.cancel(order_id)
    updates.order(order_id, "cancelled")
    assert live.status(order_id)["order_status"] == "cancelled"


def test_an_order_of_the_app_can_be_changed_and_cancelled_here(
    live: LiveServer, updates: WsClient
) -> None:
    live.twin.price("NSE:DRREDDY", 6000.0)
    order_id = live.twin.place("DRREDDY", price="5900")
    updates.order(order_id, "open")
    live.ok(
        "modifyorder",
        strategy="live",
        orderid=order_id,
        symbol="DRREDDY",
        exchange="NSE",
        action="BUY",
        product="MIS",
        pricetype="LIMIT",
        price=5910,
        quantity=1,
    )
    assert updates.order(order_id, "open", price=5910.0)["pending_quantity"] == 1
    live.ok("cancelorder", strategy="live", orderid=order_id)
    updates.order(order_id, "cancelled")


def test_fills_are_told_part_by_part(live: LiveServer, updates: WsClient) -> None:
    live.twin.price("NSE:HEROMOTOCO", 4500.0)
    live.twin.fault("partial", "orders.place", first_part=0.4, count=1)
    order_id = live.place("HEROMOTOCO", quantity=10)
    part = updates.order(order_id, "open", filled_quantity=4)
    assert (part["pending_quantity"], part["average_price"]) == (6, 4500.0)
    assert live.status(order_id)["filled_quantity"] == 4
    live.twin.tell(f"/orders/{order_id}/fill", quantity=1, price="4510")
    assert updates.order(order_id, "open", filled_quantity=5)["average_price"] == 4502.0
    live.twin.tell(f"/orders/{order_id}/fill", price="4520")
    whole = updates.order(order_id, "complete")
    assert (whole["filled_quantity"], whole["average_price"]) == (10, 4511.0)
    trades = [row for row in live.ok("tradebook")["data"] if row["orderid"] == order_id]
    assert [row["quantity"] for row in trades] == [5, 1, 4]


def test_a_rejection_after_the_order_was_taken_is_told_with_its_reason(
    live: LiveServer, updates: WsClient
) -> None:
    why = "17070 : The Price is out of the LPP range"
    live.twin.fault("reject", "orders.place", delay_ms=50, message=why, count=1)
    order_id = live.place("EICHERMOT", pricetype="LIMIT", price=4000)
    assert updates.order(order_id, "rejected")["rejection_reason"] == why
    row = live.status(order_id)
    assert (row["order_status"], row["rejection_reason"]) == ("rejected", why)


def test_a_refusal_is_answered_in_the_brokers_words(live: LiveServer) -> None:
    live.twin.fault(
        *("status", "orders.place"),
        status=400,
        error_type="InputException",
        message="Markets are closed",
        count=1,
    )
    refused = live.post(
        "placeorder", strategy="live", symbol="GRASIM", exchange="NSE", action="BUY", quantity=1
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "broker_rejected")
    assert "Markets are closed" in refused.json()["message"]
