"""The published SDK trades against a running server."""

from decimal import Decimal

import pytest

from tests.support.sdk import Sdk
from tests.support.server import Server


def place(client: Sdk, **changes: object) -> dict[str, object]:
    order = {
        "strategy": "sdk",
        "symbol": "SBIN",
        "exchange": "NSE",
        "action": "BUY",
        "price_type": "MARKET",
        "product": "MIS",
        "quantity": 10,
    }
    answer: dict[str, object] = client.placeorder(**{**order, **changes})
    return answer


def test_a_market_order_fills_and_shows_in_every_book(client: Sdk) -> None:
    placed = place(client)
    assert placed["status"] == "success"
    assert placed["mode"] == "analyze"
    order_id = placed["orderid"]
    assert isinstance(order_id, str)
    assert len(order_id) == 14

    status = client.orderstatus(order_id=order_id, strategy="sdk")["data"]
    assert status["order_status"] == "complete"
    assert status["pricetype"] == status["price_type"] == "MARKET"
    assert (status["filled_quantity"], status["pending_quantity"]) == (10, 0)
    assert status["average_price"] > 0

    (order,) = client.orderbook()["data"]["orders"]
    assert order["orderid"] == order_id
    assert order["order_status"] == "complete"
    statistics = client.orderbook()["data"]["statistics"]
    assert (statistics["total_buy_orders"], statistics["total_completed_orders"]) == (1, 1)

    (trade,) = client.tradebook()["data"]
    assert (trade["orderid"], trade["quantity"]) == (order_id, 10)
    assert trade["trade_value"] == pytest.approx(trade["average_price"] * 10)

    (position,) = client.positionbook()["data"]
    assert (position["symbol"], position["quantity"]) == ("SBIN", 10)
    assert position["average_price"] == pytest.approx(trade["average_price"])

    funds = client.funds()["data"]
    blocked = Decimal(str(trade["trade_value"])) / 5
    assert Decimal(str(funds["utiliseddebits"])) == pytest.approx(blocked, abs=Decimal("0.01"))
    assert funds["availablecash"] + funds["utiliseddebits"] == pytest.approx(10_000_000)


def test_a_limit_order_rests_and_can_be_cancelled_once(client: Sdk) -> None:
    placed = place(client, price_type="LIMIT", price="10")
    order_id = placed["orderid"]
    assert client.orderstatus(order_id=order_id)["data"]["order_status"] == "open"
    assert client.funds()["data"]["utiliseddebits"] == 20
    cancelled = client.cancelorder(order_id=order_id, strategy="sdk")
    assert (cancelled["status"], cancelled["orderid"]) == ("success", order_id)
    assert client.funds()["data"]["utiliseddebits"] == 0
    again = client.cancelorder(order_id=order_id, strategy="sdk")
    assert again["status"] == "error"
    assert again["code"] == 400
    assert "Cannot cancel order in cancelled status" in again["message"]


def test_buying_and_selling_realises_what_the_trades_say(client: Sdk) -> None:
    place(client, quantity=5)
    place(client, action="SELL", quantity=5)
    sold, bought = client.tradebook()["data"]
    gain = (sold["average_price"] - bought["average_price"]) * 5
    funds = client.funds()["data"]
    assert funds["m2mrealized"] == pytest.approx(gain)
    assert funds["utiliseddebits"] == 0


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"symbol": "NOPE"}, 400, "Symbol NOPE not found on NSE"),
        ({"symbol": "NIFTY", "exchange": "NSE_INDEX"}, 400, "Index instruments are not tradable"),
        ({"quantity": 0}, 400, "Quantity must be a positive number."),
        ({"quantity": 1.5}, 400, "Fractional quantity (1.5) is not allowed"),
        ({"product": "NRML"}, 400, "NRML"),
        ({"price_type": "LIMIT"}, 400, "LIMIT orders require price"),
        ({"action": "HOLD"}, 400, "action"),
        ({"quantity": 10_000_000}, 400, "Insufficient funds. Required: ₹"),
        ({"action": "SELL", "product": "CNC"}, 400, "No positions or holdings available"),
        ({"price_type": "SL", "price": "1", "trigger_price": "2"}, 400, "at or above its trigger"),
    ],
)
def test_refusals_say_why(client: Sdk, changes: dict[str, object], status: int, text: str) -> None:
    refused = place(client, **changes)
    assert refused["status"] == "error"
    assert refused["code"] == status
    assert text in str(refused["message"])
    assert client.tradebook()["data"] == []


def test_extra_arguments_of_the_sdk_are_let_through(client: Sdk) -> None:
    assert place(client, target="5", stoploss="2", trailing_sl="1")["status"] == "success"


def test_quotes_have_all_fields(client: Sdk) -> None:
    quote = client.quotes(symbol="RELIANCE", exchange="NSE")["data"]
    assert set(quote) == {
        "open", "high", "low", "ltp", "ask", "bid", "prev_close", "volume", "oi",
    }  # fmt: skip
    assert quote["low"] <= quote["ltp"] <= quote["high"]
    assert quote["bid"] < quote["ask"]
    index = client.quotes(symbol="NIFTY", exchange="NSE_INDEX")["data"]
    assert index["ltp"] > 0


def test_analyzer_is_on_and_cannot_be_switched_off_without_a_broker(client: Sdk) -> None:
    place(client)
    status = client.analyzerstatus()["data"]
    assert (status["mode"], status["analyze_mode"]) == ("analyze", True)
    refused = client.analyzertoggle(mode=False)
    assert refused["status"] == "error"
    assert "Connect a broker to trade live" in refused["message"]
    assert client.analyzertoggle(mode=True)["data"]["analyze_mode"] is True


def test_a_wrong_key_is_refused(server: Server) -> None:
    from tests.support.sdk import sdk

    with sdk("0" * 64, server.url) as stranger:
        refused = stranger.funds()
    assert refused["code"] == 403
    assert "Invalid openalgo apikey" in refused["message"]


def test_accounts_do_not_see_each_other(server: Server, client: Sdk) -> None:
    from tests.support.sdk import sdk

    order_id = place(client)["orderid"]
    with sdk(server.new_account(), server.url) as other:
        assert other.orderbook()["data"]["orders"] == []
        assert other.orderstatus(order_id=order_id)["code"] == 404
        assert other.cancelorder(order_id=order_id)["code"] == 404
