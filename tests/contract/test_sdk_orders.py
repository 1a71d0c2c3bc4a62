"""The published SDK places many orders at once, and takes them back."""

from typing import Any

from tests.support.sdk import Sdk

SBIN = {"symbol": "SBIN", "exchange": "NSE", "product": "MIS"}


def held(client: Sdk, **about: str) -> object:
    return client.openposition(**{**SBIN, **about})["quantity"]


def limits(client: Sdk) -> list[str]:
    """Three orders far below the market."""
    return [
        client.placeorder(
            strategy=name, action="BUY", quantity=1, price_type="LIMIT", price="10", **SBIN
        )["orderid"]
        for name in ("one", "one", "two")
    ]


def test_smart_orders_follow_their_target(client: Sdk) -> None:
    def target(size: int, quantity: int = 0) -> Any:
        return client.placesmartorder(action="BUY", quantity=quantity, position_size=size, **SBIN)

    flat = target(0)
    assert flat["message"] == "No OpenPosition Found. Not placing Exit order."
    assert "orderid" not in flat
    for size in (100, -50, 0):
        assert target(size)["status"] == "success"
        assert held(client) == size
    assert target(0, quantity=30)["status"] == "success"
    assert held(client) == 30
    matched = target(30, quantity=30)
    assert matched["message"] == "Positions Already Matched. No Action needed."


def test_a_basket_buys_first_and_reports_every_order(client: Sdk) -> None:
    reply = client.basketorder(
        orders=[
            {"symbol": "SBIN", "exchange": "NSE", "action": "SELL", "quantity": 5},
            {"symbol": "RELIANCE", "exchange": "NSE", "action": "BUY", "quantity": 3},
            {"symbol": "NOPE", "exchange": "NSE", "action": "BUY", "quantity": 1},
        ]
    )
    assert (reply["status"], reply["mode"]) == ("success", "analyze")
    assert [row["status"] for row in reply["results"]] == ["success", "success", "error"]
    assert reply["summary"] == {"total": 3, "success": 2, "failed": 1}
    sold, bought = client.tradebook()["data"]
    assert (sold["action"], bought["action"]) == ("SELL", "BUY")
    assert sold["orderid"] == reply["results"][0]["orderid"]


def test_a_basket_that_fails_whole_gives_the_sdk_a_reason(client: Sdk) -> None:
    reply = client.basketorder(
        orders=[{"symbol": "NOPE", "exchange": "NSE", "action": "BUY", "quantity": 1}]
    )
    assert (reply["status"], reply["error_type"]) == ("error", "api_error")
    assert reply["message"] == "All 1 orders failed: Symbol NOPE not found on NSE"


def test_a_split_is_placed_in_parts_and_once(client: Sdk) -> None:
    def split() -> Any:
        return client.splitorder(
            action="BUY", quantity=105, splitsize=20, client_order_id="iceberg", **SBIN
        )

    first = split()
    assert [row["quantity"] for row in first["results"]] == [20, 20, 20, 20, 20, 5]
    assert (first["total_quantity"], first["split_size"]) == (105, 20)
    assert split() == first
    assert held(client) == 105


def test_orders_of_one_strategy_are_cancelled_then_all(client: Sdk) -> None:
    first, second, third = limits(client)
    some = client.cancelallorder(strategy="one", strategy_only=True)
    assert sorted(some["canceled_orders"]) == sorted([first, second])
    rest = client.cancelallorder(strategy="one")
    assert rest["canceled_orders"] == [third]
    assert rest["message"] == "Canceled 1 orders. Failed to cancel 0 orders."
    assert client.cancelallorder()["message"] == "No open orders to cancel"
    assert client.funds()["data"]["utiliseddebits"] == 0


def test_positions_are_closed_and_exits_at_work_with_them(client: Sdk) -> None:
    client.placeorder(action="BUY", quantity=10, **SBIN)
    client.placeorder(action="SELL", quantity=4, **{**SBIN, "symbol": "RELIANCE"})
    waiting = client.placeorder(
        action="SELL", quantity=10, price_type="LIMIT", price="99999", **SBIN
    )["orderid"]
    closed = client.closeposition()
    assert closed["message"] == "All Open Positions Squared Off"
    assert (closed["closed_positions"], closed["failed_closures"]) == (2, 0)
    assert (held(client), held(client, symbol="RELIANCE")) == (0, 0)
    assert client.orderstatus(order_id=waiting)["data"]["order_status"] == "cancelled"
    assert client.closeposition()["message"] == "No open positions to close"
    named = client.closeposition(symbol="SBIN", exchange="NSE", product="MIS")
    assert named["code"] == 404
    assert "No open position found for SBIN" in named["message"]
