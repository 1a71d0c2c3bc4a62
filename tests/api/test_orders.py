"""Placing, cancelling and looking at an order, over HTTP."""

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.domain.errors import InsufficientFunds, InsufficientShares
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, PriceType
from openalgo.trading.venues import VenueMode
from tests.api.fakes import ACCOUNT, KEY, READ_KEY, World, order_body, position


async def post(world: World, endpoint: str, body: object, **headers: str) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body, headers=headers)
    return reply.status_code, reply.json()


REPEATABLE: dict[str, dict[str, object]] = {
    "placeorder": order_body(),
    "placesmartorder": order_body(position_size=5),
    "basketorder": {"apikey": KEY, "strategy": "s", "orders": [order_body()]},
    "splitorder": order_body(splitsize=1),
    "closeposition": {"apikey": KEY, "strategy": "s"},
    "placegttorder": order_body(
        trigger_type="SINGLE", product="CNC", price=100, triggerprice_sl=101, pricetype="LIMIT"
    ),
}


def about(order_id: str) -> dict[str, object]:
    return {"apikey": KEY, "strategy": "Python", "orderid": order_id}


# --- placing


async def test_an_order_is_placed_and_answered_as_the_sdk_expects(world: World) -> None:
    status, body = await post(world, "placeorder", order_body())
    assert status == 200
    assert body == {"status": "success", "orderid": "25112100000001", "mode": "analyze"}
    [(intent, cause)] = world.venue.placed
    assert (intent.symbol, intent.quantity, intent.client_order_id) == (
        "RELIANCE",
        Decimal(1),
        None,
    )
    assert cause == world.journal.records[0].request_id


async def test_live_replies_do_not_say_mode(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    _, body = await post(world, "placeorder", order_body())
    assert body == {"status": "success", "orderid": "25112100000001"}


async def test_a_client_order_id_is_passed_on_and_echoed(world: World) -> None:
    _, by_body = await post(world, "placeorder", order_body(client_order_id=4711))
    _, by_header = await post(world, "placeorder", order_body(), **{"Idempotency-Key": "mine"})
    _, by_both = await post(
        world, "placeorder", order_body(client_order_id="body"), **{"Idempotency-Key": "header"}
    )
    echoed = [body["client_order_id"] for body in (by_body, by_header, by_both)]
    assert echoed == ["4711", "mine", "body"]
    assert [intent.client_order_id for intent, _ in world.venue.placed] == echoed


@pytest.mark.parametrize("key", ["k" * 65, "a\x7fb"])
async def test_an_idempotency_key_has_a_form(world: World, key: str) -> None:
    status, body = await post(world, "placeorder", order_body(), **{"Idempotency-Key": key})
    assert status == 400
    assert list(body["errors"]) == ["Idempotency-Key"]
    assert world.venue.placed == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ac-42", "approved orders"),
        ("smart-1", "smart orders"),
        ("k:0", "numbers the orders"),
    ],
)
@pytest.mark.parametrize("by_header", [True, False])
async def test_ids_our_own_orders_go_by_are_refused(
    world: World, name: str, reason: str, by_header: bool
) -> None:
    headers = {"Idempotency-Key": name} if by_header else {}
    given = {} if by_header else {"client_order_id": name}
    for endpoint, body in REPEATABLE.items():
        status, answer = await post(world, endpoint, {**body, **given}, **headers)
        assert status == 400, endpoint
        [(field, [text])] = answer["errors"].items()
        assert field == ("Idempotency-Key" if by_header else "client_order_id")
        assert reason in text
    assert world.venue.placed == []


async def test_ids_that_look_alike_are_the_callers(world: World) -> None:
    for name in ("AC-42", "back-ac-1", "smart"):
        status, _ = await post(world, "placeorder", order_body(client_order_id=name))
        assert status == 200


# --- smart orders


async def smart(world: World, **changes: object) -> tuple[int, Any]:
    return await post(world, "placesmartorder", order_body(**({"position_size": "0"} | changes)))


async def test_a_smart_order_trades_what_is_missing(world: World) -> None:
    world.venue.marked = [position("40")]
    status, body = await smart(
        world, quantity="0", position_size="-10", pricetype="LIMIT", price="1500"
    )
    assert (status, body) == (
        200,
        {"status": "success", "mode": "analyze", "orderid": "25112100000001"},
    )
    [(order, _)] = world.venue.placed
    assert (order.action, order.quantity, order.price_type, order.price) == (
        Action.SELL,
        Decimal(50),
        PriceType.LIMIT,
        px("1500"),
    )


