"""Cancelling all orders and closing positions, over HTTP."""

from typing import Any

import pytest
from msgspec.structs import replace

from openalgo.domain.errors import BrokerUnavailable, InsufficientFunds, OrderNotWorking
from openalgo.domain.orders import OrderStatus, PriceType, Product
from openalgo.domain.portfolio import MarkedPosition
from openalgo.trading.venues import VenueMode
from tests.api.fakes import KEY, World, order_body, position


async def post(world: World, endpoint: str, **members: object) -> tuple[int, Any]:
    body = {"apikey": KEY, "strategy": "Python", **members}
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body)
    return reply.status_code, reply.json()


async def place(world: World, **changes: object) -> str:
    _, body = await post(world, "placeorder", **order_body(**changes))
    order_id: str = body["orderid"]
    return order_id


def held(quantity: str, symbol: str = "RELIANCE", product: Product = Product.MIS) -> MarkedPosition:
    marked = position(quantity)
    return replace(marked, position=replace(marked.position, symbol=symbol, product=product))


# --- cancelling all


async def test_all_orders_at_work_are_cancelled_stops_too(world: World) -> None:
    first = await place(world)
    stop = await place(world, pricetype="SL-M", trigger_price=1)
    done = await place(world)
    statuses = {stop: OrderStatus.TRIGGER_PENDING, done: OrderStatus.COMPLETE}
    world.venue.book = [
        replace(order, status=statuses.get(order.order_id, order.status))
        for order in world.venue.book
    ]
    status, body = await post(world, "cancelallorder")
    assert status == 200
    assert sorted(body.pop("canceled_orders")) == sorted([first, stop])
    assert body == {
        "status": "success",
        "mode": "analyze",
        "failed_cancellations": [],
        "message": "Canceled 2 orders. Failed to cancel 0 orders.",
    }


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        (VenueMode.ANALYZE, "No open orders to cancel"),
        (VenueMode.LIVE, "Canceled 0 orders. Failed to cancel 0 orders."),
    ],
)
async def test_nothing_to_cancel_is_a_success(world: World, mode: VenueMode, message: str) -> None:
    world.venue.mode = mode
    status, body = await post(world, "cancelallorder")
    assert (status, body["status"], body["message"]) == (200, "success", message)
    assert (body["canceled_orders"], body["failed_cancellations"]) == ([], [])


async def test_what_could_not_be_cancelled_is_listed_with_the_reason(world: World) -> None:
    kept, gone = await place(world), await place(world)
    world.venue.stuck[kept] = OrderNotWorking("Cannot cancel order in complete status")
    status, body = await post(world, "cancelallorder")
    assert (status, body["status"]) == (200, "success")
    assert body["canceled_orders"] == [gone]
    assert body["failed_cancellations"] == [
        {
            "orderid": kept,
            "message": "Cannot cancel order in complete status",
            "reason": "Cannot cancel order in complete status",
            "code": "order_not_working",
        }
    ]
    assert body["message"] == "Canceled 1 orders. Failed to cancel 1 orders."


async def test_cancelling_nothing_of_what_there_is_is_an_error(world: World) -> None:
    kept = await place(world)
    world.venue.stuck[kept] = BrokerUnavailable("No answer")
    status, body = await post(world, "cancelallorder")
    assert (status, body["status"]) == (200, "error")
    assert body["message"] == "Canceled 0 orders. Failed to cancel 1 orders. No answer"
    assert body["code"] == "all_cancellations_failed"
    assert [each["orderid"] for each in body["failed_cancellations"]] == [kept]
    assert body["request_id"] == world.journal.records[-1].request_id


async def test_a_book_that_cannot_be_read_is_an_error_not_an_empty_one(world: World) -> None:
    await place(world)
    world.venue.refusal = BrokerUnavailable("No answer")
    for endpoint in ("cancelallorder", "closeposition"):
        status, body = await post(world, endpoint)
        assert (status, body["code"]) == (502, "broker_unavailable")


@pytest.mark.parametrize(
    ("members", "left"),
    [
        ({"strategy": "other"}, 0),
        ({"strategy": "other", "strategy_only": "yes"}, 3),
        ({"strategy_only": True}, 1),
        ({"symbol": "reliance"}, 1),
        ({"exchange": "nfo"}, 3),
        ({"product": "CNC"}, 3),
        ({"symbol": "", "exchange": None, "product": " "}, 0),
    ],
)
async def test_cancelling_may_be_narrowed(
    world: World, members: dict[str, object], left: int
) -> None:
    await place(world)
    await place(world, product="CNC")
    await place(world, strategy="other")
    await place(world, exchange="NFO", symbol="NIFTY25NOV25FUT", quantity=75, product="NRML")
    await post(world, "cancelallorder", **members)
    assert sum(order.status.is_working for order in world.venue.book) == left


