"""Placing, cancelling and looking at an order, over HTTP."""

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.domain.errors import InsufficientFunds
from openalgo.domain.numbers import px
from openalgo.domain.orders import OrderStatus
from openalgo.trading.venues import VenueMode
from tests.api.fakes import ACCOUNT, KEY, READ_KEY, World, order_body


async def post(world: World, endpoint: str, body: object, **headers: str) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body, headers=headers)
    return reply.status_code, reply.json()


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


# --- cancelling and looking


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
