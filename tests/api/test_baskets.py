"""Many orders from one request, over HTTP."""

import asyncio
from typing import Any

import pytest

from openalgo.accounts.accounts import OrderMode
from openalgo.api.application import ApiSettings
from openalgo.api.limits import RateClass
from openalgo.domain.errors import InsufficientFunds, OpenAlgoError, OrderRefused
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.orders import Action
from openalgo.trading.venues import VenueMode
from tests.api.fakes import KEY, World, order_body


async def post(world: World, endpoint: str, body: object, **headers: str) -> tuple[int, Any]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body, headers=headers)
    return reply.status_code, reply.json()


def item(**changes: object) -> dict[str, object]:
    return order_body(**({"apikey": ..., "strategy": ...} | changes))


def basket(*orders: object, **changes: object) -> dict[str, object]:
    return {"apikey": KEY, "strategy": "Python", "orders": list(orders), **changes}


def split(**changes: object) -> dict[str, object]:
    return order_body(**({"quantity": "25", "splitsize": "10"} | changes))


def refused(order: PlaceOrder) -> OpenAlgoError | None:
    return InsufficientFunds("No money") if order.quantity == 13 else None


# --- baskets


async def test_what_buys_goes_first_and_results_keep_the_order_of_the_request(
    world: World,
) -> None:
    orders = [item(action="SELL"), item(), item(symbol="NOSUCH"), item(action="sell", quantity=2)]
    status, body = await post(world, "basketorder", basket(*orders))
    assert (status, body) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "results": [
                {
                    "index": 0,
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "MIS",
                    "status": "success",
                    "orderid": "25112100000002",
                    "batch_order": True,
                    "is_last_order": False,
                },
                {
                    "index": 1,
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "MIS",
                    "status": "success",
                    "orderid": "25112100000001",
                    "batch_order": True,
                    "is_last_order": False,
                },
                {
                    "index": 2,
                    "symbol": "NOSUCH",
                    "exchange": "NSE",
                    "product": "MIS",
                    "status": "error",
                    "message": "Symbol NOSUCH not found on NSE",
                    "code": "symbol_not_found",
                    "batch_order": True,
                    "is_last_order": False,
                },
                {
                    "index": 3,
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "MIS",
                    "status": "success",
                    "orderid": "25112100000003",
                    "batch_order": True,
                    "is_last_order": True,
                },
            ],
            "summary": {"total": 4, "success": 3, "failed": 1},
        },
    )
    sent = [order.action for order, _ in world.venue.placed]
    assert sent == [Action.BUY, Action.SELL, Action.SELL]
    assert {order.strategy for order, _ in world.venue.placed} == {"Python"}


async def test_live_results_do_not_speak_of_batches(world: World) -> None:
    world.venue.mode = VenueMode.LIVE
    _, body = await post(world, "basketorder", basket(item()))
    assert "mode" not in body
    assert set(body["results"][0]) == {
        "index",
        "symbol",
        "exchange",
        "product",
        "status",
        "orderid",
    }


async def test_a_basket_of_nothing_but_failures_is_an_error_with_the_first_reason(
    world: World,
) -> None:
    world.venue.fate = refused
    orders = [item(quantity=13), item(symbol="NOSUCH")]
    status, body = await post(world, "basketorder", basket(*orders))
    assert status == 200
    assert body["status"] == "error"
    assert body["message"] == "All 2 orders failed: No money"
    assert body["code"] == "all_orders_failed"
    assert [row["code"] for row in body["results"]] == ["insufficient_funds", "symbol_not_found"]
    assert body["summary"] == {"total": 2, "success": 0, "failed": 2}
    assert body["mode"] == "analyze"
    assert body["request_id"] == world.journal.records[0].request_id


async def test_an_order_whose_outcome_is_unknown_says_so_in_its_row(world: World) -> None:
    world.venue.lost = lambda order: order.quantity == 2
    _, body = await post(world, "basketorder", basket(item(), item(quantity=2)))
    assert body["status"] == "success"
    assert [row.get("code") for row in body["results"]] == [None, "order_outcome_unknown"]
    assert "Look at the order book" in body["results"][1]["message"]
    assert body["summary"] == {"total": 2, "success": 1, "failed": 0, "unknown": 1}


