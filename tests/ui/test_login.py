"""Logging in and out, and how long it lasts."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from openalgo.api.application import ApiSettings
from openalgo.domain.clock import IST
from openalgo.domain.errors import BrokerSessionExpired
from openalgo.persistence.stores import Store
from tests.ui.site import MORNING, PASSWORD, USERNAME, Site, log_in

GOOD = {"username": USERNAME, "password": PASSWORD}
WRONG = {"username": USERNAME, "password": "Wrong#25000"}


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/apikey")).status_code == 200


# --- logging in


@pytest.mark.parametrize("how", ["json", "data"])
async def test_a_login_opens_a_session(site: Site, how: str) -> None:
    async with site.browser(**{"User-Agent": "Firefox/140"}) as browser:
        reply = await browser.post("/auth/login", **{how: GOOD})  # type: ignore[arg-type]
        assert (reply.status_code, reply.json()["status"]) == (200, "success")
        assert await is_in(browser)
    cookie = reply.headers["set-cookie"]
    name, _, value = cookie.partition(";")[0].partition("=")
    assert name == "session"
    assert len(value) == 43  # 256 bits
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert value not in reply.text
    (attempt,) = site.attempts
    assert (attempt.username, attempt.status, attempt.login_type) == ("ravi", "success", "password")
    assert (attempt.address, attempt.device_info) == ("127.0.0.1", "Firefox/140")


async def test_by_https_the_cookie_is_for_this_host_alone(main: Store) -> None:
    site = Site(main, origin="https://trade.example")
    await site.make_user()
    async with site.browser() as browser:
        cookie = (await log_in(browser)).headers["set-cookie"]
        assert await is_in(browser)
        out = await browser.post("/auth/logout")
    for each in (cookie, out.headers["set-cookie"]):
        assert each.startswith("__Host-session=")
        assert "Secure" in each.split("; ")
        assert "Path=/" in each.split("; ")
        assert "domain" not in each.lower()


async def test_only_a_digest_of_the_cookie_is_stored(site: Site, main: Store) -> None:
    async with site.visit() as browser:
        value = browser.cookies["session"]
    async with main.read() as tx:
        stored = str((await tx.execute(text("SELECT * FROM user_sessions"))).all())
    assert value not in stored
    assert site.ring.digest(value) in stored


@pytest.mark.parametrize(
    "given",
    [
        WRONG,
        {"username": "nobody", "password": PASSWORD},
        {"username": "two words", "password": PASSWORD},
        {"username": "nul\x00", "password": PASSWORD},
        {"username": USERNAME, "password": ""},
        {"username": USERNAME, "password": "x" * 129},
        {"username": "", "password": ""},
    ],
)
async def test_a_wrong_name_and_a_wrong_password_look_the_same(
    site: Site, given: dict[str, str]
) -> None:
    async with site.browser() as browser:
        reply = await browser.post("/auth/login", json=given)
        assert reply.status_code == 401
        assert reply.json()["message"] == "Invalid credentials"
        assert reply.json()["code"] == "invalid_credentials"
        assert "set-cookie" not in reply.headers
        assert not await is_in(browser)
    (attempt,) = site.attempts
    assert attempt.status == "failed"
    assert attempt.username.isprintable()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"null", b"\xff"])
async def test_what_is_no_body_is_refused(site: Site, content: bytes) -> None:
    async with site.browser() as browser:
        for kind in ("application/json", "text/plain"):
            reply = await browser.post(
                "/auth/login", content=content, headers={"Content-Type": kind}
            )
            assert (reply.status_code, reply.json()["status"]) == (400, "error")
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "multipart/"):
            reply = await browser.post(
                "/auth/login", content=content, headers={"Content-Type": kind}
            )
            assert (reply.status_code, reply.json()["status"]) == (400, "error")


async def test_only_small_bodies_are_read(site: Site) -> None:
    async with site.browser() as browser:
        for headers in ({}, {"Content-Type": "multipart/form-data; boundary=x"}):
            big = await browser.post("/auth/login", content=b"\n" * 20_000, headers=headers)
            assert (big.status_code, big.json()["code"]) == (413, "body_too_large")


async def test_any_body_is_limited_at_the_edge(main: Store) -> None:
    site = Site(main, settings=ApiSettings(version="0", max_body_bytes=1000))
    async with site.browser() as browser:
        reply = await browser.post("/ui/api-keys", content=b"x" * 1001)
    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")


async def test_the_password_is_never_logged(site: Site) -> None:
    with capture_logs() as logs:
        async with site.browser() as browser:
            await browser.post("/auth/login", json=WRONG)
            await log_in(browser)
    assert any(entry["event"] == "login failed" for entry in logs)
    assert "#25000" not in str(logs)
    assert browser.cookies["session"] not in str(logs)


async def test_each_login_has_a_cookie_of_its_own_and_ends_the_one_before(site: Site) -> None:
    async with site.visit() as browser:
        first = browser.cookies["session"]
        await log_in(browser)
        assert browser.cookies["session"] != first
        assert (await browser.get("/auth/active-sessions")).json()["count"] == 1
        reply = await browser.get("/apikey", headers={"Cookie": f"session={first}"})
        assert reply.status_code == 401


async def test_a_cookie_set_by_somebody_else_is_not_taken_over(site: Site) -> None:
    async with site.browser() as browser:
        planted = "p" * 43
        reply = await browser.post(
            "/auth/login", json=GOOD, headers={"Cookie": f"session={planted}"}
        )
        assert planted not in reply.headers["set-cookie"]


# --- throttling


async def test_an_address_may_try_five_times_a_minute_and_25_times_an_hour(main: Store) -> None:
    site = Site(main, login_rule="5 per minute;25 per hour")
    await site.make_user()
    async with site.browser("203.0.113.9") as browser, site.browser("203.0.113.10") as other:
        for minute in range(5):
            for n in range(5):
                name = {"username": f"somebody-{minute}-{n}", "password": PASSWORD}
                assert (await browser.post("/auth/login", json=name)).status_code == 401
            reply = await browser.post("/auth/login", json=GOOD)
            assert (reply.status_code, reply.json()["code"]) == (429, "rate_limited")
            site.seconds.now += 61
        reply = await browser.post("/auth/login", json=GOOD)
        assert reply.status_code == 429
        assert 3000 < int(reply.headers["retry-after"]) <= 3600
        assert reply.json()["retry_after"] == int(reply.headers["retry-after"])
        assert (await other.post("/auth/login", json=GOOD)).status_code == 200
        site.seconds.now += 3600
        assert (await browser.post("/auth/login", json=GOOD)).status_code == 200


async def test_after_five_failures_a_name_has_to_wait_longer_and_longer(site: Site) -> None:
    """From however many addresses they come, and whatever the password."""
    waits = []
    for n in range(9):
        async with site.browser(f"203.0.113.{n}") as browser:
            assert (await browser.post("/auth/login", json=WRONG)).status_code == 401
            if n >= 4:
                reply = await browser.post("/auth/login", json=GOOD | {"username": "RAVI"})
                assert reply.status_code == 429
                waits.append(int(reply.headers["retry-after"]))
                site.seconds.now += waits[-1]
    assert waits == [1, 2, 4, 8, 16]
    async with site.browser() as browser:
        assert (await browser.post("/auth/login", json=GOOD)).status_code == 200
    assert site.attempts[-2].failure_reason == "too many failures"


async def test_a_hundred_guesses_at_once_are_a_hundred(site: Site) -> None:
    async with site.browser() as browser:
        replies = await asyncio.gather(
            *(browser.post("/auth/login", json=WRONG) for _ in range(100))
        )
    statuses = [reply.status_code for reply in replies]
    assert (statuses.count(401), statuses.count(429)) == (5, 95)


# --- how long it lasts


async def test_everybody_is_logged_out_at_three_in_the_morning(site: Site) -> None:
    async with site.visit() as browser:
        assert await is_in(browser)
        site.clock.set(datetime(2026, 3, 3, 2, 59, 59, tzinfo=IST))
        assert await is_in(browser)
        site.clock.set(datetime(2026, 3, 3, 3, 0, tzinfo=IST))
        reply = await browser.get("/apikey")
        assert (reply.status_code, reply.json()["error"]) == (401, "session_expired")
        status = (await browser.get("/auth/session-status")).json()
        assert (status["authenticated"], status["logged_in"]) == (False, False)


async def test_the_browser_forgets_the_cookie_at_the_same_time(site: Site) -> None:
    async with site.browser() as browser:
        reply = await log_in(browser)
    seconds = datetime(2026, 3, 3, 3, 0, tzinfo=IST) - MORNING
    assert f"Max-Age={int(seconds.total_seconds())}" in reply.headers["set-cookie"]


async def test_a_login_at_night_lasts_until_the_same_morning(site: Site) -> None:
    site.clock.set(datetime(2026, 3, 3, 1, 0, tzinfo=IST))
    async with site.visit() as browser:
        site.clock.set(datetime(2026, 3, 3, 3, 0, tzinfo=IST))
        assert not await is_in(browser)


async def test_sessions_survive_a_restart(site: Site, main: Store) -> None:
    async with site.visit() as browser:
        cookie = browser.cookies["session"]
    again = Site(main, clock=site.clock)
    await again.ui.sessions.load()
    async with again.browser(Cookie=f"session={cookie}") as browser:
        assert await is_in(browser)


async def test_that_a_session_is_used_is_noted_each_half_minute(site: Site) -> None:
    async with site.visit() as browser:
        for _ in range(7):
            await browser.get("/auth/session-status")
            site.clock.advance(timedelta(seconds=10))
    assert [at - MORNING for _, at in site.seen] == [timedelta(seconds=30), timedelta(seconds=60)]


# --- logging out


async def test_logging_out_is_for_this_device(site: Site) -> None:
    async with site.visit() as one, site.visit() as other:
        cookie = one.cookies["session"]
        reply = await one.post("/auth/logout")
        assert reply.status_code == 200
        assert 'session=""' in reply.headers["set-cookie"]
        assert not await is_in(one)
        stale = await one.get("/apikey", headers={"Cookie": f"session={cookie}"})
        assert stale.status_code == 401
        assert await is_in(other)


async def test_logging_out_everywhere_ends_every_session_but_no_key(empty: Site) -> None:
    key = await empty.make_user()
    async with empty.visit() as one, empty.visit() as other:
        reply = await one.post("/auth/logout-everywhere")
        assert (reply.status_code, reply.json()["ended"]) == (200, 2)
        assert not await is_in(one)
        assert not await is_in(other)
        assert (await one.post("/api/v1/ping", json={"apikey": key})).status_code == 200
    again = Site(empty.main, clock=empty.clock)
    await again.ui.sessions.load()
    assert again.ui.sessions.of_user(1) == []


# --- the password


async def test_a_new_password_logs_everybody_out(empty: Site) -> None:
    key = await empty.make_user()
    new = "Another#Sky9"
    async with empty.visit() as browser, empty.visit() as other:
        reply = await browser.post(
            "/auth/change-password",
            data={"old_password": PASSWORD, "new_password": new, "confirm_password": new},
        )
        assert reply.status_code == 200, reply.text
        assert not await is_in(browser)
        assert not await is_in(other)
        assert (await browser.post("/auth/login", json=GOOD)).status_code == 401
        await log_in(browser, password=new)
        assert await is_in(browser)
        assert (await browser.post("/api/v1/ping", json={"apikey": key})).status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        ("", "Another#Sky9", "Another#Sky9", "All fields are required"),
        (PASSWORD, "", "", "All fields are required"),
        (PASSWORD, "Another#Sky9", "", "All fields are required"),
        ("Wrong#25000", "Another#Sky9", "Another#Sky9", "Current password is incorrect"),
        (PASSWORD, "Another#Sky9", "Another#Sky8", "New passwords do not match"),
        (PASSWORD, "weak", "weak", "at least 8 characters"),
        (PASSWORD, "Ravi@example.com1", "Ravi@example.com1", "must not be the user name"),
    ],
)
async def test_a_password_is_changed_only_by_the_rules(
    site: Site, browser: httpx.AsyncClient, old: str, new: str, again: str, message: str
) -> None:
    reply = await browser.post(
        "/auth/change-password",
        json={"old_password": old, "new_password": new, "confirm_password": again},
    )
    assert reply.status_code == 400
    assert message in reply.json()["message"]
    assert await is_in(browser)
    async with site.browser() as other:
        assert (await other.post("/auth/login", json=GOOD)).status_code == 200


async def test_a_stolen_session_cannot_guess_the_password(
    site: Site, browser: httpx.AsyncClient
) -> None:
    body = {"old_password": "Wrong#25000", "new_password": "A#1bcdefg", "confirm_password": ""}
    body["confirm_password"] = body["new_password"]
    for _ in range(5):
        assert (await browser.post("/auth/change-password", json=body)).status_code == 400
    reply = await browser.post("/auth/change-password", json=body | {"old_password": PASSWORD})
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "1")
    reply = await browser.post("/apikey", json={"password": PASSWORD})
    assert reply.status_code == 429


# --- what can be asked


async def test_the_session_status_tells_no_key(site: Site, browser: httpx.AsyncClient) -> None:
    status = (await browser.get("/auth/session-status")).json()
    assert status == {
        "status": "success",
        "authenticated": True,
        "logged_in": True,
        "user": "ravi",
        "broker": "simulator",
        "broker_session_expired": False,
        "active_sessions": 1,
    }
    site.world.accounts.refusal = BrokerSessionExpired()
    status = (await browser.get("/auth/session-status")).json()
    assert (status["authenticated"], status["logged_in"]) == (True, False)
    assert status["broker_session_expired"] is True


async def test_anybody_may_ask_what_runs_here(site: Site) -> None:
    async with site.browser() as stranger:
        assert (await stranger.get("/auth/app-info")).json() == {
            "status": "success",
            "name": "OpenAlgo",
            "version": "0.1.0",
            "build": "/assets/index-B4k_9fQz.js",
        }
