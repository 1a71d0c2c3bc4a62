"""The first run, and who may make it."""

import asyncio

import httpx
import pytest

from openalgo.persistence.stores import Store
from tests.ui.site import PASSWORD, Site, log_in

WISH = {"username": "ravi", "email": "ravi@example.com", "password": PASSWORD}


async def test_an_empty_installation_asks_to_be_set_up(empty: Site) -> None:
    async with empty.browser() as browser:
        assert (await browser.get("/auth/check-setup")).json() == {
            "status": "success",
            "needs_setup": True,
        }
        login = await browser.post("/auth/login", json={"username": "ravi", "password": PASSWORD})
        assert (login.status_code, login.json()["redirect"]) == (409, "/setup")
        assert (await browser.post("/setup", json=WISH)).status_code == 200
        assert (await browser.get("/auth/check-setup")).json()["needs_setup"] is False


@pytest.mark.parametrize("how", ["json", "data", "files"])
async def test_the_first_user_gets_a_key_and_can_log_in(empty: Site, how: str) -> None:
    """As JSON, as a form, and as a form of many parts."""
    sent = {name: (None, value) for name, value in WISH.items()} if how == "files" else WISH
    async with empty.browser() as browser:
        reply = await browser.post("/setup", **{how: sent})  # type: ignore[arg-type]
        assert reply.status_code == 200, reply.text
        key = reply.json()["api_key"]
        assert PASSWORD not in reply.text
        assert "set-cookie" not in reply.headers
        await log_in(browser)
        shown = (await browser.get("/apikey")).json()
        ping = await browser.post("/api/v1/ping", json={"apikey": key})
    assert (shown["login_username"], shown["api_key"]) == ("ravi", key)
    assert ping.status_code == 200


async def test_there_is_one_first_user(site: Site) -> None:
    async with site.browser() as browser:
        for wish in (WISH, WISH | {"setup_token": site.ui.setup.token}):
            reply = await browser.post("/setup", json=wish)
            assert (reply.status_code, reply.json()["code"]) == (409, "user_exists")


async def test_of_many_at_once_one_is_the_first(empty: Site) -> None:
    async with empty.browser() as browser:
        replies = await asyncio.gather(
            *(browser.post("/setup", json=WISH | {"username": f"u{n}"}) for n in range(8))
        )
    assert sorted(reply.status_code for reply in replies) == [200] + [409] * 7


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "Password@123"}, "password"),
        ({"password": "x" * 2000}, "password"),
        ({"username": "two words"}, "username"),
        ({"username": ""}, "username"),
        ({"email": "nobody"}, "email"),
        ({"password": None}, "password"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    empty: Site, changed: dict[str, object], field: str
) -> None:
    async with empty.browser() as browser:
        reply = await browser.post("/setup", json=WISH | changed)
        assert reply.status_code == 400
        assert list(reply.json()["errors"]) == [field]
        assert await empty.ui.setup.needed()


async def refused(site: Site, browser: httpx.AsyncClient, **headers: str) -> bool:
    reply = await browser.post("/setup", json=WISH, headers=headers)
    if reply.status_code == 403:
        assert reply.json()["code"] in ("setup_not_allowed", "csrf_failed")
        assert site.ui.setup.token not in reply.text
        return True
    assert reply.status_code == 200
    return False


async def test_from_another_machine_nobody_owns_the_installation(empty: Site) -> None:
    for address in ("203.0.113.9", "192.168.1.20", ""):
        async with empty.browser(address) as browser:
            assert await refused(empty, browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Real-IP": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Host": "trade.example"},
        {"Host": "rebound.example:5000", "Origin": "http://rebound.example:5000"},
        {"Host": "rebound.example:5000", "Sec-Fetch-Site": "same-origin"},
        {"Host": "[bad"},
    ],
)
async def test_nor_through_a_proxy_or_a_name_that_points_here(
    empty: Site, headers: dict[str, str]
) -> None:
    async with empty.browser() as browser:
        assert await refused(empty, browser, **headers)
        assert not await refused(empty, browser)


async def test_nor_where_the_server_says_it_is_public(main: Store) -> None:
    site = Site(main, origin="https://trade.example")
    async with site.browser() as browser:
        assert await refused(site, browser, Host="127.0.0.1:5000")


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.9"])
async def test_the_token_printed_at_the_start_opens(empty: Site, address: str) -> None:
    async with empty.browser(address) as browser:
        for wrong in ("", "x", "é", empty.ui.setup.token[:-1]):
            reply = await browser.post("/setup", json=WISH | {"setup_token": wrong})
            assert reply.status_code == 403
        right = WISH | {"setup_token": empty.ui.setup.token}
        assert (await browser.post("/setup", json=right)).status_code == 200


async def test_guessing_the_token_is_limited(main: Store) -> None:
    site = Site(main, login_rule="5 per minute; 25 per hour")
    async with site.browser("203.0.113.9") as browser:
        statuses = [
            (await browser.post("/setup", json=WISH | {"setup_token": "x"})).status_code
            for _ in range(6)
        ]
    assert statuses == [403] * 5 + [429]
