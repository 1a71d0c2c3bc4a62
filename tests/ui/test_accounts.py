"""Accounts as their owner handles them in the web app."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from openalgo.persistence.main import api_keys
from tests.support.live_broker import API_KEY, API_SECRET, APP
from tests.ui.site import MORNING, Site, log_in


async def new_account(browser: httpx.AsyncClient, broker: str = "acme", **app: str) -> int:
    reply = await browser.post("/ui/accounts", json={"name": f"My {broker}", "broker": broker})
    assert reply.status_code == 200, reply.text
    account_id: int = reply.json()["data"]["id"]
    if broker != "simulator":
        reply = await browser.put(f"/ui/accounts/{account_id}/app", json={"values": app or APP})
        assert reply.status_code == 200, reply.text
    return account_id


async def shown(browser: httpx.AsyncClient, account_id: int) -> dict[str, Any]:
    reply = await browser.get(f"/ui/accounts/{account_id}")
    assert reply.status_code == 200, reply.text
    row: dict[str, Any] = reply.json()["data"]
    return row


async def begun(browser: httpx.AsyncClient, account_id: int) -> str:
    """The state the broker's page will give back."""
    reply = await browser.post(f"/ui/accounts/{account_id}/connect", json={})
    assert reply.status_code == 200, reply.text
    query = parse_qs(urlsplit(reply.json()["redirect"]).query)
    return str(query["state"][0])


async def came_back(
    browser: httpx.AsyncClient, broker: str = "acme", **params: str
) -> dict[str, str]:
    """What the web app is told after the broker's page."""
    reply = await browser.get(f"/{broker}/callback", params=params)
    assert reply.status_code == 303, reply.text
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cache-control"] == "no-store"
    url = urlsplit(reply.headers["location"])
    assert (url.scheme, url.netloc, url.path) == ("", "", "/")
    return {name: values[0] for name, values in parse_qs(url.query).items()}


async def connected(browser: httpx.AsyncClient, account_id: int, code: str = "code1") -> None:
    told = await came_back(browser, code=code, state=await begun(browser, account_id))
    assert told == {"connected": "acme", "account": str(account_id)}


# --- brokers


async def test_brokers_say_what_they_need(browser: httpx.AsyncClient) -> None:
    body = (await browser.get("/ui/brokers")).json()
    rows = {row["id"]: row for row in body["data"]}
    assert list(rows) == ["simulator", "acme", "acne", "acre"]
    assert rows["acme"] == {
        "id": "acme",
        "name": "Acme",
        "auth": "oauth",
        "app_fields": [
            {"name": "api_key", "label": "API key", "secret": False, "hint": ""},
            {"name": "api_secret", "label": "API secret", "secret": True, "hint": ""},
        ],
        "login_fields": [],
        "exchanges": ["NSE"],
        "trading": True,
        "simulated": False,
        "notes": ["Order calls must come from a registered address."],
        "redirect_url": "http://127.0.0.1:5000/acme/callback",
        "session_ends_at": "06:00:00",
    }
    assert [field["name"] for field in rows["acre"]["login_fields"]] == ["client_id", "pin"]
    assert rows["acre"]["redirect_url"] is None
    assert rows["simulator"]["simulated"]
    assert body["broken"] == [{"id": "ill", "error": "ImportError: no module"}]


async def test_what_the_default_accounts_broker_can_do(browser: httpx.AsyncClient) -> None:
    data = (await browser.get("/api/broker/capabilities")).json()["data"]
    assert (data["broker_name"], data["broker_type"]) == ("simulator", "IN_stock")
    assert "NFO" in data["supported_exchanges"]
    assert data["leverage_config"] is False


