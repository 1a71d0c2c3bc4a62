"""One shape for every error, with the right status and a stable code."""

import json
from typing import Any

import pytest

from openalgo.domain.errors import (
    BrokerSessionExpired,
    BrokerUnavailable,
    EngineBusy,
    IdempotencyConflict,
    InsufficientFunds,
    OpenAlgoError,
    OrderRefused,
    OutcomeUnknown,
    StorageUnavailable,
    Unsupported,
)
from openalgo.trading.venues import VenueMode
from tests.api.fakes import KEY, READ_KEY, World, order_body


async def post(world: World, endpoint: str, body: object) -> tuple[int, dict[str, Any]]:
    async with world.client() as client:
        reply = await client.post(f"/api/v1/{endpoint}", json=body)
    members: dict[str, Any] = reply.json()
    if reply.status_code != 200:
        assert members["status"] == "error"
        assert isinstance(members["message"], str)
        assert members["code"]
        assert members["request_id"] == reply.headers["x-request-id"]
        assert "detail" not in members
    return reply.status_code, members


# --- JSON


@pytest.mark.parametrize(
    "content",
    [
        "",
        "   ",
        "{",
        "not json",
        "[]",
        '[{"apikey":"k"}]',
        '"text"',
        "7",
        "null",
        "true",
        "\ufeff",
        "[" * 100_000,
        '{"quantity":' + "9" * 5000 + "}",
        b"\xff\xfe",
    ],
)
async def test_a_body_that_is_no_json_object_is_refused_as_such(
    world: World, content: str | bytes
) -> None:
    async with world.client() as client:
        for path in ("/api/v1/placeorder", "/api/v1/funds"):
            reply = await client.post(path, content=content, headers={"X-API-KEY": KEY})
            assert reply.status_code == 400
            assert reply.json()["message"] == "Request body is missing or invalid JSON"
            assert reply.json()["code"] == "invalid_json"


async def test_json_is_compact(world: World) -> None:
    async with world.client() as client:
        good = await client.post("/api/v1/ping", json={"apikey": KEY})
        bad = await client.post("/api/v1/funds", json={})
    assert good.text == '{"status":"success","data":{"message":"pong","broker":"simulator"}}'
    for reply in (good, bad):
        assert reply.headers["content-type"] == "application/json"
        assert reply.text == json.dumps(reply.json(), separators=(",", ":"))


# --- paths and methods


async def test_an_unknown_path_is_named(world: World) -> None:
    async with world.client() as client:
        for path in ("/api/v1/symbols", "/api/v1/", "/nowhere"):
            reply = await client.get(path)
            body = reply.json()
            assert reply.status_code == 404
            assert (body["message"], body["code"]) == ("Not found", "not_found")
            assert body["path"] == (path.rstrip("/") if path.startswith("/api") else path)


async def test_a_wrong_method_says_which_are_allowed(world: World) -> None:
    async with world.client() as client:
        reply = await client.get("/api/v1/placeorder")
    assert reply.status_code == 405
    assert reply.headers["allow"] == "POST"
    assert reply.json()["code"] == "method_not_allowed"
    assert reply.json()["status"] == "error"


# --- validation


async def test_validation_has_one_shape_with_all_fields_at_once(world: World) -> None:
    body = {"apikey": KEY, "quantity": 0, "price": -1, "action": "HOLD"}
    assert await post(world, "placeorder", body) == (
        400,
        {
            "status": "error",
            "message": "strategy: Missing data for required field.; "
            "exchange: Missing data for required field.; "
            "symbol: Missing data for required field.; "
            "action: Must be one of: BUY, SELL.; "
            "quantity: Quantity must be a positive number.; "
            "price: Price must be a non-negative number.",
            "code": "validation_error",
            "errors": {
                "strategy": ["Missing data for required field."],
                "exchange": ["Missing data for required field."],
                "symbol": ["Missing data for required field."],
                "action": ["Must be one of: BUY, SELL."],
                "quantity": ["Quantity must be a positive number."],
                "price": ["Price must be a non-negative number."],
            },
            "mode": "analyze",
            "request_id": world.journal.records[0].request_id,
        },
    )


