"""What the web app remembers of its user."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.accounts.web_preferences import MAX_VALUE_BYTES
from openalgo.api.envelope import json_text
from tests.api.test_chart import JSON
from tests.ui.site import Site

PATH = "/ui/preferences"


async def put(browser: httpx.AsyncClient, name: str, value: Any, **more: Any) -> httpx.Response:
    return await browser.put(f"{PATH}/{name}", json={"value": value, **more})


async def kept(browser: httpx.AsyncClient) -> Any:
    reply = await browser.get(PATH)
    assert (reply.status_code, reply.json()["status"]) == (200, "success")
    return reply.json()["data"]


async def test_another_browser_of_the_user_finds_it(site: Site, browser: httpx.AsyncClient) -> None:
    assert await kept(browser) == {}
    lists = [{"name": "Main", "instruments": ["NSE:SBIN", "NSE:M&M"]}]
    reply = await put(browser, "watch-lists", lists, since=0)
    told = {"name": "watch-lists", "version": 1, "updated_at": "2026-03-02T05:00:00Z"}
    assert (reply.status_code, reply.json()["data"]) == (200, told)
    async with site.visit() as elsewhere:
        assert await kept(elsewhere) == {
            "watch-lists": {"value": lists, "version": 1, "updated_at": "2026-03-02T05:00:00Z"}
        }


async def test_two_windows_do_not_undo_each_other_unseen(browser: httpx.AsyncClient) -> None:
    await put(browser, "watch-lists", ["A"], since=0)
    await put(browser, "watch-lists", ["A", "B"], since=1)
    late = await put(browser, "watch-lists", ["A", "C"], since=1)
    assert (late.status_code, late.json()["code"]) == (409, "preference_changed")
    assert late.json()["version"] == 2
    assert (await kept(browser))["watch-lists"]["value"] == ["A", "B"]


async def test_what_is_left_out_replaces_whatever_there_is(browser: httpx.AsyncClient) -> None:
    for theme in ("dark", "light"):
        assert (await put(browser, "appearance", {"theme": theme})).status_code == 200
    assert (await kept(browser))["appearance"]["value"] == {"theme": "light"}


@pytest.mark.parametrize("name", ["", "Upper", "1st", "a b", "a/b", "a" * 51, "é", "a%00"])
async def test_names_are_short_and_plain(browser: httpx.AsyncClient, name: str) -> None:
    assert (await put(browser, name, 1)).status_code in (400, 404, 405)
    assert await kept(browser) == {}


@pytest.mark.parametrize(
    "body", [{}, {"since": 1}, {"value": 1, "since": -1}, {"value": 1, "version": 2}]
)
async def test_a_body_that_is_none_is_refused(browser: httpx.AsyncClient, body: Any) -> None:
    reply = await browser.put(f"{PATH}/a", json=body)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")


async def test_what_is_too_large_or_too_deep_is_refused_in_a_sentence(
    browser: httpx.AsyncClient,
) -> None:
    large = await put(browser, "drawings", "x" * MAX_VALUE_BYTES)
    assert (large.status_code, large.json()["code"]) == (400, "validation_error")
    assert large.json()["message"] == f"drawings is {MAX_VALUE_BYTES + 2} bytes (max 262144)"
    deep = b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    reply = await browser.put(
        f"{PATH}/drawings", content=deep, headers={"content-type": "application/json"}
    )
    assert (reply.status_code, reply.json()["status"]) == (400, "error")
    assert await kept(browser) == {}


@settings(deadline=None, max_examples=100)
@given(JSON)
def test_any_json_is_kept_as_it_was(value: Any) -> None:
    assert json.loads(json_text(value)) == value
    assert "\x00" not in json_text(value)


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8")))
def test_texts_are_kept_as_databases_take_them(text: str) -> None:
    json_text(text).encode()


async def test_nobody_sees_or_changes_those_of_another_user(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await site.make_other_user("asha")
    await put(browser, "watch-lists", ["mine"])
    async with site.visit(username="asha") as other:
        assert await kept(other) == {}
        # Not even by naming an account of theirs: preferences are of the user.
        other.headers["X-Account"] = "1"
        assert await kept(other) == {}
        assert (await put(other, "watch-lists", ["hers"], since=0)).status_code == 200
    assert (await kept(browser))["watch-lists"]["value"] == ["mine"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_only_the_user_in_person_may(empty: Site, method: str) -> None:
    key = await empty.make_user()
    path = PATH if method == "GET" else f"{PATH}/a"
    async with empty.browser() as program:
        for headers in ({}, {"X-API-KEY": key}, {"Authorization": f"Bearer {key}"}):
            reply = await program.request(method, path, json={"value": 1}, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "session_expired")
    async with empty.visit() as browser:
        del browser.headers["X-CSRFToken"]
        reply = await put(browser, "a", 1)
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")
        assert await kept(browser) == {}