@pytest.mark.parametrize("endpoint", ["basketorder", "splitorder"])
async def test_what_may_have_been_placed_has_not_failed(world: World, endpoint: str) -> None:
    world.venue.fate = lambda order: InsufficientFunds("No money") if order.quantity == 10 else None
    world.venue.lost = lambda _: True
    orders = basket(item(quantity=10), item(quantity=5))
    sent = orders if endpoint == "basketorder" else split(quantity=15)
    status, body = await post(world, endpoint, sent)
    assert (status, body["status"], body["code"]) == (200, "error", "order_outcome_unknown")
    assert body["message"].startswith("Outcome unknown of 1 of 2 orders: The outcome of this")
    assert body["summary"] == {"total": 2, "success": 0, "failed": 1, "unknown": 1}


@pytest.mark.parametrize(
    ("orders", "errors"),
    [
        ([], {"orders": ["Orders must contain 1 to 100 items."]}),
        ([item()] * 101, {"orders": ["Orders must contain 1 to 100 items."]}),
        ("RELIANCE", {"orders": ["Not a valid list."]}),
        ({"0": item()}, {"orders": ["Not a valid list."]}),
        ([item(), "RELIANCE"], {"orders.1": ["Not a valid object."]}),
        (
            [item(quantity=0, action="HOLD"), item(), item(symbol=...)],
            {
                "orders.0.quantity": ["Quantity must be a positive number."],
                "orders.0.action": ["Must be one of: BUY, SELL."],
                "orders.2.symbol": ["Missing data for required field."],
            },
        ),
    ],
)
async def test_a_malformed_basket_is_refused_whole(
    world: World, orders: object, errors: dict[str, list[str]]
) -> None:
    status, body = await post(world, "basketorder", {**basket(), "orders": orders})
    assert (status, body["code"], body["errors"]) == (400, "validation_error", errors)
    assert isinstance(body["message"], str)
    assert world.venue.placed == []


async def test_a_hundred_orders_are_a_basket(world: World) -> None:
    _, body = await post(world, "basketorder", basket(*[item()] * 100))
    assert body["summary"] == {"total": 100, "success": 100, "failed": 0}


# --- splits


async def test_an_order_is_placed_in_parts(world: World) -> None:
    status, body = await post(world, "splitorder", split())
    assert (status, body) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "total_quantity": 25,
            "split_size": 10,
            "results": [
                {
                    "order_num": 1,
                    "quantity": 10,
                    "status": "success",
                    "orderid": "25112100000001",
                },
                {
                    "order_num": 2,
                    "quantity": 10,
                    "status": "success",
                    "orderid": "25112100000002",
                },
                {
                    "order_num": 3,
                    "quantity": 5,
                    "status": "success",
                    "orderid": "25112100000003",
                },
            ],
            "summary": {"total": 3, "success": 3, "failed": 0},
        },
    )


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, [None, "order_rejected", None]),
        ({"on_error": "continue"}, [None, "order_rejected", None]),
        ({"on_error": "STOP"}, [None, "order_rejected", "leg_skipped"]),
    ],
)
async def test_a_part_that_fails_does_not_stop_the_rest_unless_asked_to(
    world: World, given: dict[str, object], codes: list[str | None]
) -> None:
    answers = iter([None, OrderRefused("No"), None])
    world.venue.fate = lambda _: next(answers)
    _, body = await post(world, "splitorder", split(**given))
    assert body["status"] == "success"
    assert [row.get("code") for row in body["results"]] == codes


