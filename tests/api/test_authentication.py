"""Whose key it is, where it was found, and what it may do."""

import json
from typing import Any

import httpx
import pytest

from tests.api.fakes import (
    ADMIN_KEY,
    COLD_KEY,
    KEY,
    OTHER_KEY,
    READ_KEY,
    TRADE_KEY,
    FakeReplay,
    World,
    order_body,
)

WRONG = "w" * 64


def sent(where: str, key: str) -> dict[str, Any]:
    """Request arguments that carry `key` in the place named."""
    return {
        "body": {"json": {"apikey": key}},
        "header": {"json": {}, "headers": {"X-API-KEY": key}},
        "bearer": {"json": {}, "headers": {"Authorization": f"Bearer {key}"}},
        "lower-case bearer": {"json": {}, "headers": {"Authorization": f"bearer {key}"}},
        "query": {"json": {}, "params": {"apikey": key}},
    }[where]


PLACES = ("body", "header", "bearer", "lower-case bearer", "query")


@pytest.mark.parametrize("where", PLACES)
async def test_the_key_is_found_in_each_of_its_places(world: World, where: str) -> None:
    async with world.client() as client:
        good = await client.post("/api/v1/funds", **sent(where, KEY))
        wrong = await client.post("/api/v1/funds", **sent(where, WRONG))
    assert good.status_code == 200
    assert wrong.status_code == 403
    assert wrong.json()["message"] == "Invalid openalgo apikey"
    assert wrong.json()["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    ("body", "headers", "query", "status"),
    [
        (KEY, {"X-API-KEY": WRONG, "Authorization": f"Bearer {WRONG}"}, WRONG, 200),
        (WRONG, {"X-API-KEY": KEY, "Authorization": f"Bearer {KEY}"}, KEY, 403),
        (None, {"X-API-KEY": KEY, "Authorization": f"Bearer {WRONG}"}, WRONG, 200),
        (None, {"X-API-KEY": WRONG, "Authorization": f"Bearer {KEY}"}, KEY, 403),
        (None, {"Authorization": f"Bearer {KEY}"}, WRONG, 200),
        (None, {"Authorization": f"Bearer {WRONG}"}, KEY, 403),
        (None, {"Authorization": f"Basic {WRONG}"}, KEY, 200),
        ("", {"X-API-KEY": KEY}, WRONG, 200),
    ],
)
async def test_body_comes_before_header_before_bearer_before_query(
    world: World, body: str | None, headers: dict[str, str], query: str, status: int
) -> None:
    members = {} if body is None else {"apikey": body}
    async with world.client() as client:
        reply = await client.post(
            "/api/v1/funds", json=members, headers=headers, params={"apikey": query}
        )
    assert reply.status_code == status


async def test_no_key_anywhere_is_a_missing_field(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/funds", json={"apikey": None})
    assert reply.status_code == 400
    assert reply.json()["errors"] == {"apikey": ["Missing data for required field."]}


async def test_a_wrong_key_is_refused_before_anything_else_is_looked_at(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/placeorder", json={"apikey": WRONG, "quantity": -1})
    assert reply.status_code == 403
    assert "mode" not in reply.json()


@pytest.mark.parametrize("key", [7, True, ["k"], {"k": 1}, "k" * 257, "é" * 10, "\ud800", " "])
async def test_what_cannot_be_a_key_is_refused(world: World, key: object) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/funds", content=json.dumps({"apikey": key}))
    assert reply.status_code in (400, 403)
    assert reply.json()["code"] in ("validation_error", "invalid_api_key")


async def test_blanks_around_a_key_do_not_matter(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/funds", json={"apikey": f" {KEY}\n"})
    assert reply.status_code == 200


async def test_a_key_not_in_memory_is_looked_up_in_storage(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/funds", json={"apikey": COLD_KEY})
    assert reply.status_code == 200
    assert world.keys.lookup(COLD_KEY) is not None


@pytest.mark.parametrize(
    ("endpoint", "scope"),
    [
        ("placeorder", "trade"),
        ("cancelorder", "trade"),
        ("analyzer/toggle", "admin"),
        ("replay/advance", "admin"),
        ("orderstatus", "read"),
        ("orderbook", "read"),
        ("tradebook", "read"),
        ("positionbook", "read"),
        ("funds", "read"),
        ("quotes", "read"),
        ("ping", "read"),
        ("analyzer", "read"),
        ("replay", "read"),
    ],
)
async def test_a_call_needs_the_scope_of_what_it_does(
    world: World, endpoint: str, scope: str
) -> None:
    world.replay = FakeReplay()
    keys = {"read": READ_KEY, "trade": TRADE_KEY, "admin": ADMIN_KEY}
    async with world.client() as client:
        for holds, key in keys.items():
            reply = await client.post(f"/api/v1/{endpoint}", json={"apikey": key})
            refused = reply.status_code == 403
            assert refused == (holds != scope), holds
            if refused:
                assert reply.json()["code"] == "insufficient_scope"
                assert reply.json()["message"] == (
                    f"This API key does not have the '{scope}' scope"
                )


async def test_a_get_takes_the_key_from_a_json_body_too(world: World) -> None:
    world.replay = FakeReplay()
    async with world.client() as client:
        without = await client.get("/api/v1/replay")
        by_body = await client.request("GET", "/api/v1/replay", json={"apikey": KEY})
        by_query = await client.get("/api/v1/replay", params={"apikey": KEY})
    assert (without.status_code, by_body.status_code, by_query.status_code) == (400, 200, 200)


async def test_the_caller_may_be_someone_else_each_time(world: World) -> None:
    async with world.client() as client:
        replies: list[httpx.Response] = [
            await client.post("/api/v1/placeorder", json=order_body(apikey=key))
            for key in (KEY, WRONG, OTHER_KEY)
        ]
    assert [reply.status_code for reply in replies] == [200, 403, 200]