async def test_mode_is_said_by_the_paper_exchange_only(world: World) -> None:
    _, on_paper = await post(world, "orderstatus", {"apikey": KEY})
    _, of_the_market = await post(world, "quotes", {"apikey": KEY})
    world.venue.mode = VenueMode.LIVE
    _, live = await post(world, "orderstatus", {"apikey": KEY})
    assert on_paper["mode"] == "analyze"
    assert "mode" not in of_the_market
    assert "mode" not in live


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
async def test_json_numbers_that_are_none_are_refused(world: World, text: str) -> None:
    async with world.client() as client:
        reply = await client.post(
            "/api/v1/placeorder",
            content=json.dumps(order_body(price="PRICE")).replace('"PRICE"', text),
        )
    assert reply.status_code == 400
    assert reply.json()["errors"] == {
        "price": ["Special numeric values (nan or infinity) are not permitted."]
    }


# --- the orders nobody would take


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        (
            {"pricetype": "LIMIT"},
            "price",
            "LIMIT orders require price",
        ),
        (
            {"pricetype": "SL", "price": 10},
            "trigger_price",
            "SL orders require trigger_price",
        ),
        (
            {"product": "NRML"},
            "product",
            "NRML is not allowed on NSE. Use CNC or MIS.",
        ),
        (
            {"quantity": "1.5"},
            "quantity",
            "Fractional quantity (1.5) is not allowed for non-crypto exchanges.",
        ),
        (
            {"exchange": "NSE_INDEX", "symbol": "NIFTY"},
            "exchange",
            "Index instruments are not tradable",
        ),
        (
            {"exchange": "NFO", "symbol": "NIFTY25NOV25FUT", "quantity": 100},
            "quantity",
            "Quantity must be in multiples of lot size 75",
        ),
    ],
)
async def test_orders_no_exchange_takes_name_their_field(
    world: World, changes: dict[str, object], field: str, message: str
) -> None:
    status, body = await post(world, "placeorder", order_body(**changes))
    assert status == 400
    assert (body["message"], body["code"]) == (message, "invalid_order")
    assert body["errors"] == {field: [message]}
    assert body["mode"] == "analyze"
    assert world.venue.placed == []


async def test_an_unknown_symbol_is_the_callers_mistake(world: World) -> None:
    status, body = await post(world, "placeorder", order_body(symbol="NOSUCH"))
    assert (status, body["code"]) == (400, "symbol_not_found")
    assert body["message"] == "Symbol NOSUCH not found on NSE"


# --- what the venue says


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (OrderRefused("Circuit limit"), 400, "order_rejected"),
        (InsufficientFunds("Insufficient funds."), 400, "insufficient_funds"),
        (IdempotencyConflict(), 409, "idempotency_conflict"),
        (BrokerSessionExpired(), 403, "broker_session"),
        (Unsupported("Not here"), 501, "unsupported"),
        (BrokerUnavailable("No answer"), 502, "broker_unavailable"),
        (EngineBusy(), 503, "engine_busy"),
        (StorageUnavailable(), 503, "storage_unavailable"),
        (OutcomeUnknown(), 504, "order_outcome_unknown"),
    ],
)
async def test_what_the_venue_says_keeps_its_status_code_and_words(
    world: World, refusal: OpenAlgoError, status: int, code: str
) -> None:
    world.venue.refusal = refusal
    answered, body = await post(world, "placeorder", order_body())
    assert (answered, body["code"], body["message"]) == (status, code, refusal.message)
    assert body["mode"] == "analyze"


async def test_a_refusal_that_left_a_row_names_the_order(world: World) -> None:
    world.venue.refusal = OrderRefused("Not enough shares", order_id="25112100000009")
    _, body = await post(world, "placeorder", order_body())
    assert body["orderid"] == "25112100000009"


async def test_an_unknown_order_is_not_found(world: World) -> None:
    for endpoint in ("orderstatus", "cancelorder"):
        status, body = await post(
            world, endpoint, {"apikey": KEY, "strategy": "s", "orderid": 25112199999999}
        )
        assert (status, body["code"]) == (404, "order_not_found")
        assert body["message"] == "Order 25112199999999 not found"
        assert body["mode"] == "analyze"
        assert "path" not in body


async def test_a_key_without_the_scope_is_told_which(world: World) -> None:
    status, body = await post(world, "placeorder", order_body(apikey=READ_KEY))
    assert (status, body["code"]) == (403, "insufficient_scope")
    assert body["message"] == "This API key does not have the 'trade' scope"
    assert world.venue.placed == []
