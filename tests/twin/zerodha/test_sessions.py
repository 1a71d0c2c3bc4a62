import hashlib
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from openalgo.domain.clock import IST, ManualClock
from openalgo.twin.zerodha.errors import KiteError
from openalgo.twin.zerodha.sessions import App, Sessions
from tests.twin.zerodha.conftest import Client

APP = App(callback="http://127.0.0.1:5000/zerodha/callback")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=IST))


@pytest.fixture
def sessions(clock: ManualClock) -> Sessions:
    return Sessions(APP, clock)


def checksum(token: str) -> str:
    return hashlib.sha256((APP.key + token + APP.secret).encode()).hexdigest()


def test_a_login_sends_the_browser_back_with_what_it_brought(sessions: Sessions) -> None:
    there = urlsplit(sessions.redirect(APP.key, "state=a%26b&next=1"))
    query = parse_qs(there.query)
    assert there._replace(query="").geturl() == APP.callback
    token = query.pop("request_token")[0]
    assert query == {
        "action": ["login"],
        "type": ["login"],
        "status": ["success"],
        "state": ["a&b"],
        "next": ["1"],
    }
    sessions.begin(APP.key, token, checksum(token))
    assert sessions.token is not None


def test_a_refused_login_brings_no_token(sessions: Sessions) -> None:
    sessions.refuse_logins = True
    query = parse_qs(urlsplit(sessions.redirect(APP.key, "")).query)
    assert query["status"] == ["cancelled"]
    assert "request_token" not in query


def test_a_request_token_is_good_once_and_for_minutes(
    sessions: Sessions, clock: ManualClock
) -> None:
    once, late = sessions.request_token(), sessions.request_token()
    sessions.begin(APP.key, once, checksum(once))
    clock.advance(timedelta(minutes=6))
    for token in (once, late, "other"):
        with pytest.raises(KiteError, match="invalid or has expired"):
            sessions.begin(APP.key, token, checksum(token))


def test_a_wrong_checksum_spends_nothing(sessions: Sessions) -> None:
    token = sessions.request_token()
    with pytest.raises(KiteError, match="checksum"):
        sessions.begin(APP.key, token, "0" * 64)
    sessions.begin(APP.key, token, checksum(token))


@pytest.mark.parametrize(("hour", "lasts"), [(9, 21), (2, 4)])
def test_a_session_ends_at_six(hour: int, lasts: int) -> None:
    clock = ManualClock(datetime(2026, 11, 20, hour, 0, tzinfo=IST))
    sessions = Sessions(APP, clock)
    token = sessions.log_in()
    clock.advance(timedelta(hours=lasts, seconds=-1))
    sessions.admit(APP.key, token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(KiteError):
        sessions.admit(APP.key, token)


def test_a_new_login_ends_the_session_before(sessions: Sessions) -> None:
    old = sessions.log_in()
    sessions.admit(APP.key, sessions.log_in())
    with pytest.raises(KiteError):
        sessions.admit(APP.key, old)


def test_a_session_is_renewed_where_the_app_may(sessions: Sessions) -> None:
    with pytest.raises(KiteError):
        sessions.renew(APP.key, "", checksum(""))
    token = sessions.grant_refresh()
    sessions.admit(APP.key, sessions.renew(APP.key, token, checksum(token)))


async def test_the_whole_way_over_http(client: Client) -> None:
    page = await client.http.get(
        "/connect/login", params={"v": "3", "api_key": APP.key, "redirect_params": "state=x"}
    )
    assert page.status_code == 302
    query = parse_qs(urlsplit(page.headers["location"]).query)
    token = query["request_token"][0]
    form = {"api_key": APP.key, "request_token": token, "checksum": checksum(token)}
    session = await client.ok("POST", "/session/token", data=form)
    client.http.headers["Authorization"] = f"token {APP.key}:{session['access_token']}"
    assert (await client.ok("GET", "/user/profile"))["user_id"] == session["user_id"] == "TW0001"
    ends = {"api_key": APP.key, "access_token": session["access_token"]}
    assert await client.ok("DELETE", "/session/token", params=ends) is True
    status, kind, _ = await client.refused("GET", "/user/profile")
    assert (status, kind) == (403, "TokenException")