# --- closing


async def test_every_position_is_closed_at_market(world: World) -> None:
    world.venue.marked = [held("-3"), held("0"), held("7", product=Product.CNC)]
    status, body = await post(world, "closeposition")
    assert (status, body) == (
        200,
        {
            "status": "success",
            "mode": "analyze",
            "message": "All Open Positions Squared Off",
            "closed_positions": 2,
            "failed_closures": 0,
            "results": [
                {
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "MIS",
                    "action": "BUY",
                    "quantity": 3,
                    "status": "success",
                    "orderid": "25112100000001",
                },
                {
                    "symbol": "RELIANCE",
                    "exchange": "NSE",
                    "product": "CNC",
                    "action": "SELL",
                    "quantity": 7,
                    "status": "success",
                    "orderid": "25112100000002",
                },
            ],
        },
    )
    assert {order.price_type for order, _ in world.venue.placed} == {PriceType.MARKET}
    assert {order.strategy for order, _ in world.venue.placed} == {"Python"}


async def test_some_that_fail_are_counted(world: World) -> None:
    world.venue.marked = [held("-3"), held("7", symbol="GONE")]
    status, body = await post(world, "closeposition")
    assert (status, body["status"]) == (200, "success")
    assert body["message"] == "Closed 1 positions (Failed to close 1 positions)"
    assert (body["closed_positions"], body["failed_closures"]) == (1, 1)
    assert body["results"][1]["code"] == "symbol_not_found"
    assert "orderid" not in body["results"][1]


async def test_closing_nothing_of_what_there_is_is_an_error(world: World) -> None:
    world.venue.marked = [held("-3"), held("7", product=Product.CNC)]
    world.venue.fate = lambda _: InsufficientFunds("No money")
    status, body = await post(world, "closeposition")
    assert (status, body["code"]) == (502, "close_failed")
    assert body["message"] == "Failed to close 2 positions: No money"
    assert (body["closed_positions"], body["failed_closures"]) == (0, 2)
    assert [row["code"] for row in body["results"]] == ["insufficient_funds"] * 2
    assert body["mode"] == "analyze"


async def test_an_exit_that_may_have_been_placed_has_not_failed(world: World) -> None:
    world.venue.marked = [held("-3"), held("7", product=Product.CNC)]
    world.venue.lost = lambda order: order.quantity == 7
    status, body = await post(world, "closeposition")
    assert (status, body["status"]) == (200, "success")
    assert (
        body["message"] == "Closed 1 positions (Failed to close 0 positions; outcome unknown of 1)"
    )
    assert (body["closed_positions"], body["failed_closures"]) == (1, 1)
    world.venue.lost = lambda _: True
    status, body = await post(world, "closeposition")
    assert (status, body["code"]) == (504, "order_outcome_unknown")
    assert body["message"].startswith("Outcome unknown of 2 of 2 exits: The outcome of this")
    assert [row["code"] for row in body["results"]] == ["order_outcome_unknown"] * 2


@pytest.mark.parametrize("mode", list(VenueMode))
async def test_nothing_to_close_is_a_success(world: World, mode: VenueMode) -> None:
    world.venue.mode = mode
    world.venue.marked = [held("0")]
    status, body = await post(world, "closeposition")
    assert (status, body["status"]) == (200, "success")
    assert body["message"] == "No open positions to close"
    assert (body["closed_positions"], body["failed_closures"], body["results"]) == (0, 0, [])


async def test_a_symbol_that_is_named_must_have_a_position(world: World) -> None:
    world.venue.marked = [held("5")]
    status, body = await post(world, "closeposition", symbol="SBIN", exchange="NSE", product="MIS")
    assert (status, body["code"]) == (404, "position_not_found")
    assert body["message"] == "No open position found for SBIN"
    status, body = await post(world, "closeposition", symbol="RELIANCE")
    assert (status, body["closed_positions"]) == (200, 1)


async def test_a_named_closing_is_done_once(world: World) -> None:
    world.venue.marked = [held("5")]
    first = await post(world, "closeposition", client_order_id="k")
    assert await post(world, "closeposition", client_order_id="k") == first
    assert first[1]["client_order_id"] == "k"
    assert len(world.venue.placed) == 1