async def test_a_split_that_fails_whole_is_an_error(world: World) -> None:
    world.venue.refusal = OrderRefused("Circuit limit")
    status, body = await post(world, "splitorder", split(client_order_id="k"))
    assert (status, body["status"]) == (200, "error")
    assert body["message"] == "All 3 orders failed: Circuit limit"
    assert (body["total_quantity"], body["split_size"]) == (25, 10)
    assert len(body["results"]) == 3
    assert body["client_order_id"] == "k"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"splitsize": 0}, "splitsize", "Split size must be a positive integer."),
        ({"splitsize": "2.5"}, "splitsize", "Split size must be a positive integer."),
        ({"splitsize": ...}, "splitsize", "Missing data for required field."),
        ({"quantity": 0}, "quantity", "Total quantity must be a positive number."),
        ({"on_error": "explode"}, "on_error", "Must be one of: continue, stop."),
        (
            {"quantity": 101, "splitsize": 1},
            "splitsize",
            "Total number of orders would exceed maximum limit of 100",
        ),
        (
            {"exchange": "NFO", "symbol": "NIFTY25NOV25FUT", "quantity": 150, "splitsize": 50},
            "splitsize",
            "Quantity must be in multiples of lot size 75",
        ),
    ],
)
async def test_a_split_that_cannot_be_is_refused(
    world: World, changes: dict[str, object], field: str, text: str
) -> None:
    status, body = await post(world, "splitorder", split(**changes))
    assert status == 400
    assert body["errors"] == {field: [text]}
    assert text in body["message"]
    assert world.venue.placed == []


# --- once

UNLIMITED = ApiSettings(version="0", limits=dict.fromkeys(RateClass, "100000 per second"))


@pytest.mark.parametrize(
    ("endpoint", "sent", "orders"),
    [
        ("placeorder", order_body(), 1),
        ("placesmartorder", order_body(position_size=5), 1),
        ("basketorder", basket(item(), item(action="SELL", quantity=2)), 2),
        ("splitorder", split(), 3),
    ],
)
async def test_a_hundred_requests_with_one_key_are_one_with_a_hundred_equal_answers(
    endpoint: str, sent: dict[str, object], orders: int
) -> None:
    world = World(settings=UNLIMITED)
    async with world.client() as client:
        replies = await asyncio.gather(
            *(
                client.post(f"/api/v1/{endpoint}", json=sent, headers={"Idempotency-Key": "k"})
                for _ in range(100)
            )
        )
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.text for reply in replies}) == 1
    assert replies[0].json()["client_order_id"] == "k"
    assert len(world.venue.placed) == orders


async def test_a_repeat_finishes_what_was_interrupted(world: World) -> None:
    world.venue.fate = lambda order: OSError() if order.quantity == 2 else None
    world.venue.lost = lambda order: order.quantity == 3
    sent = basket(*(item(quantity=n) for n in (1, 2, 3)), client_order_id="k")
    _, first = await post(world, "basketorder", sent)
    codes = [row.get("code") for row in first["results"]]
    assert codes == [None, "order_outcome_unknown", "order_outcome_unknown"]
    world.venue.fate = lambda _: None
    world.venue.lost = lambda _: False
    _, again = await post(world, "basketorder", sent)
    assert again["summary"] == {"total": 3, "success": 3, "failed": 0}
    assert again["results"][0] == first["results"][0]
    assert sorted(int(order.quantity) for order in world.venue.book) == [1, 2, 3]


async def test_another_basket_under_the_same_key_is_a_conflict(world: World) -> None:
    await post(world, "basketorder", basket(item(), client_order_id="k"))
    status, body = await post(world, "basketorder", basket(item(quantity=2), client_order_id="k"))
    assert (status, body["code"]) == (409, "idempotency_conflict")
    assert len(world.venue.placed) == 1


# --- waiting for the owner


@pytest.mark.parametrize(
    ("endpoint", "sent"),
    [
        ("placesmartorder", order_body(position_size=5)),
        ("basketorder", basket(item())),
        ("splitorder", split()),
        (
            "placegttorder",
            order_body(
                trigger_type="SINGLE",
                product="CNC",
                pricetype="LIMIT",
                price=100,
                triggerprice_sl=101,
            ),
        ),
    ],
)
async def test_in_semi_auto_mode_orders_wait_for_the_owner(
    world: World, endpoint: str, sent: dict[str, object]
) -> None:
    world.venue.mode = VenueMode.LIVE
    world.modes.mode = OrderMode.SEMI_AUTO
    assert await post(world, endpoint, sent) == (
        200,
        {
            "status": "success",
            "message": "Order queued for approval in Action Center",
            "mode": "semi_auto",
            "pending_order_id": 1,
        },
    )
    assert world.venue.placed == []
    assert world.venue.waiting == []
