"""Orders on a live account, from the published SDK and over HTTP: to the twin and back."""

from typing import Any

import pytest

from tests.support.live_server import LiveServer, soon
from tests.support.sdk import Sdk
from tests.support.ws_client import WsClient

WIPRO = {"symbol": "WIPRO", "exchange": "NSE"}


def test_an_order_goes_from_the_sdk_into_every_book(
    live: LiveServer, client: Sdk, updates: WsClient
) -> None:
    live.twin.price("NSE:WIPRO", 500.0)
    placed = client.placeorder(
        strategy="books", action="BUY", quantity=4, price_type="MARKET", product="MIS", **WIPRO
    )
    assert placed.keys() == {"status", "orderid"}
    order_id = placed["orderid"]
    told = updates.order(order_id, "complete")
    assert (told["mode"], told["broker"]) == ("live", "zerodha")
    assert (told["filled_quantity"], told["average_price"]) == (4, 500.0)
    row = client.orderstatus(order_id=order_id, strategy="books")["data"]
    assert (row["order_status"], row["average_price"]) == ("complete", 500.0)
    assert row["strategy"] == "books"
    book = client.orderbook()["data"]
    assert order_id in [order["orderid"] for order in book["orders"]]
    (trade,) = [each for each in client.tradebook()["data"] if each["orderid"] == order_id]
    assert (trade["quantity"], trade["average_price"], trade["trade_value"]) == (4, 500.0, 2000.0)
    (position,) = [each for each in client.positionbook()["data"] if each["symbol"] == "WIPRO"]
    assert (position["quantity"], position["product"]) == (4, "MIS")
    held = client.openposition(strategy="books", product="MIS", **WIPRO)
    assert held == {"status": "success", "quantity": 4}
    live.twin.price("NSE:WIPRO", 510.0)
    assert (
        live.ok("closeposition", strategy="books", symbol="WIPRO", exchange="NSE")["message"]
        == "All Open Positions Squared Off"
    )
    soon(
        lambda: client.openposition(strategy="books", product="MIS", **WIPRO)["quantity"] == 0,
        "closed",
    )


@pytest.mark.parametrize("product", ["MIS", "CNC"])
@pytest.mark.parametrize(
    ("price_type", "terms", "status"),
    [
        ("MARKET", {}, "complete"),
        ("LIMIT", {"price": 290}, "open"),
        ("SL", {"price": 311, "trigger_price": 310}, "trigger pending"),
        ("SL-M", {"trigger_price": 310}, "trigger pending"),
    ],
)
def test_every_price_type_and_product_arrives_as_it_was_meant(
    live: LiveServer,
    updates: WsClient,
    price_type: str,
    terms: dict[str, float],
    status: str,
    product: str,
) -> None:
    live.twin.price("NSE:ITC", 300.0)
    order_id = live.place("ITC", pricetype=price_type, product=product, **terms)
    told = updates.order(order_id, status)
    assert (told["pricetype"], told["product"]) == (price_type, product)
    assert told["trigger_price"] == terms.get("trigger_price", 0)
    if status != "complete":
        assert live.ok("cancelorder", strategy="live", orderid=order_id)["orderid"] == order_id
        assert updates.order(order_id, "cancelled")["filled_quantity"] == 0


@pytest.mark.parametrize(("exchange", "name"), [("MCX", "GOLD"), ("CDS", "USDINR")])
def test_commodities_and_currencies_are_bought_in_lots(
    live: LiveServer, exchange: str, name: str
) -> None:
    found = live.ok("search", query=name, exchange=exchange)["data"]
    future = next(row for row in found if row["instrumenttype"] == "FUT" and row["name"] == name)
    live.twin.price(f"{exchange}:{future['brsymbol']}", 90.0)
    quantity = 2 * future["lotsize"]
    terms = {"exchange": exchange, "product": "NRML", "pricetype": "MARKET", "quantity": quantity}
    order_id = live.place(future["symbol"], **terms)
    row = live.until(order_id, "complete")
    assert (row["exchange"], row["quantity"], row["average_price"]) == (exchange, quantity, 90.0)
    assert live.twin.order(order_id)["quantity"] == 2
    (position,) = [
        each for each in live.ok("positionbook")["data"] if each["symbol"] == future["symbol"]
    ]
    assert position["quantity"] == quantity


