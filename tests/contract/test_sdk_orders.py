"""Every order method of the published SDK that is more than one plain order."""

from typing import Any

import pytest

from tests.support.sdk import Sdk

SBIN: dict[str, Any] = {"strategy": "sdk", "symbol": "SBIN", "exchange": "NSE", "product": "MIS"}


def position(client: Sdk, symbol: str = "SBIN") -> float:
    answer = client.openposition(**{**SBIN, "symbol": symbol})
    assert answer["status"] == "success"
    assert answer["mode"] == "analyze"
    return float(answer["quantity"])


def price(client: Sdk, symbol: str = "SBIN") -> float:
    return float(client.quotes(symbol=symbol, exchange="NSE")["data"]["ltp"])


def smart(client: Sdk, action: str, quantity: int, target: int) -> Any:
    return client.placesmartorder(**SBIN, action=action, quantity=quantity, position_size=target)


def rest(client: Sdk, quantity: int = 10, **changes: Any) -> str:
    """The id of a BUY far below the market."""
    order = {**SBIN, "action": "BUY", "price_type": "LIMIT", "price": "10", "quantity": quantity}
    placed = client.placeorder(**{**order, **changes})
    assert placed["status"] == "success", placed
    return str(placed["orderid"])


def status(client: Sdk, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.orderstatus(order_id=order_id, strategy="sdk")["data"]
    return found


def test_smart_orders_reach_their_target_whatever_their_side(client: Sdk) -> None:
    assert smart(client, "BUY", 7, 0)["status"] == "success"
    assert position(client) == 7
    for target in (20, -5, 5, 0):
        answer = smart(client, "BUY", 1, target)
        assert answer["status"] == "success"
        assert isinstance(answer["orderid"], str)
        assert position(client) == target
    matched = smart(client, "SELL", 0, 0)
    assert "orderid" not in matched
    assert matched["message"] == "No OpenPosition Found. Not placing Exit order."
    smart(client, "BUY", 5, 5)
    again = smart(client, "BUY", 5, 5)
    assert again["message"] == "Positions Already Matched. No Action needed."
    assert "orderid" not in again


def test_a_smart_limit_order_rests_and_is_not_sent_twice(client: Sdk) -> None:
    limit = {**SBIN, "action": "BUY", "quantity": 10, "position_size": 10}
    first = client.placesmartorder(**limit, price_type="LIMIT", price="10")
    assert status(client, first["orderid"])["order_status"] == "open"
    assert "orderid" not in client.placesmartorder(**limit, price_type="LIMIT", price="10")
    assert len(client.orderbook()["data"]["orders"]) == 1


def test_a_basket_buys_first_and_answers_in_the_order_asked(client: Sdk) -> None:
    legs = [
        {"symbol": "SBIN", "exchange": "NSE", "action": "SELL", "quantity": 3, "product": "MIS"},
        {"symbol": "INFY", "exchange": "NSE", "action": "BUY", "quantity": 2, "product": "MIS"},
        {"symbol": "NOPE", "exchange": "NSE", "action": "BUY", "quantity": 1, "product": "MIS"},
    ]
    answer = client.basketorder(strategy="sdk", orders=legs)
    assert answer["status"] == "success"
    assert [row["symbol"] for row in answer["results"]] == ["SBIN", "INFY", "NOPE"]
    assert [row["status"] for row in answer["results"]] == ["success", "success", "error"]
    assert "NOPE" in answer["results"][2]["message"]
    assert answer["summary"] == {"total": 3, "success": 2, "failed": 1}
    sold, bought = client.tradebook()["data"]
    assert (sold["symbol"], bought["symbol"]) == ("SBIN", "INFY")


def test_a_basket_of_which_nothing_can_be_placed_says_why(client: Sdk) -> None:
    leg = {"symbol": "NOPE", "exchange": "NSE", "action": "BUY", "quantity": 1, "product": "MIS"}
    answer = client.basketorder(strategy="sdk", orders=[leg, leg])
    assert answer["status"] == "error"
    assert answer["message"].startswith("All 2 orders failed: ")


def test_a_split_sends_parts_and_the_remainder(client: Sdk) -> None:
    answer = client.splitorder(**SBIN, action="BUY", quantity=105, splitsize=20)
    assert (answer["total_quantity"], answer["split_size"]) == (105, 20)
    assert [row["quantity"] for row in answer["results"]] == [20, 20, 20, 20, 20, 5]
    assert [row["order_num"] for row in answer["results"]] == [1, 2, 3, 4, 5, 6]
    assert {row["status"] for row in answer["results"]} == {"success"}
    assert position(client) == 105
    refused = client.splitorder(**SBIN, action="BUY", quantity=105, splitsize=1)
    assert refused["code"] == 400
    assert "Total number of orders would exceed maximum limit of 100" in refused["message"]


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


def test_all_positions_are_closed(client: Sdk) -> None:
    client.placeorder(**SBIN, action="BUY", quantity=4)
    client.placeorder(**{**SBIN, "symbol": "INFY"}, action="SELL", quantity=2)
    exit_order = rest(client, action="SELL", price="100000", quantity=4)
    answer = client.closeposition(strategy="sdk")
    assert answer["status"] == "success"
    assert answer["message"] == "All Open Positions Squared Off"
    assert (answer["closed_positions"], answer["failed_closures"]) == (2, 0)
    assert position(client) == position(client, "INFY") == 0
    assert status(client, exit_order)["order_status"] == "cancelled"
    assert client.closeposition(strategy="sdk")["status"] == "success"


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
