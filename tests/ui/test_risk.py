"""The owner sets what the account may risk."""

import asyncio
from typing import Any

import httpx
import pytest

from openalgo.domain.errors import EngineBusy, StorageUnavailable
from openalgo.trading.risk_limits import RiskLimits
from openalgo.trading.venues import VenueMode
from tests.api.fakes import FakeVenue
from tests.ui.site import Site

ACCOUNT = 1
NOTHING: dict[str, object] = {
    "enforce_tick": None,
    "enforce_freeze": None,
    "price_band_percent": None,
    "max_quantity": None,
    "max_notional": None,
    "orders_per_second": None,
    "kept_for_exits": None,
    "count_changes": True,
    "max_orders_per_day": None,
    "max_loss_per_day": None,
}
EVERYTHING: dict[str, object] = {
    "enforce_tick": True,
    "enforce_freeze": False,
    "price_band_percent": 2.5,
    "max_quantity": 0.125,
    "max_notional": 500000.5,
    "orders_per_second": 9,
    "kept_for_exits": 0,
    "count_changes": False,
    "max_orders_per_day": 0,
    "max_loss_per_day": 10000,
}


@pytest.fixture(autouse=True)
def venue(empty: Site) -> None:
    """The first account trades."""
    empty.world.account_id = ACCOUNT


async def state(browser: httpx.AsyncClient) -> Any:
    reply = await browser.get("/ui/risk")
    assert reply.status_code == 200
    assert reply.json()["status"] == "success"
    return reply.json()["data"]


async def test_nothing_is_limited_on_paper_at_first(browser: httpx.AsyncClient) -> None:
    assert await state(browser) == {
        "mode": "analyze",
        "limits": NOTHING,
        "in_force": NOTHING | {"enforce_tick": False, "enforce_freeze": False, "kept_for_exits": 0},
        "kill_switch": None,
        "usage": {"orders_today": 0, "loss_today": 21.6, "orders_last_second": {}},
    }


async def test_the_defaults_at_a_broker_are_told(site: Site, browser: httpx.AsyncClient) -> None:
    site.world.venue.mode = VenueMode.LIVE
    told = await state(browser)
    assert (told["mode"], told["limits"]) == ("live", NOTHING)
    assert told["in_force"] == NOTHING | {
        "enforce_tick": True,
        "enforce_freeze": True,
        "orders_per_second": 10,
        "kept_for_exits": 2,
    }


async def test_limits_are_set_all_at_once(site: Site, browser: httpx.AsyncClient) -> None:
    reply = await browser.put("/ui/risk", json=EVERYTHING)
    assert reply.status_code == 200
    assert reply.json()["data"]["limits"] == EVERYTHING
    assert (await state(browser))["limits"] == EVERYTHING
    reply = await browser.put("/ui/risk", json={"max_quantity": "1000"})
    assert reply.json()["data"]["limits"] == NOTHING | {"max_quantity": 1000}
    assert site.world.risk.of.keys() == {ACCOUNT}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"max_quantity": 0}, "max_quantity"),
        ({"max_quantity": -1}, "max_quantity"),
        ({"max_quantity": "much"}, "max_quantity"),
        ({"max_quantity": 1e10}, "max_quantity"),
        ({"max_notional": 1e13}, "max_notional"),
        ({"max_notional": "0.00001"}, "max_notional"),
        ({"max_loss_per_day": -5}, "max_loss_per_day"),
        ({"price_band_percent": 101}, "price_band_percent"),
        ({"orders_per_second": 0}, "orders_per_second"),
        ({"orders_per_second": 2.5}, "orders_per_second"),
        ({"orders_per_second": 1001}, "orders_per_second"),
        ({"orders_per_second": 3, "kept_for_exits": 3}, "kept_for_exits"),
        ({"kept_for_exits": 10}, "kept_for_exits"),
        ({"max_orders_per_day": -1}, "max_orders_per_day"),
        ({"max_order_per_day": 5}, "max_order_per_day"),
        ({"enforce_tick": "perhaps"}, "enforce_tick"),
        ({"count_changes": None}, "count_changes"),
    ],
)
async def test_a_limit_that_is_none_is_refused_by_name(
    browser: httpx.AsyncClient, wanted: dict[str, object], field: str
) -> None:
    await browser.put("/ui/risk", json={"max_quantity": 7})
    reply = await browser.put("/ui/risk", json=wanted)
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert list(reply.json()["errors"]) == [field]
    assert (await state(browser))["limits"] == NOTHING | {"max_quantity": 7}


async def test_who_threw_the_switch_is_told_until_it_is_released(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await browser.put("/ui/risk", json={"max_quantity": 7})
    reply = await browser.post("/ui/risk/kill")
    thrown = {"at": "2025-11-21T05:00:00Z", "by": "ravi"}
    assert (reply.status_code, reply.json()["data"]["kill_switch"]) == (200, thrown)
    assert (await state(browser))["kill_switch"] == thrown
    reply = await browser.post("/ui/risk/release")
    assert (reply.status_code, reply.json()["data"]["kill_switch"]) == (200, None)
    told = await state(browser)
    assert (told["kill_switch"], told["limits"]["max_quantity"]) == (None, 7)


async def test_the_switch_is_thrown_even_if_the_books_cannot_be_read(
    site: Site, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(venue: FakeVenue, account_id: int) -> None:
        raise EngineBusy

    monkeypatch.setattr(FakeVenue, "orders", fail)
    assert (await browser.get("/ui/risk")).status_code == 503
    assert (await browser.post("/ui/risk/kill")).status_code == 200
    assert site.world.risk.settings(ACCOUNT).kill is not None
    told = await browser.get("/ui/risk/settings")
    assert (told.status_code, told.json()["data"]["kill_switch"]["by"]) == (200, "ravi")
    assert "usage" not in told.json()["data"]


async def test_what_cannot_be_stored_is_said(
    site: Site, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, by: str) -> None:
        await asyncio.sleep(0)
        raise StorageUnavailable("The kill switch is on, but could not be stored")

    monkeypatch.setattr(site.world.risk, "kill", fail)
    reply = await browser.post("/ui/risk/kill")
    assert (reply.status_code, reply.json()["code"]) == (503, "storage_unavailable")
    assert "is on" in reply.json()["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ui/risk"),
        ("GET", "/ui/risk/settings"),
        ("PUT", "/ui/risk"),
        ("POST", "/ui/risk/kill"),
        ("POST", "/ui/risk/release"),
    ],
)
async def test_only_the_owner_in_person_sees_or_sets_it(
    empty: Site, method: str, path: str
) -> None:
    key = await empty.make_user()
    async with empty.browser() as program:
        for headers in ({}, {"X-API-KEY": key}, {"Authorization": f"Bearer {key}"}):
            reply = await program.request(method, path, json={}, headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (401, "session_expired")
    if method != "GET":
        async with empty.visit() as browser:
            del browser.headers["X-CSRFToken"]
            reply = await browser.request(method, path, json={"max_quantity": 1})
            assert (reply.status_code, reply.json()["code"]) == (403, "csrf_failed")
    settings = empty.world.risk.settings(ACCOUNT)
    assert (settings.limits, settings.kill) == (RiskLimits(), None)
