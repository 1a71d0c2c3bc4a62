"""Nobody gets in without a session, and nothing changes without the token and a page of ours."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Route

from openalgo.api.edge import Edge
from openalgo.api.ui.brokers import callback_router
from openalgo.api.ui.browser import SAFE_METHODS
from openalgo.api.ui.deps import acting, guest, visitor
from openalgo.api.ui.document import ROUTERS, admission, document_router
from tests.ui.site import Site, log_in

PUBLIC = {
    ("GET", "/auth/check-setup"),
    ("POST", "/setup"),
    ("POST", "/auth/login"),
    ("GET", "/auth/session-status"),
    ("GET", "/auth/csrf-token"),
    ("GET", "/auth/app-info"),
    ("GET", "/ui/openapi.json"),
    # Asks for the session itself, and answers with a page.
    ("GET", "/{broker}/callback"),
}
"""What anybody may ask. Adding to this list is a decision."""

# Served by other rooms, which have their own tests of who may come in.
ELSEWHERE = ("/api/v1/", "/health/", "/api/docs")


def routes() -> Iterator[tuple[str, APIRoute]]:
    for router in (*ROUTERS, document_router, callback_router):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield method, route


ROUTES = list(routes())
PROTECTED = [(method, route.path) for method, route in ROUTES if (method, route.path) not in PUBLIC]
CHANGING = [each for each in PROTECTED if each[0] not in SAFE_METHODS]


def address(path: str) -> str:
    """`path` with its parameters filled in."""
    return re.sub(r"\{\w+\}", "1", path)


def test_every_route_says_who_may_come_in() -> None:
    for method, route in ROUTES:
        found = admission(route.dependant)
        if (method, route.path) in PUBLIC:
            assert found is guest, route.path
        else:
            assert found is (visitor if method in SAFE_METHODS else acting), (method, route.path)


async def test_the_application_serves_nothing_else(site: Site) -> None:
    """A router that somebody includes past ROUTERS would escape the test above."""
    edge = site.app
    assert isinstance(edge, Edge)
    app: Any = edge
    while not hasattr(app, "routes"):
        app = app._app
    known = {(method, route.path) for method, route in ROUTES}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = context.path or ""
        if not isinstance(route, Route) or path.startswith(ELSEWHERE):
            continue
        for method in (context.methods or set()) - {"HEAD"}:
            assert (method, path) in known | {("GET", "/")}, path


@pytest.mark.parametrize("cookie", [None, "", "made-up", "x" * 5000])
async def test_without_a_session_nothing_is_told_or_done(site: Site, cookie: str | None) -> None:
    headers = {} if cookie is None else {"Cookie": f"session={cookie}"}
    async with site.browser() as stranger:
        for method, path in PROTECTED:
            reply = await stranger.request(method, address(path), headers=headers)
            assert reply.status_code == 401, (method, path)
            body = reply.json()
            assert (body["status"], body["error"]) == ("error", "session_expired")
            assert body["code"] == "session_expired"
            assert body["request_id"] == reply.headers["x-request-id"]
            assert body["message"]


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_without_the_token_nothing_changes(
    browser: httpx.AsyncClient, token: str | None
) -> None:
    del browser.headers["X-CSRFToken"]
    headers = [] if token is None else [(b"X-CSRFToken", token.encode())]
    for method, path in CHANGING:
        reply = await browser.request(method, address(path), headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed"), (method, path)
    assert (await browser.get("/apikey")).json()["order_mode"] == "auto"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:5001"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Origin": "http://127.0.0.1:5000", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_page_of_somebody_else_changes_nothing(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for method, path in CHANGING:
        reply = await browser.request(method, address(path), headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed"), (method, path)
    assert (await browser.get("/apikey")).json()["order_mode"] == "auto"


@pytest.mark.parametrize("path", ["/auth/login", "/setup"])
async def test_nor_does_it_log_anybody_in(site: Site, path: str) -> None:
    async with site.browser() as browser:
        reply = await browser.post(
            path,
            json={"username": "ravi", "password": "Nifty#25000"},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:5173"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://127.0.0.1:5000"},
        {"Origin": "HTTP://127.0.0.1:5000"},
        {"Origin": "https://trade.example", "Host": "trade.example"},
        {"Origin": "http://127.0.0.1:5000", "Host": "inside:80"},
    ],
)
async def test_pages_of_ours_and_programs_may(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    reply = await browser.post("/apikey/mode", json={"mode": "auto"}, headers=headers)
    assert reply.status_code == 200


async def test_either_header_carries_the_token(browser: httpx.AsyncClient) -> None:
    token = browser.headers.pop("X-CSRFToken")
    reply = await browser.post(
        "/apikey/mode", json={"mode": "auto"}, headers={"X-CSRF-Token": token}
    )
    assert reply.status_code == 200


async def test_the_token_of_another_session_does_not_help(site: Site) -> None:
    async with site.visit() as one, site.visit() as other:
        stolen = other.headers["X-CSRFToken"]
        reply = await one.post(
            "/apikey/mode", json={"mode": "auto"}, headers={"X-CSRFToken": stolen}
        )
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")


async def test_the_token_can_be_asked_for(site: Site, browser: httpx.AsyncClient) -> None:
    reply = await browser.get("/auth/csrf-token")
    assert reply.json()["csrf_token"] == browser.headers["X-CSRFToken"]
    async with site.browser() as stranger:
        assert (await stranger.get("/auth/csrf-token")).status_code == 200


async def test_a_cookie_opens_nothing_of_the_public_api(browser: httpx.AsyncClient) -> None:
    for method, path in (("POST", "/api/v1/funds"), ("GET", "/api/v1/chart")):
        reply = await browser.request(method, path, json={})
        assert reply.status_code == 400, path
        assert "apikey" in reply.json()["errors"]


async def test_an_api_key_opens_nothing_of_the_web_app(empty: Site) -> None:
    key = await empty.make_user()
    async with empty.browser() as program:
        for headers in ({"X-API-KEY": key}, {"Authorization": f"Bearer {key}"}):
            assert (await program.get("/apikey", headers=headers)).status_code == 401
        assert (await program.post("/apikey/mode", json={"apikey": key})).status_code == 401


async def test_answers_are_kept_by_nobody(site: Site, browser: httpx.AsyncClient) -> None:
    async with site.browser() as stranger:
        for reply in (
            await browser.get("/apikey"),
            await stranger.get("/apikey"),
            await stranger.get("/auth/session-status"),
        ):
            assert reply.headers["cache-control"] == "no-store"


async def test_traffic_names_the_user_and_no_secret(site: Site) -> None:
    async with site.browser() as browser:
        await log_in(browser)
        await browser.get("/apikey")
    login, look = site.traffic
    assert (login.user_id, look.user_id) == (None, 1)
    assert look.path == "/apikey"
