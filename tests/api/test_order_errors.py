"""Every error an endpoint of orders or of the account's books can end in."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from openalgo.accounts.accounts import OrderMode
from openalgo.api.application import ApiSettings
from openalgo.api.limits import RateClass
from openalgo.domain.errors import (
    BrokerSessionExpired,
    BrokerUnavailable,
    EngineBusy,
    IdempotencyConflict,
    OrderRefused,
    OutcomeUnknown,
    StorageUnavailable,
    Unsupported,
)
from openalgo.trading.venues import VenueMode
from tests.api.fakes import KEY, READ_KEY, TRADE_KEY, World, order_body, position

GTT = order_body(
    trigger_type="SINGLE", product="CNC", pricetype="LIMIT", price=100, triggerprice_sl=101
)
ABOUT_ORDER = {"strategy": "s", "orderid": "25112199999999"}
ABOUT_GTT = {"strategy": "s", "trigger_id": "GTT-251121-ffffffff"}
MINE = {"strategy": "s"}

ORDERS: dict[str, dict[str, object]] = {
    "placeorder": order_body(),
    "placesmartorder": order_body(position_size=5),
    "modifyorder": order_body(pricetype="LIMIT", price=5, **ABOUT_ORDER),
    "cancelorder": dict(ABOUT_ORDER),
    "cancelallorder": dict(MINE),
    "closeposition": dict(MINE),
    "basketorder": {**MINE, "orders": [order_body()]},
    "splitorder": order_body(splitsize=1),
    "placegttorder": GTT,
    "modifygttorder": {**GTT, **ABOUT_GTT},
    "cancelgttorder": dict(ABOUT_GTT),
}
READS: dict[str, dict[str, object]] = {
    "orderstatus": dict(ABOUT_ORDER),
    "openposition": {**MINE, "symbol": "RELIANCE", "exchange": "NSE", "product": "MIS"},
    "orderbook": {},
    "tradebook": {},
    "positionbook": {},
    "holdings": {},
    "funds": {},
    "gttorderbook": {},
    "pnl/symbols": {},
}
ALL = ORDERS | READS
# These answer for each order by itself.
BY_ROW = {"basketorder", "splitorder"}
AT_ONCE = [name for name in ALL if name not in BY_ROW]


async def send(
    world: World, endpoint: str, *, key: str | None = KEY, **changes: object
) -> httpx.Response:
    body = ALL[endpoint] | {"apikey": key} | changes
    body = {name: value for name, value in body.items() if value not in (None, ...)}
    async with world.client() as client:
        return await client.post(f"/api/v1/{endpoint}", json=body)


def told(reply: httpx.Response) -> dict[str, Any]:
    """The members of an error, whose form is always the same."""
    body: dict[str, Any] = reply.json()
    assert body["status"] == "error"
    assert isinstance(body["message"], str)
    assert body["message"]
    assert body["code"]
    assert body["request_id"] == reply.headers["x-request-id"]
    assert reply.text.startswith('{"status":"error","message":"')
    return body


# --- who asks


@pytest.mark.parametrize("endpoint", ALL)
async def test_without_a_key_or_with_a_wrong_one(world: World, endpoint: str) -> None:
    missing = await send(world, endpoint, key=None)
    assert (missing.status_code, list(told(missing)["errors"])) == (400, ["apikey"])
    wrong = await send(world, endpoint, key="wrong", strategy=...)
    assert (wrong.status_code, told(wrong)["message"]) == (403, "Invalid openalgo apikey")
    assert world.journal.records == []


@pytest.mark.parametrize("endpoint", ALL)
async def test_with_a_key_of_another_scope(world: World, endpoint: str) -> None:
    reply = await send(world, endpoint, key=READ_KEY if endpoint in ORDERS else TRADE_KEY)
    assert (reply.status_code, told(reply)["code"]) == (403, "insufficient_scope")


# --- what is asked


@pytest.mark.parametrize("endpoint", [name for name in ALL if "strategy" in ALL[name]])
async def test_with_a_field_missing(world: World, endpoint: str) -> None:
    reply = await send(world, endpoint, strategy=...)
    body = told(reply)
    assert (reply.status_code, body["code"], body["mode"]) == (400, "validation_error", "analyze")
    assert body["errors"] == {"strategy": ["Missing data for required field."]}
    assert body["message"] == "strategy: Missing data for required field."


@pytest.mark.parametrize("endpoint", ALL)
async def test_with_a_body_that_is_no_object_or_too_large(world: World, endpoint: str) -> None:
    async with world.client() as client:
        headers = {"X-API-KEY": KEY}
        array = await client.post(f"/api/v1/{endpoint}", content="[1]", headers=headers)
        large = await client.post(
            f"/api/v1/{endpoint}", content=b" " * (1024 * 1024 + 1), headers=headers
        )
    assert (array.status_code, told(array)["code"]) == (400, "invalid_json")
    assert (large.status_code, told(large)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "endpoint", ["placeorder", "placesmartorder", "splitorder", "placegttorder"]
)
async def test_for_a_symbol_nobody_lists(world: World, endpoint: str) -> None:
    reply = await send(world, endpoint, symbol="NOSUCH")
    assert (reply.status_code, told(reply)["code"]) == (400, "symbol_not_found")


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("modifyorder", "Order 25112199999999 not found"),
        ("cancelorder", "Order 25112199999999 not found"),
        ("orderstatus", "Order 25112199999999 not found"),
        ("modifygttorder", "No active GTT with trigger_id 'GTT-251121-ffffffff'"),
        ("cancelgttorder", "No active GTT with trigger_id 'GTT-251121-ffffffff'"),
    ],
)
async def test_for_what_is_not_there(world: World, endpoint: str, message: str) -> None:
    reply = await send(world, endpoint)
    assert (reply.status_code, told(reply)["message"]) == (404, message)


# --- who decides


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        (
            "modifyorder",
            "Modify order operation is not allowed in Semi-Auto mode. "
            "Please switch to Auto mode to modify orders.",
        ),
        (
            "cancelorder",
            "Cancel order operation is not allowed in Semi-Auto mode. "
            "Please switch to Auto mode to cancel orders.",
        ),
        (
            "cancelallorder",
            "Cancel all orders operation is not allowed in Semi-Auto mode. "
            "Please switch to Auto mode to cancel orders.",
        ),
        (
            "closeposition",
            "Close position operation is not allowed in Semi-Auto mode. "
            "Please switch to Auto mode to close positions.",
        ),
        (
            "modifygttorder",
            "Modify GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.",
        ),
        (
            "cancelgttorder",
            "Cancel GTT order is not allowed in Semi-Auto mode. Switch to Auto mode.",
        ),
    ],
)
async def test_in_semi_auto_mode(world: World, endpoint: str, message: str) -> None:
    world.modes.mode = OrderMode.SEMI_AUTO
    assert (await send(world, endpoint)).status_code in (200, 404)
    world.venue.mode = VenueMode.LIVE
    reply = await send(world, endpoint)
    assert (reply.status_code, told(reply)["message"]) == (403, message)
    assert told(reply)["code"] == "blocked_in_semi_auto"


@pytest.mark.parametrize("endpoint", ORDERS)
async def test_when_the_order_mode_cannot_be_read(world: World, endpoint: str) -> None:
    world.modes.failure = StorageUnavailable()
    reply = await send(world, endpoint)
    assert (reply.status_code, told(reply)["code"]) == (503, "order_mode_unknown")
    assert world.venue.placed == []


# --- what the venue says

VENUE_ERRORS: list[tuple[Callable[[], Exception], int, str]] = [
    (lambda: OrderRefused("Circuit limit"), 400, "order_rejected"),
    (BrokerSessionExpired, 403, "broker_session"),
    (IdempotencyConflict, 409, "idempotency_conflict"),
    (lambda: Unsupported("Not here"), 501, "unsupported"),
    (lambda: BrokerUnavailable("No answer"), 502, "broker_unavailable"),
    (EngineBusy, 503, "engine_busy"),
    (StorageUnavailable, 503, "storage_unavailable"),
    (OutcomeUnknown, 504, "order_outcome_unknown"),
    (lambda: ZeroDivisionError("the secret inside"), 500, "internal_error"),
]


@pytest.mark.parametrize("endpoint", AT_ONCE)
@pytest.mark.parametrize(("refusal", "status", "code"), VENUE_ERRORS)
async def test_when_the_venue_refuses(
    world: World, endpoint: str, refusal: Callable[[], Exception], status: int, code: str
) -> None:
    world.venue.refusal = refusal()
    reply = await send(world, endpoint)
    body = told(reply)
    assert (reply.status_code, body["code"], body["mode"]) == (status, code, "analyze")
    assert "secret" not in reply.text


@pytest.mark.parametrize("endpoint", sorted(BY_ROW))
@pytest.mark.parametrize(("refusal", "status", "code"), VENUE_ERRORS)
async def test_when_the_venue_refuses_one_of_many(
    world: World, endpoint: str, refusal: Callable[[], Exception], status: int, code: str
) -> None:
    world.venue.refusal = refusal()
    reply = await send(world, endpoint)
    # What nobody foresaw may have happened after the order left.
    of_order = "order_outcome_unknown" if status == 500 else code
    of_all = of_order if of_order == "order_outcome_unknown" else "all_orders_failed"
    assert (reply.status_code, told(reply)["code"]) == (200, of_all)
    [row] = told(reply)["results"]
    assert row["code"] == of_order
    assert row["status"] == "error"
    assert row["message"]
    assert "secret" not in reply.text


@pytest.mark.parametrize("endpoint", ["placeorder", "placesmartorder"])
async def test_when_the_order_alone_is_refused(world: World, endpoint: str) -> None:
    for refusal, status, code in VENUE_ERRORS[:-1]:
        world.venue.fate = lambda _, refusal=refusal: refusal()  # type: ignore[misc]
        reply = await send(world, endpoint)
        assert (reply.status_code, told(reply)["code"]) == (status, code)


# --- how often


@pytest.mark.parametrize("endpoint", ALL)
async def test_too_often(endpoint: str) -> None:
    classes = {"placesmartorder": RateClass.SMART_ORDER}
    ordering = ("placeorder", "modifyorder", "cancelorder")
    gtts = ("placegttorder", "modifygttorder", "cancelgttorder")
    classes |= dict.fromkeys((*ordering, *gtts), RateClass.ORDER)
    mine = classes.get(endpoint, RateClass.API)
    limits = dict.fromkeys(RateClass, "1000 per second") | {mine: "1 per minute"}
    world = World(settings=ApiSettings(version="0", limits=limits))
    async with world.client() as client:
        body = ALL[endpoint] | {"apikey": KEY}
        first = await client.post(f"/api/v1/{endpoint}", json=body)
        reply = await client.post(f"/api/v1/{endpoint}", json=body)
    assert first.status_code != 429
    told_body = told(reply)
    assert (reply.status_code, told_body["code"]) == (429, "rate_limited")
    assert reply.headers["retry-after"] == str(told_body["retry_after"])


# --- how clients tell them apart


@pytest.mark.parametrize("endpoint", ALL)
async def test_charting_programs_find_success_in_the_text(world: World, endpoint: str) -> None:
    async with world.client() as client:
        placed = await client.post("/api/v1/placeorder", json=order_body())
        waiting = await client.post("/api/v1/placegttorder", json=GTT)
    world.venue.marked = [position("5")]
    ids = {
        name: value
        for name, value in (
            ("orderid", placed.json()["orderid"]),
            ("trigger_id", waiting.json()["trigger_id"]),
        )
        if name in ALL[endpoint]
    }
    reply = await send(world, endpoint, **ids)
    assert reply.status_code == 200
    assert '"status":"success"' in reply.text
    assert reply.text == json.dumps(reply.json(), separators=(",", ":"), ensure_ascii=False)
    assert isinstance(reply.json().get("message", ""), str)
    async with world.client() as client:
        slashed = await client.post(f"/api/v1/{endpoint}/", json={"apikey": "wrong"})
    assert (slashed.status_code, slashed.json()["message"]) == (403, "Invalid openalgo apikey")
