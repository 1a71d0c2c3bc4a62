"""Orders as they leave for Zerodha."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from openalgo.brokers.rows import OrderRow
from openalgo.brokers.zerodha import orders
from openalgo.domain.errors import (
    BrokerOutcomeUnknown,
    BrokerRejected,
    InvalidOrder,
    OrderNotFound,
)
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import ModifyOrder, PlaceOrder
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, PriceType, Product
from tests.brokers.zerodha.kite import (
    CALL,
    CRUDE,
    CRUDE_IN_BARRELS,
    INFY,
    M_AND_M,
    Kite,
    refused,
    said,
)

AT = datetime(2026, 8, 20, 4, 0, tzinfo=UTC)
ROW = OrderRow(
    order_id="220303000308932",
    exchange=Exchange.NSE,
    symbol="INFY",
    action=Action.BUY,
    product="CNC",
    price_type=PriceType.SL,
    quantity=Decimal(10),
    status=OrderStatus.OPEN,
    placed_at=AT,
    updated_at=AT,
    price=px("1500.05"),
    trigger_price=px("1499"),
    handle="regular",
)
TERMS: dict[str, Any] = {
    "action": Action.BUY,
    "quantity": Decimal(10),
    "product": Product.MIS,
}


def order(instrument: Instrument = INFY, **terms: Any) -> PlaceOrder:
    return PlaceOrder(
        strategy="s",
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        **(TERMS | terms),
    )


def change(instrument: Instrument = INFY, **terms: Any) -> ModifyOrder:
    return ModifyOrder(
        strategy="s",
        exchange=instrument.exchange,
        symbol=instrument.symbol,
        order_id=ROW.order_id,
        **(TERMS | terms),
    )


async def placed(wanted: PlaceOrder, instrument: Instrument, tag: str = "oaAB12") -> Kite:
    kite = Kite(said({"order_id": "151220000000000"}))
    async with kite.connected() as connection:
        assert await orders.place(connection, wanted, instrument, tag) == "151220000000000"
    return kite


async def modified(wanted: ModifyOrder, instrument: Instrument, row: OrderRow = ROW) -> Kite:
    kite = Kite(said({"order_id": row.order_id}))
    async with kite.connected() as connection:
        await orders.modify(connection, wanted, instrument, row)
    return kite


async def test_an_order_at_market() -> None:
    kite = await placed(order(), INFY)
    assert kite.line == "POST https://api.kite.trade/orders/regular"
    headers = kite.asked[0].headers
    assert headers["X-Kite-Version"] == "3"
    assert headers["Authorization"] == "token kitekey12:kitetoken56"
    assert kite.form == {
        "tradingsymbol": "INFY",
        "exchange": "NSE",
        "transaction_type": "BUY",
        "order_type": "MARKET",
        "quantity": "10",
        "product": "MIS",
        "price": "0",
        "trigger_price": "0",
        "disclosed_quantity": "0",
        "validity": "DAY",
        "market_protection": "-1",
        "tag": "oaAB12",
    }


@pytest.mark.parametrize(
    ("price_type", "price", "trigger"),
    [
        (PriceType.MARKET, "0", "0"),
        (PriceType.LIMIT, "100.05", "0"),
        (PriceType.SL, "100.05", "1000"),
        (PriceType.SL_M, "0", "1000"),
    ],
)
async def test_only_the_prices_an_order_type_has_are_sent(
    price_type: PriceType, price: str, trigger: str
) -> None:
    wanted = order(price_type=price_type, price=px("100.05"), trigger_price=px(1000))
    form = (await placed(wanted, INFY)).form
    assert (form["order_type"], form["price"], form["trigger_price"]) == (
        str(price_type),
        price,
        trigger,
    )
    assert form["market_protection"] == "-1"


async def test_symbols_are_those_of_the_broker_and_encoded() -> None:
    assert (await placed(order(M_AND_M), M_AND_M)).form["tradingsymbol"] == "M&M"
    form = (await placed(order(CALL, quantity=Decimal(150), product=Product.NRML), CALL)).form
    assert form["tradingsymbol"] == "NIFTY26AUG24500CE"
    assert (form["exchange"], form["quantity"], form["product"]) == ("NFO", "150", "NRML")


async def test_without_a_tag_none_is_sent() -> None:
    assert "tag" not in (await placed(order(), INFY, tag="")).form


async def test_of_commodities_lots_are_sent() -> None:
    listed_as_one = order(CRUDE, quantity=Decimal(2), disclosed_quantity=Decimal(1))
    form = (await placed(listed_as_one, CRUDE)).form
    assert (form["quantity"], form["disclosed_quantity"]) == ("2", "1")
    in_barrels = order(CRUDE, quantity=Decimal(200), disclosed_quantity=Decimal(100))
    form = (await placed(in_barrels, CRUDE_IN_BARRELS)).form
    assert (form["quantity"], form["disclosed_quantity"]) == ("2", "1")


async def test_parts_of_a_lot_are_never_sent() -> None:
    kite = Kite(said({"order_id": "1"}))
    async with kite.connected() as connection:
        with pytest.raises(InvalidOrder, match="lot size 100"):
            await orders.place(
                connection, order(CRUDE, quantity=Decimal(150)), CRUDE_IN_BARRELS, "t"
            )
    assert kite.asked == []


@pytest.mark.parametrize("body", [said({}), said({"order_id": ""}), said(None), b"{}"])
async def test_an_accepted_order_without_its_number_is_unknown(body: object) -> None:
    async with Kite(body).connected() as connection:
        with pytest.raises(BrokerOutcomeUnknown):
            await orders.place(connection, order(), INFY, "t")


async def test_a_change_of_price() -> None:
    wanted = change(quantity=Decimal(5), price_type=PriceType.LIMIT, price=px("1501.5"))
    kite = await modified(wanted, INFY)
    assert kite.line == "PUT https://api.kite.trade/orders/regular/220303000308932"
    assert kite.form == {
        "order_type": "LIMIT",
        "quantity": "5",
        "price": "1501.5",
        "disclosed_quantity": "0",
        "validity": "DAY",
    }


async def test_a_price_of_nothing_keeps_the_one_there_is() -> None:
    form = (await modified(change(price_type=PriceType.SL), INFY)).form
    assert (form["price"], form["trigger_price"]) == ("1500.05", "1499")


@pytest.mark.parametrize("price_type", PriceType)
async def test_a_change_to_market_is_protected(price_type: PriceType) -> None:
    form = (await modified(change(price_type=price_type, price=px(1)), INFY)).form
    assert form.get("market_protection") == (
        "-1" if price_type in (PriceType.MARKET, PriceType.SL_M) else None
    )


@pytest.mark.parametrize(
    ("handle", "variety", "parent"),
    [
        ("regular", "regular", None),
        ("amo", "amo", None),
        ("iceberg", "iceberg", None),
        ("co:100", "co", "100"),
        ("", "regular", None),
    ],
)
async def test_orders_are_changed_and_cancelled_under_their_variety(
    handle: str, variety: str, parent: str | None
) -> None:
    row = msgspec.structs.replace(ROW, handle=handle)
    kite = await modified(change(price=px(1)), INFY, row)
    assert kite.asked[0].url.path == f"/orders/{variety}/220303000308932"
    assert kite.form.get("parent_order_id") == parent
    kite = Kite(said({"order_id": row.order_id}))
    async with kite.connected() as connection:
        await orders.cancel(connection, row)
    query = "" if parent is None else f"?parent_order_id={parent}"
    assert kite.line == (f"DELETE https://api.kite.trade/orders/{variety}/220303000308932{query}")


async def test_the_end_of_changes_is_told_in_the_words_of_the_broker() -> None:
    words = "Maximum allowed order modifications exceeded."
    async with Kite(refused("OrderException", words), 400).connected() as connection:
        with pytest.raises(BrokerRejected) as raised:
            await orders.modify(connection, change(price=px(1)), INFY, ROW)
    assert raised.value.broker_message == words
    assert raised.value.message == words


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, refused("GeneralException", "Couldn't find that `order_id`.")),
        (400, refused("InputException", "Invalid `order_id`.")),
        (500, refused("OrderException", "Couldn't find that `order_id`.")),
        (200, said([])),
    ],
)
async def test_an_order_that_is_not_there(status: int, body: Mapping[str, object]) -> None:
    async with Kite(body, status).connected() as connection:
        with pytest.raises(OrderNotFound):
            await orders.order(connection, "42")


async def test_an_order_that_may_not_be_seen_is_not_missing() -> None:
    async with Kite(refused("PermissionException"), 403).connected() as connection:
        with pytest.raises(BrokerRejected):
            await orders.order(connection, "42")