async def test_how_long_a_broker_takes_is_told_by_call(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/ui/brokers/acme/calls")).json()["data"] == []
    account_id = await new_account(browser)
    await connected(browser, account_id)
    await came_back(browser, code="wrong", state=await begun(browser, account_id))
    (row,) = (await browser.get("/ui/brokers/acme/calls")).json()["data"]
    assert (row.pop("name"), row.pop("count"), row.pop("errors")) == ("login", 2, {"http 400": 1})
    assert set(row) == {
        *("p50_ms", "p90_ms", "p99_ms", "longest_ms"),
        *("queued_p50_ms", "queued_p99_ms"),
    }
    assert row["p50_ms"] <= row["p99_ms"] <= row["longest_ms"]
    assert (await browser.get("/ui/brokers/nobody/calls")).status_code == 404


# --- accounts


async def test_accounts_begin_on_paper_and_disconnected(browser: httpx.AsyncClient) -> None:
    reply = await browser.post("/ui/accounts", json={"name": " My  Acme", "broker": "acme"})
    row = reply.json()["data"]
    assert row == {
        "id": 2,
        "name": "My Acme",
        "broker": "acme",
        "broker_name": "Acme",
        "simulated": False,
        "is_default": False,
        "analyze_mode": True,
        "order_mode": "auto",
        "rehearse_approvals": False,
        "route": {"source_ip": None, "proxy": None},
        "app": [
            {
                "name": "api_key",
                "label": "API key",
                "secret": False,
                "hint": "",
                "shown": "",
                "length": 0,
            },
            {
                "name": "api_secret",
                "label": "API secret",
                "secret": True,
                "hint": "",
                "shown": "",
                "length": 0,
            },
        ],
        "session": {
            "state": "disconnected",
            "client_id": None,
            "connected_at": None,
            "expires_at": None,
            "ended_at": None,
            "reason": None,
        },
    }
    assert await shown(browser, 2) == row
    rows = (await browser.get("/ui/accounts")).json()["data"]
    assert [(each["id"], each["is_default"]) for each in rows] == [(1, True), (2, False)]
    assert rows[0]["session"]["state"] == "connected"


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"name": "x", "broker": "nobody"}, 404, "unknown_broker"),
        ({"name": "x", "broker": "ill"}, 503, "broker_unusable"),
        ({"name": "default", "broker": "acme"}, 400, "validation_error"),
        ({"name": " ", "broker": "acme"}, 400, "validation_error"),
        ({"name": "x" * 51, "broker": "acme"}, 400, "validation_error"),
        ({"name": "x\x00", "broker": "acme"}, 400, "validation_error"),
        ({"broker": "acme"}, 400, "validation_error"),
    ],
)
async def test_accounts_that_cannot_be(
    browser: httpx.AsyncClient, wanted: dict[str, str], status: int, code: str
) -> None:
    reply = await browser.post("/ui/accounts", json=wanted)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert len((await browser.get("/ui/accounts")).json()["data"]) == 1


async def test_accounts_are_renamed_and_routed(browser: httpx.AsyncClient) -> None:
    account_id = await new_account(browser)
    reply = await browser.patch(
        f"/ui/accounts/{account_id}",
        json={"name": "Second", "rehearse_approvals": True, "route": {"source_ip": "127.0.0.1"}},
    )
    row = reply.json()["data"]
    assert (row["name"], row["rehearse_approvals"]) == ("Second", True)
    assert row["route"] == {"source_ip": "127.0.0.1", "proxy": None}
    proxy = "http://ravi:planted-password@proxy.example:3128"
    reply = await browser.patch(f"/ui/accounts/{account_id}", json={"route": {"proxy": proxy}})
    assert reply.json()["data"]["route"] == {
        "source_ip": None,
        "proxy": "http://proxy.example:3128",
    }
    reply = await browser.patch(f"/ui/accounts/{account_id}", json={"name": "Third"})
    assert reply.json()["data"]["route"]["proxy"] == "http://proxy.example:3128"
    assert "planted" not in reply.text
    reply = await browser.patch(f"/ui/accounts/{account_id}", json={"route": {}})
    assert reply.json()["data"]["route"] == {"source_ip": None, "proxy": None}


