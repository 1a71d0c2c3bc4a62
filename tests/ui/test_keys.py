"""API keys as their owner handles them."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from openalgo.accounts.accounts import OrderMode
from openalgo.persistence.main import accounts, users
from tests.ui.site import MORNING, PASSWORD, Site


async def ping(site: Site, key: str, address: str = "127.0.0.1") -> int:
    async with site.browser(address) as program:
        return (await program.post("/api/v1/ping", json={"apikey": key})).status_code


async def shown(browser: httpx.AsyncClient) -> dict[str, Any]:
    reply = await browser.get("/apikey")
    assert reply.status_code == 200
    body: dict[str, Any] = reply.json()
    return body


async def new_key(browser: httpx.AsyncClient, **wish: object) -> dict[str, Any]:
    body = {"name": "tradingview", "scopes": ["read", "trade"], **wish}
    reply = await browser.post("/ui/api-keys", json=body)
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def listed(browser: httpx.AsyncClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await browser.get("/ui/api-keys")).json()["data"]
    return rows


# --- the default key


async def test_the_default_key_is_shown_again(empty: Site) -> None:
    key = await empty.make_user()
    async with empty.visit() as browser:
        assert await shown(browser) == {
            "status": "success",
            "login_username": "ravi",
            "has_api_key": True,
            "api_key": key,
            "order_mode": "auto",
        }


async def test_regenerating_needs_the_password_and_ends_the_old_key(empty: Site) -> None:
    old = await empty.make_user()
    assert await ping(empty, old) == 200
    async with empty.visit() as browser:
        reply = await browser.post("/apikey", json={"user_id": "ravi"})
        assert reply.status_code == 400
        assert "password" in reply.json()["error"]
        assert list(reply.json()["errors"]) == ["password"]
        reply = await browser.post("/apikey", json={"password": "Wrong#25000"})
        assert (reply.status_code, reply.json()["error"]) == (400, "Current password is incorrect")
        assert await ping(empty, old) == 200

        reply = await browser.post("/apikey", json={"user_id": "meera", "password": PASSWORD})
        assert reply.status_code == 200
        body = reply.json()
        assert body["message"] == "API key updated successfully."
        new = body["api_key"]
        assert len(bytes.fromhex(new)) == 32
        assert (await shown(browser))["api_key"] == new
        assert [row["id"] for row in await listed(browser)] == [body["key_id"]]
    assert (await ping(empty, old), await ping(empty, new)) == (403, 200)
    assert empty.forgotten == [1]


@pytest.mark.parametrize("hours", [1, 24])
async def test_with_grace_the_old_key_goes_on_for_a_while(empty: Site, hours: int) -> None:
    old = await empty.make_user()
    async with empty.visit() as browser:
        body = {"password": PASSWORD, "grace_hours": hours}
        new = (await browser.post("/apikey", json=body)).json()["api_key"]
        assert (await shown(browser))["api_key"] == new
        rows = await listed(browser)
        assert [(row["replaced"], row["is_default"]) for row in rows] == [
            (True, False),
            (False, True),
        ]
        empty.clock.advance(timedelta(hours=hours) - timedelta(seconds=1))
        assert (await ping(empty, old), await ping(empty, new)) == (200, 200)
        empty.clock.advance(timedelta(seconds=1))
        assert (await ping(empty, old), await ping(empty, new)) == (403, 200)
    again = Site(empty.main, clock=empty.clock)
    await again.keys.load()
    assert (await ping(again, old), await ping(again, new)) == (403, 200)
    assert len(await empty.ui.keys.of_user(1)) == 1


@pytest.mark.parametrize("hours", [2, -1, 0.5, "x", None])
async def test_other_graces_are_not_offered(browser: httpx.AsyncClient, hours: object) -> None:
    reply = await browser.post("/apikey", json={"password": PASSWORD, "grace_hours": hours})
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == ["grace_hours"]


async def test_of_many_replacements_at_once_one_succeeds(site: Site) -> None:
    async with site.visit() as browser:
        (row,) = await listed(browser)
        made = await asyncio.gather(
            *(site.ui.keys.replace(1, row["id"], grace_hours=1) for _ in range(5)),
            return_exceptions=True,
        )
        assert sum(not isinstance(each, Exception) for each in made) == 1
        assert len(await listed(browser)) == 2


async def test_a_user_without_a_key_can_make_one(site: Site) -> None:
    async with site.visit() as browser:
        (row,) = await listed(browser)
        assert (await browser.delete(f"/ui/api-keys/{row['id']}")).status_code == 200
        assert (await shown(browser))["has_api_key"] is False
        assert (await shown(browser))["api_key"] is None
        made = (await browser.post("/apikey", json={"password": PASSWORD})).json()
        assert (await shown(browser))["api_key"] == made["api_key"]
        again = await asyncio.gather(
            *(site.ui.keys.regenerate(1, 1) for _ in range(3)), return_exceptions=True
        )
        assert sum(not isinstance(each, Exception) for each in again) >= 1
        assert sum(row["is_default"] for row in await listed(browser)) == 1


# --- further keys


async def test_a_named_key_may_do_what_it_is_for(site: Site, browser: httpx.AsyncClient) -> None:
    made = await new_key(browser, scopes=["read"], expires_at="2026-03-02T12:00:00+05:30")
    key = made["api_key"]
    assert made["key"] == {
        "id": 2,
        "name": "tradingview",
        "prefix": key[:6],
        "scopes": ["read"],
        "account_id": 1,
        "account": "Default",
        "allowed_networks": [],
        "is_default": False,
        "replaced": False,
        "created_at": "2026-03-02T05:00:00Z",
        "expires_at": "2026-03-02T06:30:00Z",
        "last_used_at": None,
    }
    assert (await listed(browser))[1] == made["key"]
    assert key not in (await browser.get("/ui/api-keys")).text
    assert await ping(site, key) == 200
    async with site.browser() as program:
        order = await program.post("/api/v1/placeorder", json={"apikey": key})
    assert order.json()["code"] == "insufficient_scope"
    site.clock.advance(timedelta(minutes=90))
    assert await ping(site, key) == 403


async def test_a_revoked_key_is_refused_from_the_next_call_on(
    site: Site, browser: httpx.AsyncClient
) -> None:
    made = await new_key(browser)
    assert await ping(site, made["api_key"]) == 200
    assert (await browser.delete("/ui/api-keys/2")).status_code == 200
    assert await ping(site, made["api_key"]) == 403
    assert site.forgotten == [2]
    assert (await browser.delete("/ui/api-keys/2")).status_code == 404
    await site.keys.load()
    assert await ping(site, made["api_key"]) == 403


async def test_a_key_may_be_bound_to_networks(site: Site, browser: httpx.AsyncClient) -> None:
    made = await new_key(browser, allowed_networks=["203.0.113.7", "10.1.2.3/16", "2001:db8::/32"])
    assert made["key"]["allowed_networks"] == ["203.0.113.7/32", "10.1.0.0/16", "2001:db8::/32"]
    key = made["api_key"]
    for address in ("203.0.113.7", "10.1.255.1", "2001:db8::9", "::ffff:10.1.0.1"):
        assert await ping(site, key, address) == 200, address
    for address in ("203.0.113.8", "127.0.0.1", "10.2.0.1", "2001:db9::1", ""):
        assert await ping(site, key, address) == 403, address
    async with site.browser("203.0.113.8") as program:
        refused = await program.post("/api/v1/ping", json={"apikey": key})
        assert refused.json()["code"] == "address_not_allowed"
        assert "203.0.113.8" in refused.json()["message"]
    # Found in the database instead of in memory, it is refused all the same.
    cold = Site(site.main, clock=site.clock)
    async with cold.browser("203.0.113.8") as program:
        refused = await program.post("/api/v1/ping", json={"apikey": key})
    assert refused.json()["code"] == "address_not_allowed"


async def test_rotating_keeps_what_the_key_is(site: Site, browser: httpx.AsyncClient) -> None:
    old = await new_key(browser, scopes=["read"], allowed_networks=["127.0.0.1"])
    refused = await browser.post("/ui/api-keys/2/rotate", json={"password": "Wrong#25000"})
    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_password")
    assert (await browser.post("/ui/api-keys/2/rotate", json={})).status_code == 400
    body = {"password": PASSWORD, "grace_hours": 1}
    new = (await browser.post("/ui/api-keys/2/rotate", json=body)).json()
    assert new["api_key"] != old["api_key"]
    changed = {"id", "prefix", "created_at"}
    assert {k: v for k, v in new["key"].items() if k not in changed} == {
        k: v for k, v in old["key"].items() if k not in changed
    }
    assert (await ping(site, old["api_key"]), await ping(site, new["api_key"])) == (200, 200)
    again = await browser.post("/ui/api-keys/2/rotate", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "key_replaced")
    site.clock.advance(timedelta(hours=1))
    assert (await ping(site, old["api_key"]), await ping(site, new["api_key"])) == (403, 200)


async def test_an_expired_key_is_not_rotated_back_to_life(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await new_key(browser, expires_at=(MORNING + timedelta(hours=1)).isoformat())
    site.clock.advance(timedelta(hours=1))
    reply = await browser.post("/ui/api-keys/2/rotate", json={"password": PASSWORD})
    assert (reply.status_code, "expired" in reply.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("wish", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "   "}, 400, "name"),
        ({"name": "x" * 51}, 400, "name"),
        ({"name": "a\nb"}, 400, "name"),
        ({"name": "dEFAULT"}, 400, "name"),
        ({"scopes": []}, 400, "scopes"),
        ({"scopes": ["fly"]}, 400, "scopes.0"),
        ({"expires_at": "2026-03-02T10:30:00+05:30"}, 400, "expires_at"),
        ({"expires_at": "2027-03-02T10:30:00"}, 400, "expires_at"),
        ({"allowed_networks": ["nowhere"]}, 400, "allowed_networks"),
        ({"allowed_networks": ["10.0.0.1"] * 21}, 400, "allowed_networks"),
        ({"account_id": 99}, 404, None),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(
    browser: httpx.AsyncClient, wish: dict[str, object], status: int, field: str | None
) -> None:
    body = {"name": "tradingview", "scopes": ["read"], **wish}
    reply = await browser.post("/ui/api-keys", json=body)
    assert reply.status_code == status
    if field is not None:
        assert list(reply.json()["errors"]) == [field]
    assert len(await listed(browser)) == 1


async def test_there_is_room_for_fifty_keys(browser: httpx.AsyncClient) -> None:
    for n in range(49):
        await new_key(browser, name=f"key {n}")
    reply = await browser.post("/ui/api-keys", json={"name": "more", "scopes": ["read"]})
    assert (reply.status_code, "50" in reply.json()["message"]) == (400, True)


async def test_others_can_neither_use_the_account_nor_touch_the_keys(site: Site) -> None:
    async with site.main.write() as tx:
        other = await users.create(
            tx,
            username="meera",
            email=None,
            password_hash=await site.ui.logins._passwords.hash(PASSWORD),
            is_admin=False,
            created_at=MORNING,
        )
        await accounts.create(
            tx, user_id=other.id, name="Default", broker="simulator", created_at=MORNING
        )
    async with site.browser() as browser:
        login = await browser.post("/auth/login", json={"username": "meera", "password": PASSWORD})
        browser.headers["X-CSRFToken"] = login.json()["csrf_token"]
        assert (await browser.delete("/ui/api-keys/1")).status_code == 404
        rotate = await browser.post("/ui/api-keys/1/rotate", json={"password": PASSWORD})
        assert rotate.status_code == 404
        foreign = await browser.post(
            "/ui/api-keys", json={"name": "x", "scopes": ["read"], "account_id": 1}
        )
        assert foreign.status_code == 404
        admin = await browser.post("/ui/api-keys", json={"name": "x", "scopes": ["admin"]})
        assert (admin.status_code, admin.json()["code"]) == (403, "not_permitted")
        made = await new_key(browser)
        assert made["key"]["account_id"] == 2
        mode = await browser.post("/apikey/mode", json={"user_id": "ravi", "mode": "semi_auto"})
        assert mode.status_code == 200
    assert site.accounts[1].order_mode is OrderMode.AUTO
    assert site.accounts[2].order_mode is OrderMode.SEMI_AUTO


async def test_uses_are_noted_once_a_minute(empty: Site) -> None:
    key = await empty.make_user()
    for _ in range(7):
        assert await ping(empty, key) == 200
        empty.seconds.now += 20
    assert [key_id for key_id, _ in empty.uses] == [1, 1, 1]


async def test_values_of_keys_are_neither_stored_nor_logged(
    site: Site, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs, caplog.at_level("DEBUG"):
        made = await new_key(browser)
        await browser.get("/apikey")
        await browser.delete("/ui/api-keys/2")
    assert made["api_key"][:6] in caplog.text
    assert made["api_key"][:7] not in caplog.text + str(logs)
    async with site.main.read() as tx:
        stored = str((await tx.execute(text("SELECT * FROM api_keys"))).all())
    assert made["api_key"] not in stored


# --- the order mode


async def test_the_mode_is_the_accounts(site: Site, browser: httpx.AsyncClient) -> None:
    reply = await browser.post("/apikey/mode", json={"user_id": "x", "mode": "semi_auto"})
    assert reply.status_code == 200
    assert reply.json()["message"] == "Order mode updated to semi_auto"
    assert reply.json()["mode"] == "semi_auto"
    assert (await shown(browser))["order_mode"] == "semi_auto"
    assert site.accounts[1].order_mode is OrderMode.SEMI_AUTO


@pytest.mark.parametrize("mode", [None, "", "manual", "SEMI_AUTO"])
async def test_any_other_mode_is_refused(browser: httpx.AsyncClient, mode: str | None) -> None:
    reply = await browser.post("/apikey/mode", json={"mode": mode})
    assert reply.status_code == 400
    assert reply.json()["error"] == 'Invalid mode. Must be "auto" or "semi_auto"'
    assert (await shown(browser))["order_mode"] == "auto"