@pytest.mark.parametrize(
    ("mode", "quantity", "message"),
    [
        (VenueMode.ANALYZE, "0", "No OpenPosition Found. Not placing Exit order."),
        (VenueMode.ANALYZE, "5", "Positions Already Matched. No Action needed."),
        (VenueMode.LIVE, "0", "Positions Already Matched. No Action needed."),
        (VenueMode.LIVE, "5", "Positions Already Matched. No Action needed."),
    ],
)
async def test_nothing_to_do_is_a_success_without_an_order(
    world: World, mode: VenueMode, quantity: str, message: str
) -> None:
    world.venue.mode = mode
    world.venue.marked = [position("100")] if quantity == "5" else []
    wanted = {"quantity": quantity, "position_size": 100 if quantity == "5" else 0}
    status, body = await smart(world, **wanted)
    paper = {"mode": "analyze"} if mode is VenueMode.ANALYZE else {}
    assert (status, body) == (200, {"status": "success", "message": message, **paper})
    assert world.venue.placed == []


async def test_a_smart_order_needs_a_target_and_no_quantity_below_zero(world: World) -> None:
    status, body = await smart(world, position_size=..., quantity=-1)
    assert status == 400
    assert body["errors"] == {
        "position_size": ["Missing data for required field."],
        "quantity": ["Quantity must be a non-negative number."],
    }


async def test_a_refused_smart_order_is_refused_in_the_words_of_the_venue(world: World) -> None:
    world.venue.refusal = None
    world.venue.fate = lambda _: InsufficientShares("No shares", order_id="25112100000009")
    status, body = await smart(world, position_size=10)
    assert status == 400
    assert (body["message"], body["code"]) == ("No shares", "insufficient_shares")
    assert body["orderid"] == "25112100000009"
    assert body["mode"] == "analyze"


async def test_a_repeated_smart_order_is_answered_as_the_first(world: World) -> None:
    wanted = {"position_size": 10, "client_order_id": "k"}
    first = await smart(world, **wanted)
    world.venue.marked = [position("3")]
    assert await smart(world, **wanted) == first
    assert first[1]["client_order_id"] == "k"
    assert len(world.venue.placed) == 1
    status, body = await smart(world, position_size=11, client_order_id="k")
    assert (status, body["code"]) == (409, "idempotency_conflict")


# --- modifying


def modify_body(**changes: object) -> dict[str, object]:
    """As the npm client sends it: without a trigger and a disclosed quantity."""
    given = {"orderid": "25112100000001", "pricetype": "LIMIT", "price": "1450", "quantity": "2"}
    return order_body(**(given | changes))


async def test_an_order_is_modified(world: World) -> None:
    await post(world, "placeorder", order_body(pricetype="LIMIT", price="1400"))
    assert await post(world, "modifyorder", modify_body()) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "orderid": "25112100000001",
            "message": "Order modified successfully",
        },
    )
    assert (world.venue.book[0].price, world.venue.book[0].quantity) == (px("1450"), Decimal(2))
    world.venue.mode = VenueMode.LIVE
    _, live = await post(world, "modifyorder", modify_body())
    assert live == {"status": "success", "orderid": "25112100000001"}


async def test_prices_of_a_modified_order_are_passed_on_as_they_are(world: World) -> None:
    await post(world, "placeorder", order_body(pricetype="LIMIT", price="1400"))
    status, _ = await post(
        world, "modifyorder", modify_body(pricetype="MARKET", price="1450", trigger_price="9")
    )
    assert status == 200
    assert (world.venue.book[0].price, world.venue.book[0].trigger_price) == (px("1450"), px("9"))
    status, _ = await post(world, "modifyorder", modify_body(price="0"))
    assert (status, world.venue.book[0].price) == (200, 0)


@pytest.mark.parametrize(
    "field",
    [
        "strategy",
        "exchange",
        "symbol",
        "orderid",
        "action",
        "product",
        "pricetype",
        "price",
        "quantity",
    ],
)
async def test_a_modified_order_is_given_whole(world: World, field: str) -> None:
    status, body = await post(world, "modifyorder", modify_body(**{field: ...}))
    assert status == 400
    assert body["errors"] == {field: ["Missing data for required field."]}


# --- cancelling and looking


async def test_a_broker_says_nothing_about_a_cancelled_order(world: World) -> None:
    await post(world, "placeorder", order_body())
    world.venue.mode = VenueMode.LIVE
    _, live = await post(world, "cancelorder", about("25112100000001"))
    assert live == {"status": "success", "orderid": "25112100000001"}


async def test_a_cancelled_order_is_cancelled(world: World) -> None:
    await post(world, "placeorder", order_body(pricetype="LIMIT", price="1400"))
    assert await post(world, "cancelorder", about("25112100000001")) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "orderid": "25112100000001",
            "message": "Order cancelled successfully",
        },
    )
    assert world.venue.book[0].status is OrderStatus.CANCELLED