def test_an_order_is_changed_and_then_fills(
    live: LiveServer, client: Sdk, updates: WsClient
) -> None:
    live.twin.price("NSE:TITAN", 3000.0)
    order_id = live.place("TITAN", pricetype="LIMIT", price=2900, quantity=2)
    updates.order(order_id, "open")
    changed = client.modifyorder(
        order_id=order_id,
        strategy="change",
        symbol="TITAN",
        exchange="NSE",
        action="BUY",
        price_type="LIMIT",
        product="MIS",
        price=2950,
        quantity=3,
        trigger_price=0,
        disclosed_quantity=0,
    )
    assert changed == {"status": "success", "orderid": order_id}
    assert updates.order(order_id, "open", price=2950.0)["quantity"] == 3
    live.twin.price("NSE:TITAN", 2949.0)
    assert updates.order(order_id, "complete")["filled_quantity"] == 3
    late = live.post("cancelorder", strategy="live", orderid=order_id)
    assert late.status_code == 400, late.text

    def asked() -> list[str] | None:
        steps = live.ok("explain", orderid=order_id)["data"]["steps"]
        texts = [step["text"] for step in steps if step["stage"] == "request"]
        return texts if len(texts) == 3 else None

    came = soon(asked, "the log of requests, which is written behind")
    assert came == [f"{each} came in" for each in ("placeorder", "modifyorder", "cancelorder")]


def test_all_orders_are_cancelled(live: LiveServer, client: Sdk, updates: WsClient) -> None:
    live.twin.price("NSE:ONGC", 250.0)
    placed = [live.place("ONGC", pricetype="LIMIT", price=price) for price in (240, 241)]
    placed.append(live.place("ONGC", pricetype="SL-M", trigger_price=260))
    reply = client.cancelallorder(strategy="live", exchange="NSE", symbol="ONGC")
    assert sorted(reply["canceled_orders"]) == sorted(placed)
    assert reply["failed_cancellations"] == []
    for order_id in placed:
        updates.order(order_id, "cancelled")


def test_smart_orders_follow_their_target(live: LiveServer, client: Sdk) -> None:
    live.twin.price("NSE:LT", 3500.0)

    def target(size: int) -> Any:
        reply = client.placesmartorder(
            strategy="smart",
            symbol="LT",
            exchange="NSE",
            action="BUY",
            price_type="MARKET",
            product="MIS",
            quantity=0,
            position_size=size,
        )
        assert reply["status"] == "success", reply
        if "orderid" in reply:
            live.until(reply["orderid"], "complete")
        return client.openposition(strategy="smart", symbol="LT", exchange="NSE", product="MIS")[
            "quantity"
        ]

    assert [target(size) for size in (5, -2, -2, 0)] == [5, -2, -2, 0]


def test_a_basket_and_a_split_reach_the_broker_as_single_orders(
    live: LiveServer, client: Sdk
) -> None:
    item = {"exchange": "NSE", "pricetype": "MARKET", "product": "MIS"}
    basket = client.basketorder(
        strategy="basket",
        orders=[
            {"symbol": "HCLTECH", "action": "SELL", "quantity": 1, **item},
            {"symbol": "TECHM", "action": "BUY", "quantity": 2, **item},
            {"symbol": "NOPE", "action": "BUY", "quantity": 2, **item},
        ],
    )
    assert "mode" not in basket
    assert [row["status"] for row in basket["results"]] == ["success", "success", "error"]
    split = client.splitorder(
        strategy="split",
        symbol="TECHM",
        exchange="NSE",
        action="SELL",
        quantity=5,
        splitsize=2,
        price_type="MARKET",
        product="MIS",
    )
    assert [row["quantity"] for row in split["results"]] == [2, 2, 1]
    ids = [
        row["orderid"] for reply in (basket, split) for row in reply["results"] if "orderid" in row
    ]
    held = [live.twin.order(order_id) for order_id in ids]
    assert [(row["tradingsymbol"], row["quantity"]) for row in held] == [
        ("HCLTECH", 1), ("TECHM", 2), ("TECHM", 2), ("TECHM", 2), ("TECHM", 1),
    ]  # fmt: skip


def test_options_by_their_distance_and_the_chain(live: LiveServer, client: Sdk) -> None:
    expiry = client.expiry(symbol="NIFTY", exchange="NFO", instrumenttype="options")["data"][0]
    near = expiry.replace("-", "")
    chain = client.optionchain(
        underlying="NIFTY", exchange="NSE_INDEX", expiry_date=near, strike_count=2
    )
    assert [row["ce"]["label"] for row in chain["chain"]] == ["ITM2", "ITM1", "ATM", "OTM1", "OTM2"]
    atm = chain["chain"][2]["ce"]
    one = client.optionsorder(
        strategy="options",
        underlying="NIFTY",
        exchange="NSE_INDEX",
        expiry_date=near,
        offset="ATM",
        option_type="CE",
        action="BUY",
        quantity=atm["lotsize"],
        pricetype="MARKET",
        product="NRML",
        splitsize=0,
    )
    assert (one["status"], one["symbol"]) == ("success", atm["symbol"]), one
    assert "mode" not in one
    row = live.until(one["orderid"], "complete")
    assert (row["exchange"], row["quantity"]) == ("NFO", atm["lotsize"])
    many = client.optionsmultiorder(
        strategy="strangle",
        underlying="NIFTY",
        exchange="NSE_INDEX",
        expiry_date=near,
        legs=[
            {"offset": "OTM2", "option_type": side, "action": "SELL", "quantity": atm["lotsize"]}
            for side in ("CE", "PE")
        ],
    )
    assert [leg["mode"] for leg in many["results"]] == ["live", "live"]
    for leg in many["results"]:
        live.until(leg["orderid"], "complete")


