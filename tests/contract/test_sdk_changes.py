"""The published SDK changes orders, waits with them, and trades options."""

from typing import Any

import pytest

from tests.support.sdk import Sdk

SBIN: dict[str, Any] = {"strategy": "sdk", "symbol": "SBIN", "exchange": "NSE", "product": "MIS"}


def price(client: Sdk, symbol: str = "SBIN") -> float:
    return float(client.quotes(symbol=symbol, exchange="NSE")["data"]["ltp"])


def rest(client: Sdk, quantity: int = 10, **changes: Any) -> str:
    """The id of a BUY far below the market."""
    order = {**SBIN, "action": "BUY", "price_type": "LIMIT", "price": "10", "quantity": quantity}
    placed = client.placeorder(**{**order, **changes})
    assert placed["status"] == "success", placed
    return str(placed["orderid"])


def status(client: Sdk, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.orderstatus(order_id=order_id, strategy="sdk")["data"]
    return found


def test_a_smart_limit_order_rests_and_is_not_sent_twice(client: Sdk) -> None:
    limit = {**SBIN, "action": "BUY", "quantity": 10, "position_size": 10}
    first = client.placesmartorder(**limit, price_type="LIMIT", price="10")
    assert status(client, first["orderid"])["order_status"] == "open"
    assert "orderid" not in client.placesmartorder(**limit, price_type="LIMIT", price="10")
    assert len(client.orderbook()["data"]["orders"]) == 1


def test_an_order_is_modified_in_place(client: Sdk) -> None:
    order_id = rest(client)
    changed = client.modifyorder(
        order_id=order_id, **SBIN, action="BUY", price_type="LIMIT", quantity=20, price="11"
    )
    assert changed == {
        "status": "success",
        "orderid": order_id,
        "message": "Order modified successfully",
        "mode": "analyze",
    }
    row = status(client, order_id)
    assert (row["quantity"], row["price"], row["order_status"]) == (20, 11, "open")
    assert client.funds()["data"]["utiliseddebits"] == 20 * 11 / 5


def test_a_modification_to_a_price_in_the_market_fills_at_once(client: Sdk) -> None:
    order_id = rest(client)
    above = f"{price(client) * 1.05:.0f}"
    client.modifyorder(
        order_id=order_id, **SBIN, action="BUY", price_type="LIMIT", quantity=10, price=above
    )
    assert status(client, order_id)["order_status"] == "complete"


def test_stop_orders_wait_for_their_trigger(client: Sdk) -> None:
    above = price(client) * 1.1
    stop = rest(
        client, price_type="SL", trigger_price=f"{above:.0f}", price=f"{above + 1:.0f}", quantity=1
    )
    market = rest(client, price_type="SL-M", trigger_price=f"{above:.0f}", price="0", quantity=1)
    assert status(client, stop)["order_status"] == "trigger pending"
    assert status(client, market)["order_status"] == "trigger pending"
    counts = client.orderbook()["data"]["statistics"]
    assert counts["total_trigger_pending_orders"] == 2


def test_everything_that_works_is_cancelled_stops_too(client: Sdk) -> None:
    stop = rest(client, price_type="SL-M", trigger_price=f"{price(client) * 1.1:.0f}", price="0")
    limit = rest(client)
    client.placeorder(**SBIN, action="BUY", quantity=1)
    answer = client.cancelallorder(strategy="sdk")
    assert sorted(answer["canceled_orders"]) == sorted([stop, limit])
    assert answer["failed_cancellations"] == []
    assert answer["message"] == "Canceled 2 orders. Failed to cancel 0 orders."
    nothing = client.cancelallorder(strategy="sdk")
    assert nothing["message"] == "No open orders to cancel"


def test_an_option_is_found_by_its_distance_from_the_money(client: Sdk) -> None:
    expiry = client.expiry(symbol="NIFTY", exchange="NFO", instrumenttype="options")["data"][0]
    answer = client.optionsorder(
        strategy="sdk",
        underlying="NIFTY",
        exchange="NSE_INDEX",
        expiry_date=expiry.replace("-", ""),
        offset="OTM2",
        option_type="CE",
        action="BUY",
        quantity=65,
        product="NRML",
    )
    assert answer["status"] == "success", answer
    assert answer["symbol"].startswith("NIFTY" + expiry.replace("-", ""))
    assert (answer["exchange"], answer["option_type"], answer["offset"]) == ("NFO", "CE", "OTM2")
    assert status(client, answer["orderid"])["symbol"] == answer["symbol"]


def test_an_iron_condor_buys_before_it_sells(client: Sdk) -> None:
    expiry = client.expiry(symbol="NIFTY", exchange="NFO", instrumenttype="options")["data"][0]
    legs = [
        {"offset": "OTM2", "option_type": "CE", "action": "SELL", "quantity": 65},
        {"offset": "OTM4", "option_type": "CE", "action": "BUY", "quantity": 65},
        {"offset": "OTM2", "option_type": "PE", "action": "SELL", "quantity": 65},
        {"offset": "OTM4", "option_type": "PE", "action": "BUY", "quantity": 65},
    ]
    answer = client.optionsmultiorder(
        strategy="sdk",
        underlying="NIFTY",
        exchange="NSE_INDEX",
        expiry_date=expiry.replace("-", ""),
        legs=legs,
    )
    assert answer["status"] == "success", answer
    assert [row["leg"] for row in answer["results"]] == [1, 2, 3, 4]
    assert {row["status"] for row in answer["results"]} == {"success"}
    sides = [trade["action"] for trade in reversed(client.tradebook()["data"])]
    assert sides == ["BUY", "BUY", "SELL", "SELL"]


def test_holdings_are_empty_before_anything_has_settled(client: Sdk) -> None:
    assert client.holdings()["data"] == {
        "holdings": [],
        "statistics": {
            "totalholdingvalue": 0,
            "totalinvvalue": 0,
            "totalprofitandloss": 0,
            "totalpnlpercentage": 0,
        },
    }


@pytest.mark.parametrize(
    ("method", "arguments", "code", "text"),
    [
        (
            "modifyorder",
            {"order_id": "1", "action": "BUY", "quantity": 1, "price": 1},
            404,
            "Order 1",
        ),
        ("cancelorder", {"order_id": "1"}, 404, "Order 1 not found"),
        ("orderstatus", {"order_id": "1"}, 404, "Order 1 not found"),
        ("basketorder", {"orders": []}, 400, "orders"),
        ("closeposition", {"symbol": "SBIN"}, 404, "No open position found for SBIN"),
    ],
)
def test_refusals_say_why(
    client: Sdk, method: str, arguments: dict[str, Any], code: int, text: str
) -> None:
    terms = SBIN if method == "modifyorder" else {"strategy": "sdk"}
    refused = getattr(client, method)(**{**terms, **arguments})
    assert refused["status"] == "error"
    assert refused["code"] == code
    assert text in refused["message"]