@pytest.mark.parametrize(
    "route",
    [
        {"source_ip": "not an address"},
        {"source_ip": "192.0.2.1"},
        {"source_ip": "127.0.0.1", "proxy": "http://proxy.example"},
        {"proxy": "socks5://planted:planted@proxy.example"},
        {"proxy": "http://"},
        {"proxy": "http://planted@proxy.example:99999"},
        {"proxy": "http://proxy.example/path"},
        {"proxy": "http://planted\r\nX: y@proxy.example"},
    ],
)
async def test_routes_that_cannot_be(browser: httpx.AsyncClient, route: dict[str, str]) -> None:
    account_id = await new_account(browser)
    reply = await browser.patch(
        f"/ui/accounts/{account_id}", json={"name": "Changed", "route": route}
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert "planted" not in reply.text
    assert (await shown(browser, account_id))["name"] == "My acme"


async def test_accounts_are_put_away(site: Site, browser: httpx.AsyncClient) -> None:
    assert (await browser.delete("/ui/accounts/1")).status_code == 409
    account_id = await new_account(browser)
    await connected(browser, account_id)
    async with site.main.write() as tx:
        key_id = await api_keys.create(
            tx,
            user_id=1,
            account_id=account_id,
            name="key",
            digest="d",
            ciphertext="",
            scopes=["read"],
            created_at=MORNING,
        )
    reply = await browser.delete(f"/ui/accounts/{account_id}")
    assert (reply.status_code, reply.json()["code"]) == (409, "account_in_use")
    assert (await shown(browser, account_id))["session"]["state"] == "connected"
    async with site.main.write() as tx:
        await api_keys.revoke(tx, key_id, MORNING)
    assert (await browser.delete(f"/ui/accounts/{account_id}")).status_code == 200
    assert (await browser.get(f"/ui/accounts/{account_id}")).status_code == 404
    wish = {"name": "k", "scopes": ["read"], "account_id": account_id}
    assert (await browser.post("/ui/api-keys", json=wish)).status_code == 404


async def test_what_is_shown_of_an_app(browser: httpx.AsyncClient) -> None:
    account_id = await new_account(browser)
    reply = await browser.put(f"/ui/accounts/{account_id}/app", json={"values": {"api_secret": ""}})
    assert [(row["shown"], row["length"]) for row in reply.json()["data"]] == [
        ("key012********", 16),
        ("plan********", 20),
    ]
    assert (await shown(browser, account_id))["app"] == reply.json()["data"]


@pytest.mark.parametrize(
    "values",
    [
        {"api_key": "x" * 1025},
        {"api_key": "planted\n", "api_secret": "planted\x01"},
        {"planted": "planted"},
        {"api_key": "planted" * 1000},
        {"api_key": ["planted"]},
        {f"field{number}": "planted" for number in range(21)},
        "planted",
    ],
)
async def test_refused_values_are_not_told(browser: httpx.AsyncClient, values: object) -> None:
    account_id = await new_account(browser)
    with capture_logs() as logs:
        reply = await browser.put(f"/ui/accounts/{account_id}/app", json={"values": values})
    assert (reply.status_code, reply.json()["code"]) == (400, "validation_error")
    assert "planted" not in reply.text + repr(logs)


# --- logging in


async def test_logging_in_by_redirect(site: Site, browser: httpx.AsyncClient) -> None:
    account_id = await new_account(browser)
    await connected(browser, account_id)
    session = (await shown(browser, account_id))["session"]
    assert session == {
        "state": "connected",
        "client_id": "AB1234",
        "connected_at": "2026-03-02T05:00:00Z",
        "expires_at": "2026-03-03T00:30:00Z",
        "ended_at": None,
        "reason": None,
    }
    reply = await browser.post(f"/ui/accounts/{account_id}/test")
    assert reply.json()["data"]["available"] == "125000.50"

    site.broker.dead.update(site.broker.tokens)
    reply = await browser.post(f"/ui/accounts/{account_id}/test")
    assert (reply.status_code, reply.json()["code"]) == (403, "broker_session")
    assert reply.json()["broker_message"] == "Invalid token ***"
    session = (await shown(browser, account_id))["session"]
    assert (session["state"], session["reason"]) == ("expired", "Invalid token ***")

    await connected(browser, account_id, "code2")
    reply = await browser.post(f"/ui/accounts/{account_id}/disconnect")
    assert (reply.json()["told"], reply.json()["message"]) == (True, "Logged out")
    assert (await shown(browser, account_id))["session"]["state"] == "disconnected"


async def test_logging_in_by_form(browser: httpx.AsyncClient) -> None:
    account_id = await new_account(browser, "acre")
    address = f"/ui/accounts/{account_id}/connect"
    reply = await browser.post(address, json={})
    assert reply.status_code == 400
    assert reply.json()["errors"] == {
        "client_id": ["Client id is missing"],
        "pin": ["PIN is missing"],
    }
    reply = await browser.post(address, json={"answers": {"client_id": "A", "pin": "wrong"}})
    assert (reply.status_code, reply.json()["code"]) == (400, "broker_rejected")
    assert API_SECRET not in reply.text
    reply = await browser.post(address, json={"answers": {"client_id": "A", "pin": "2468"}})
    assert (reply.json()["redirect"], reply.json()["session"]["state"]) == (None, "connected")


async def test_guessing_at_a_form_is_slowed_down(main: Any) -> None:
    site = Site(main, login_rule="4 per minute")
    await site.make_user()
    async with site.visit() as browser:
        account_id = await new_account(browser, "acre")
        answers = {"client_id": "A", "pin": "wrong"}
        tried = [
            await browser.post(f"/ui/accounts/{account_id}/connect", json={"answers": answers})
            for _ in range(4)
        ]
    assert [reply.status_code for reply in tried] == [400, 400, 400, 429]


async def test_coming_back_is_slowed_down_too(main: Any) -> None:
    site = Site(main, login_rule="4 per minute")
    await site.make_user()
    async with site.visit() as browser:
        told = [await came_back(browser, state=str(number)) for number in range(4)]
    assert [each["code"] for each in told] == ["login_not_begun"] * 3 + ["rate_limited"]


async def test_a_refusal_is_told_in_the_brokers_words_without_secrets(
    browser: httpx.AsyncClient,
) -> None:
    account_id = await new_account(browser)
    told = await came_back(browser, code="wrong", state=await begun(browser, account_id))
    assert told == {"error": "Invalid login *** of ***", "code": "broker_rejected"}
    assert (await shown(browser, account_id))["session"]["state"] == "disconnected"


async def test_only_brokers_with_a_page_are_come_back_from(browser: httpx.AsyncClient) -> None:
    for broker, status in (("nobody", 404), ("simulator", 404), ("acre", 404), ("ill", 503)):
        reply = await browser.get(f"/{broker}/callback", params={"code": "x"})
        assert reply.status_code == status, broker


async def test_coming_back_without_a_login_of_ours_opens_nothing(
    site: Site, browser: httpx.AsyncClient
) -> None:
    state = await begun(browser, await new_account(browser))
    async with site.browser() as stranger:
        told = await came_back(stranger, code="mine", state=state)
    assert told["code"] == "validation_error"
    assert "Log in to OpenAlgo first" in told["error"]
    async with site.visit() as other_device:
        assert (await came_back(other_device, code="mine", state=state))["code"] == (
            "login_not_begun"
        )
    assert site.broker.requests == []
    # A new login in the same browser is another session.
    await log_in(browser)
    assert (await came_back(browser, code="mine", state=state))["code"] == "login_not_begun"


@pytest.mark.parametrize("state", [None, "", "x" * 9000, "a.b", "\x00", "é"])
async def test_what_nobody_began_is_refused(
    site: Site, browser: httpx.AsyncClient, state: str | None
) -> None:
    await begun(browser, await new_account(browser))
    params = {"code": "theirs"} if state is None else {"code": "theirs", "state": state}
    assert (await came_back(browser, **params))["code"] in ("login_not_begun", "validation_error")
    assert site.broker.requests == []


async def test_a_state_is_good_once_and_for_one_broker(browser: httpx.AsyncClient) -> None:
    account_id = await new_account(browser)
    await new_account(browser, "acne")
    state = await begun(browser, account_id)
    assert (await came_back(browser, "acne", code="x", state=state))["code"] == "login_not_begun"
    assert "connected" in await came_back(browser, code="x", state=state)
    assert (await came_back(browser, code="y", state=state))["code"] == "login_not_begun"


async def test_nothing_that_comes_back_is_recorded_or_told(
    site: Site, browser: httpx.AsyncClient
) -> None:
    account_id = await new_account(browser)
    with capture_logs() as logs:
        await connected(browser, account_id, "planted-code")
        rows = (await browser.get("/ui/accounts")).text
    [token] = site.broker.tokens
    for secret in ("planted-code", token, API_SECRET, API_KEY):
        assert secret not in rows + repr(logs) + repr(site.traffic)


# --- whose account it is


CALLS = [
    ("GET", "", None),
    ("PATCH", "", {"name": "Stolen"}),
    ("PATCH", "", {"rehearse_approvals": True}),
    ("PATCH", "", {"route": {"source_ip": "127.0.0.1"}}),
    ("DELETE", "", None),
    ("PUT", "/app", {"values": {"api_key": "theirs"}}),
    ("POST", "/connect", {}),
    ("POST", "/disconnect", None),
    ("POST", "/test", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_nobody_touches_the_account_of_somebody_else(
    site: Site, browser: httpx.AsyncClient, method: str, path: str, body: object
) -> None:
    account_id = await new_account(browser)
    await connected(browser, account_id)
    before = await shown(browser, account_id)
    calls = len(site.broker.requests)
    await site.make_other_user()
    async with site.visit(username="asha") as thief:
        own = (await thief.get("/ui/accounts")).json()["data"]
        assert [row["broker"] for row in own] == ["simulator"]
        for number in (account_id, 99):
            reply = await thief.request(method, f"/ui/accounts/{number}{path}", json=body)
            assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
            assert reply.json()["message"] == f"Account {number} not found"
    assert await shown(browser, account_id) == before
    assert len(site.broker.requests) == calls


async def test_a_header_names_the_account_that_is_meant(
    site: Site, browser: httpx.AsyncClient
) -> None:
    account_id = await new_account(browser)
    meant = {"X-Account": str(account_id)}
    reply = await browser.post("/apikey/mode", json={"mode": "semi_auto"}, headers=meant)
    assert reply.status_code == 200, reply.text
    modes = [row["order_mode"] for row in (await browser.get("/ui/accounts")).json()["data"]]
    assert modes == ["auto", "semi_auto"]


@pytest.mark.parametrize(("meant", "status"), [("99", 404), ("0", 400), ("mine", 400)])
async def test_an_account_that_is_not_the_users_cannot_be_meant(
    browser: httpx.AsyncClient, meant: str, status: int
) -> None:
    reply = await browser.get("/auth/analyzer-mode", headers={"X-Account": meant})
    assert reply.status_code == status, reply.text
    assert reply.json()["status"] == "error"


async def test_the_account_of_somebody_else_cannot_be_meant(
    site: Site, browser: httpx.AsyncClient
) -> None:
    account_id = await new_account(browser)
    await site.make_other_user()
    async with site.browser() as other:
        await log_in(other, username="asha")
        reply = await other.get("/auth/analyzer-mode", headers={"X-Account": str(account_id)})
    assert (reply.status_code, reply.json()["code"]) == (404, "account_not_found")
