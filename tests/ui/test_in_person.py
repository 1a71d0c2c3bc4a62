"""The operations of the public API, for whoever is logged in, on the account they name."""

from datetime import UTC, datetime

import httpx
import pytest

from openalgo.accounts.accounts import OrderMode
from openalgo.api.application import ApiSettings
from openalgo.api.limits import RateClass
from tests.api.fakes import order_body
from tests.support.markets import SIMULATOR
from tests.ui.site import MORNING, Site

ACCOUNT = 1


def order(**members: object) -> dict[str, object]:
    return {name: value for name, value in order_body(**members).items() if name != "apikey"}


@pytest.fixture(autouse=True)
def venue(empty: Site) -> None:
    """The first account trades."""
    empty.world.account_id = ACCOUNT


async def second_account(site: Site) -> int:
    await site.accounts.load()
    made = await site.accounts.create(user_id=1, name="Second", broker=SIMULATOR, now=MORNING)
    return made.id


async def test_an_order_needs_no_key(site: Site, browser: httpx.AsyncClient) -> None:
    reply = await browser.post("/ui/v1/placeorder", json=order())
    assert reply.status_code == 200, reply.text
    assert reply.json()["orderid"]
    ((placed, cause),) = site.world.venue.placed
    assert placed.symbol == "RELIANCE"
    assert cause == reply.headers["x-request-id"]
    book = (await browser.post("/ui/v1/orderbook")).json()
    assert [row["orderid"] for row in book["data"]["orders"]] == [reply.json()["orderid"]]


async def test_the_owner_is_not_asked_to_approve(empty: Site) -> None:
    key = await empty.make_user()
    empty.world.modes.mode = OrderMode.SEMI_AUTO
    empty.world.modes.rehearse = True
    async with empty.visit() as browser:
        waits = await browser.post("/api/v1/placeorder", json=order_body(apikey=key))
        assert waits.json()["pending_order_id"] == 1
        placed = await browser.post("/ui/v1/placeorder", json=order())
        assert placed.json()["orderid"]
    assert len(empty.world.queue.queued) == 1


async def test_a_call_is_recorded_as_one_with_a_key_is(
    site: Site, browser: httpx.AsyncClient
) -> None:
    await browser.post("/ui/v1/placeorder", json=order(apikey="secret"))
    (record,) = site.world.journal.records
    assert (record.account_id, record.api_type) == (ACCOUNT, "placeorder")
    assert "secret" not in record.request


async def test_errors_are_those_of_the_public_api(browser: httpx.AsyncClient) -> None:
    reply = await browser.post("/ui/v1/placeorder", json=order(quantity=0))
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert reply.json()["mode"] == "analyze"
    reply = await browser.post("/ui/v1/placeorder", content=b"[")
    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_json")
    reply = await browser.post("/ui/v1/orderstatus", json={"orderid": "77", "strategy": "s"})
    assert (reply.status_code, reply.json()["code"]) == (404, "order_not_found")


async def test_looking_by_get_needs_no_token(browser: httpx.AsyncClient) -> None:
    await browser.post("/ui/v1/chart", json={"theme": "dark"})
    del browser.headers["X-CSRFToken"]
    assert (await browser.get("/ui/v1/chart")).json()["data"] == {"theme": "dark"}
    assert (await browser.post("/ui/v1/chart", json={"theme": "light"})).status_code == 403


async def test_each_session_has_limits_of_its_own(empty: Site) -> None:
    empty.settings = ApiSettings(
        version="0.1.0",
        limits={**ApiSettings(version="").limits, RateClass.ORDER: "1 per hour"},
    )
    await empty.make_user()
    async with empty.visit() as one, empty.visit() as other:
        assert (await one.post("/ui/v1/placeorder", json=order())).status_code == 200
        refused = await one.post("/ui/v1/placeorder", json=order())
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["x-ratelimit-limit"] == "1"
        assert (await other.post("/ui/v1/placeorder", json=order())).status_code == 200


async def test_an_api_key_does_not_open_them(empty: Site) -> None:
    key = await empty.make_user()
    async with empty.browser() as program:
        reply = await program.post(
            "/ui/v1/placeorder", json=order(apikey=key), headers={"X-API-KEY": key}
        )
    assert (reply.status_code, reply.json()["code"]) == (401, "session_expired")
    assert empty.world.venue.placed == []


async def test_a_request_is_about_the_account_it_names(site: Site) -> None:
    second = site.world.account_id = await second_account(site)
    headers = {"X-Account": str(second)}
    async with site.visit() as browser:
        reply = await browser.post("/ui/v1/placeorder", json=order(), headers=headers)
        assert reply.status_code == 200, reply.text
        assert site.world.venue.book[0].account_id == second
        reply = await browser.put("/ui/risk", json={"max_quantity": 5}, headers=headers)
        assert reply.status_code == 200
        assert site.world.risk.of.keys() == {second}
        assert (await browser.post(f"/ui/v1/funds?account={second}")).status_code == 200


async def test_nobody_acts_on_an_account_of_somebody_else(site: Site) -> None:
    await site.make_other_user()
    await site.accounts.load()
    (theirs,) = (each.id for each in site.accounts.all() if each.user_id != 1)
    site.world.account_id = theirs
    async with site.visit() as browser:
        for named in (theirs, 999):
            headers = {"X-Account": str(named)}
            reply = await browser.post("/ui/v1/placeorder", json=order(), headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
            reply = await browser.get("/ui/risk", headers=headers)
            assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
    assert site.world.venue.placed == []


async def test_nor_on_one_that_is_put_away(site: Site) -> None:
    second = site.world.account_id = await second_account(site)
    await site.accounts.archive(second, datetime(2026, 3, 3, tzinfo=UTC))
    headers = {"X-Account": str(second)}
    async with site.visit() as browser:
        reply = await browser.post("/ui/v1/placeorder", json=order(), headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
        assert site.world.venue.placed == []
        # What is about the user goes on: they can see their accounts, and leave.
        assert (await browser.get("/ui/accounts", headers=headers)).status_code == 200
        assert (await browser.post("/auth/logout", headers=headers)).status_code == 200


@pytest.mark.parametrize("named", ["-1", "one", "1.0", "9" * 20, "²"])
async def test_what_is_no_account_is_refused(browser: httpx.AsyncClient, named: str) -> None:
    reply = await browser.get("/ui/risk", headers=[(b"X-Account", named.encode())])
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")


@pytest.mark.parametrize("operation", ["placeorder", "cancelorder", "closeposition"])
async def test_nothing_is_traded_in_a_mode_that_the_page_did_not_show(
    site: Site, browser: httpx.AsyncClient, operation: str
) -> None:
    body = {"orderid": "1", "strategy": "web"} if operation == "cancelorder" else order()
    reply = await browser.post(f"/ui/v1/{operation}", json=body, headers={"X-Mode": "live"})
    assert reply.status_code == 409
    assert reply.json()["code"] == "mode_changed"
    assert "on paper now" in reply.json()["message"]
    assert not site.world.venue.placed


async def test_a_page_that_shows_the_mode_as_it_is_trades(
    site: Site, browser: httpx.AsyncClient
) -> None:
    shown = {"X-Mode": "analyze"}
    assert (await browser.post("/ui/v1/placeorder", json=order(), headers=shown)).is_success
    wrong = await browser.post("/ui/v1/placeorder", json=order(), headers={"X-Mode": "paper"})
    assert wrong.status_code == 400
    # What only looks does not care.
    assert (await browser.post("/ui/v1/orderbook", headers={"X-Mode": "live"})).is_success