async def test_an_order_is_shown_with_all_its_numbers(world: World) -> None:
    await post(
        world,
        "placeorder",
        order_body(quantity=3, pricetype="SL", price=1512.35, trigger_price="1512.3"),
    )
    world.venue.book[0] = replace(
        world.venue.book[0], filled_quantity=Decimal(2), filled_value=Decimal("3024.6667")
    )
    status, body = await post(world, "orderstatus", about("25112100000001"))
    assert status == 200
    assert body == {
        "status": "success",
        "mode": "analyze",
        "data": {
            "orderid": "25112100000001",
            "symbol": "RELIANCE",
            "exchange": "NSE",
            "action": "BUY",
            "quantity": 3,
            "price": 1512.35,
            "trigger_price": 1512.3,
            "pricetype": "SL",
            "price_type": "SL",
            "product": "MIS",
            "order_status": "open",
            "average_price": 1512.3334,
            "filled_quantity": 2,
            "pending_quantity": 1,
            "rejection_reason": "",
            "timestamp": "2025-11-21 10:30:00",
            "strategy": "Python",
        },
    }


async def test_a_market_order_shows_its_reference_price(world: World) -> None:
    await post(world, "placeorder", order_body())
    _, body = await post(world, "orderstatus", about("25112100000001"))
    assert body["data"]["price"] == 1512.4


async def test_whole_quantities_are_integers_and_crypto_may_be_fractional(world: World) -> None:
    await post(world, "placeorder", order_body(quantity="5.0"))
    world.venue.book.insert(
        0, replace(world.venue.book[0], order_id="2", quantity=Decimal("0.25"), price=px(0))
    )
    async with world.client() as client:
        book = await client.post("/api/v1/orderbook", json={"apikey": KEY})
    assert [row["quantity"] for row in book.json()["data"]["orders"]] == [0.25, 5]
    assert '"quantity":5,' in book.text


# --- the order log


async def test_every_order_call_is_recorded_without_its_key(world: World) -> None:
    await post(world, "placeorder", order_body(stoploss="5"))
    await post(world, "placeorder", order_body(quantity=0))
    world.venue.refusal = InsufficientFunds("Insufficient funds.")
    await post(world, "placeorder", order_body())
    await post(world, "cancelorder", about("404"))
    await post(world, "analyzer", {"apikey": KEY})
    await post(world, "analyzer/toggle", {"apikey": KEY, "mode": False})
    recorded = [
        (record.api_type, record.mode, json.loads(record.response)["status"])
        for record in world.journal.records
    ]
    assert recorded == [
        ("placeorder", "analyze", "success"),
        ("placeorder", "analyze", "error"),
        ("placeorder", "analyze", "error"),
        ("cancelorder", "analyze", "error"),
        ("analyzer_status", "analyze", "success"),
        ("analyzer_toggle", "analyze", "success"),
    ]
    assert json.loads(world.journal.records[0].request) == order_body(stoploss="5", apikey=...)
    assert {record.account_id for record in world.journal.records} == {ACCOUNT}
    assert len({record.request_id for record in world.journal.records}) == 6
    assert KEY not in repr(world.journal.records)


async def test_an_unforeseen_error_is_recorded_as_the_client_saw_it(world: World) -> None:
    world.venue.refusal = ZeroDivisionError("the secret inside")
    status, body = await post(world, "placeorder", order_body())
    [record] = world.journal.records
    assert status == 500
    assert json.loads(record.response) == body


async def test_looking_at_an_order_is_recorded_where_a_broker_is_asked(world: World) -> None:
    await post(world, "placeorder", order_body())
    await post(world, "orderstatus", about("25112100000001"))
    world.venue.mode = VenueMode.LIVE
    await post(world, "orderstatus", about("25112100000001"))
    recorded = [(record.api_type, record.mode) for record in world.journal.records]
    assert recorded == [("placeorder", "analyze"), ("orderstatus", "live")]


async def test_strangers_and_reads_leave_no_record(world: World) -> None:
    await post(world, "placeorder", order_body(apikey="wrong"))
    await post(world, "placeorder", order_body(apikey=...))
    await post(world, "placeorder", order_body(apikey=READ_KEY))
    for endpoint in ("orderbook", "funds", "ping", "orderstatus"):
        await post(world, endpoint, {"apikey": KEY})
    assert world.journal.records == []


async def test_even_text_that_is_no_unicode_can_be_recorded(world: World) -> None:
    content = json.dumps(order_body(note="\ud800", big=10**30))
    async with world.client() as client:
        reply = await client.post("/api/v1/placeorder", content=content)
    assert reply.status_code == 200
    assert json.loads(world.journal.records[0].request)["note"] == "\ud800"