def test_a_gtt_is_placed_changed_listed_and_cancelled(live: LiveServer) -> None:
    live.twin.price("NSE:BPCL", 300.0)
    terms = {
        "strategy": "gtt", "trigger_type": "SINGLE", "exchange": "NSE", "symbol": "BPCL",
        "action": "BUY", "product": "CNC", "quantity": 2, "pricetype": "LIMIT",
    }  # fmt: skip

    def listed(trigger_id: str) -> list[Any]:
        rows = live.ok("gttorderbook")["data"]
        return [row for row in rows if row["trigger_id"] == trigger_id]

    placed = live.ok("placegttorder", **terms, price=281, triggerprice_sl=280)
    assert placed.keys() == {"status", "trigger_id"}
    gtt = placed["trigger_id"]
    (row,) = listed(gtt)
    assert (row["trigger_prices"], row["legs"][0]["price"]) == ([280.0], 281.0)
    changed = live.ok("modifygttorder", **terms, trigger_id=gtt, price=286, triggerprice_sl=285)
    assert changed == placed
    assert listed(gtt)[0]["trigger_prices"] == [285.0]
    assert live.ok("cancelgttorder", strategy="gtt", trigger_id=gtt) == placed
    assert listed(gtt) == []


def test_a_gtt_that_triggers_becomes_an_order(live: LiveServer, updates: WsClient) -> None:
    live.twin.price("NSE:COALINDIA", 400.0)
    live.ok(
        "placegttorder", strategy="gtt", trigger_type="SINGLE", exchange="NSE",
        symbol="COALINDIA", action="BUY", product="CNC", quantity=2, pricetype="LIMIT",
        price=391, triggerprice_sl=390,
    )  # fmt: skip
    live.twin.price("NSE:COALINDIA", 389.0)

    def order() -> Any:
        updates.drain()
        rows = [each for each in updates.orders if each["symbol"] == "COALINDIA"]
        return rows and rows[-1]["order_status"] == "complete" and rows[-1]

    assert soon(order, "the order of the GTT")["average_price"] <= 391


@pytest.mark.parametrize(
    ("symbol", "price", "limit"), [("CIPLA", 1380.0, 1385.0), ("LUPIN", 1520.0, 1515.0)]
)
def test_of_an_oco_the_leg_whose_trigger_is_met_is_sold(
    live: LiveServer, updates: WsClient, symbol: str, price: float, limit: float
) -> None:
    """The stop-loss for the first, the target for the second."""
    live.twin.price(f"NSE:{symbol}", 1450.0)
    placed = live.ok(
        "placegttorder", strategy="oco", trigger_type="OCO", exchange="NSE", symbol=symbol,
        action="SELL", product="CNC", quantity=3, pricetype="LIMIT", price=0,
        triggerprice_sl=1390, stoploss=1385, triggerprice_tg=1510, target=1515,
    )  # fmt: skip
    live.twin.price(f"NSE:{symbol}", price)

    def order() -> Any:
        updates.drain()
        rows = [each for each in updates.orders if each["symbol"] == symbol]
        return rows[-1] if rows else None

    sold = soon(order, "the order of the leg")
    assert (sold["action"], sold["quantity"], sold["price"]) == ("SELL", 3, limit)
    active = [row["trigger_id"] for row in live.ok("gttorderbook")["data"]]
    assert placed["trigger_id"] not in active


def test_funds_holdings_and_margin_are_the_brokers(live: LiveServer, client: Sdk) -> None:
    live.twin.tell("/holdings", instrument="NSE:NESTLEIND", quantity=7, average_price="2000", t1=2)
    live.twin.price("NSE:NESTLEIND", 2100.0)
    holdings = client.holdings()["data"]
    (row,) = [each for each in holdings["holdings"] if each["symbol"] == "NESTLEIND"]
    assert row["quantity"] == 9
    assert row["pnl"] == pytest.approx(900.0)
    funds = client.funds()["data"]
    assert all(isinstance(value, str) for value in funds.values())
    assert float(funds["availablecash"]) > 1_000_000
    margin = client.margin(
        positions=[
            {
                "symbol": "NESTLEIND",
                "exchange": "NSE",
                "action": "BUY",
                "quantity": "10",
                "product": "CNC",
                "pricetype": "LIMIT",
                "price": "2100",
            }
        ]
    )
    assert margin["data"]["total_margin_required"] == pytest.approx(21_000)
