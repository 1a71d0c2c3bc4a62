"""The devices a user is logged in on."""

from datetime import timedelta

import httpx
import pytest

from openalgo.identity.sessions import Device
from openalgo.persistence.main import users
from tests.ui.site import MORNING, Site, log_in


async def test_devices_are_listed_with_where_and_when(site: Site) -> None:
    async with site.browser("203.0.113.9", **{"User-Agent": "x" * 600}) as phone:
        await log_in(phone)
        site.clock.advance(timedelta(minutes=5))
        async with site.browser(**{"User-Agent": "Firefox/140"}) as laptop:
            await log_in(laptop)
            listed = (await laptop.get("/auth/active-sessions")).json()
            assert (await phone.get("/auth/session-status")).json()["active_sessions"] == 2
            cookies = {phone.cookies["session"], laptop.cookies["session"]}
    assert listed["count"] == 2
    first, second = listed["sessions"]
    assert listed["current_session_id"] == second["session_id"]
    assert first["ip_address"] == "203.0.113.9"
    assert first["device_info"] == "x" * 500
    assert second["device_info"] == "Firefox/140"
    assert first["login_time"] == MORNING.isoformat().replace("+00:00", "Z")
    assert first["broker"] == "simulator"
    assert not any(cookie in str(listed) for cookie in cookies)


async def test_one_device_is_logged_out_at_once(site: Site) -> None:
    async with site.visit() as here, site.visit() as there:
        theirs = (await there.get("/auth/active-sessions")).json()["current_session_id"]
        assert (await here.delete(f"/auth/active-sessions/{theirs}")).status_code == 200
        assert (await there.get("/apikey")).status_code == 401
        assert (await here.delete(f"/auth/active-sessions/{theirs}")).status_code == 404
        assert (await here.get("/apikey")).status_code == 200


@pytest.mark.parametrize(
    ("session_id", "status"), [("999", 404), ("0", 400), ("x", 400), (str(2**63), 400)]
)
async def test_what_is_no_session_of_ours_is_not_found(
    browser: httpx.AsyncClient, session_id: str, status: int
) -> None:
    reply = await browser.delete(f"/auth/active-sessions/{session_id}")
    assert reply.status_code == status


async def test_the_sessions_of_others_cannot_be_ended(
    site: Site, browser: httpx.AsyncClient
) -> None:
    async with site.main.write() as tx:
        other = await users.create(
            tx, username="meera", email=None, password_hash="", is_admin=False, created_at=MORNING
        )
    opened = await site.ui.sessions.open(
        user_id=other.id, username="meera", is_admin=False, device=Device(info="", address="")
    )
    reply = await browser.delete(f"/auth/active-sessions/{opened.session.id}")
    assert reply.status_code == 404
    assert site.ui.sessions.lookup(opened.cookie) is not None


async def test_the_eleventh_device_ends_the_first(site: Site) -> None:
    browsers = [site.browser() for _ in range(11)]
    for browser in browsers:
        await log_in(browser)
    statuses = [(await browser.get("/apikey")).status_code for browser in browsers]
    for browser in browsers:
        await browser.aclose()
    assert statuses == [401] + [200] * 10
    again = Site(site.main, clock=site.clock)
    await again.ui.sessions.load()
    assert len(again.ui.sessions.of_user(1)) == 10
