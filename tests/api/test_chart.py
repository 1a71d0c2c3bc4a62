"""What charts remember."""

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.api.application import ApiSettings
from openalgo.domain.errors import BrokerSessionExpired, InvalidRequest
from tests.api.fakes import KEY, World

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
)


async def put(world: World, members: dict[str, Any], key: str | None = KEY) -> httpx.Response:
    async with world.client() as client:
        body = members if key is None else {"apikey": key, **members}
        return await client.post("/api/v1/chart", json=body)


async def kept(world: World) -> Any:
    async with world.client() as client:
        reply = await client.get("/api/v1/chart", params={"apikey": KEY})
    assert reply.json()["status"] == "success"
    return reply.json()["data"]


async def test_preferences_are_merged_key_by_key(world: World) -> None:
    assert await kept(world) == {}
    reply = await put(world, {"theme": "dark", "grid": True})
    assert (reply.status_code, reply.json()) == (
        200,
        {"status": "success", "message": "Preferences updated successfully"},
    )
    await put(world, {"theme": {"name": "light", "panes": [1, 2.5, None]}})
    assert await kept(world) == {
        "theme": {"name": "light", "panes": [1, 2.5, None]},
        "grid": True,
    }


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(min_size=1, max_size=50).filter(str.isprintable), JSON, min_size=1))
async def test_any_json_comes_back_as_it_was(members: dict[str, Any]) -> None:
    members.pop("apikey", None)
    members = dict(list(members.items())[:50])
    if members:
        world = World()
        assert (await put(world, members)).status_code == 200
        assert await kept(world) == members


async def test_what_json_may_escape_is_kept(world: World) -> None:
    async with world.client() as client:
        content = f'{{"apikey":"{KEY}","odd":"\\ud800","long":{10**30},"none":NaN}}'
        reply = await client.post("/api/v1/chart", content=content)
        assert reply.status_code == 200
        text = (await client.get("/api/v1/chart", headers={"X-API-KEY": KEY})).text
    assert f'"long":{10**30}' in text
    assert '"odd":"\\ud800"' in text
    assert '"none":null' in text


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "No preferences provided to update"),
        ({f"k{n}": n for n in range(51)}, "Too many preference keys (max 50)"),
        ({"k" * 51: 1}, f"Preference key too long: {'k' * 50}…"),
        ({"bad\0": 1}, "Preference key is not a valid string"),
        ({"big": "x" * 1024 * 1024}, "Preference value too large for key: big (max 1MB)"),
        ({"big": "₹" * (1024 * 1024 // 3)}, "Preference value too large for key: big (max 1MB)"),
    ],
)
async def test_what_cannot_be_kept_is_said(members: dict[str, Any], text: str) -> None:
    world = World(settings=ApiSettings(version="0", max_body_bytes=4 * 1024 * 1024))
    reply = await put(world, members)
    assert (reply.status_code, reply.json()["message"]) == (400, text)
    assert reply.json()["code"] == "validation_error"
    assert world.preferences.kept == {}


async def test_limits_are_what_still_fits() -> None:
    world = World(settings=ApiSettings(version="0", max_body_bytes=4 * 1024 * 1024))
    members: dict[str, Any] = {f"{n:050}": n for n in range(49)}
    assert (await put(world, {**members, "big": "x" * (1024 * 1024 - 2)})).status_code == 200


async def test_a_body_without_anything_is_said(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/chart", json={}, headers={"X-API-KEY": KEY})
    assert (reply.status_code, reply.json()["message"]) == (400, "No data provided")


async def test_the_total_is_limited_where_it_is_kept(world: World) -> None:
    world.preferences.refusal = InvalidRequest("preferences", "Preferences too large in all")
    reply = await put(world, {"theme": "dark"})
    assert (reply.status_code, reply.json()["message"]) == (400, "Preferences too large in all")


async def test_preferences_need_the_key_and_nothing_else(world: World) -> None:
    world.accounts.refusal = BrokerSessionExpired()
    assert (await put(world, {"theme": "dark"})).status_code == 200
    assert await kept(world) == {"theme": "dark"}
    async with world.client() as client:
        missing = await client.get("/api/v1/chart")
        wrong = await client.get("/api/v1/chart", params={"apikey": "nobody"})
    assert (missing.status_code, missing.json()["message"]) == (400, "Missing apikey parameter")
    assert missing.json()["errors"] == {"apikey": ["Missing apikey parameter"]}
    assert (wrong.status_code, wrong.json()["message"]) == (403, "Invalid openalgo apikey")
    assert (await put(world, {"theme": "dark"}, key=None)).status_code == 400
