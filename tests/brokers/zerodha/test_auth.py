"""Logging in to Zerodha."""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from openalgo.brokers.zerodha import BROKER, auth
from openalgo.domain.errors import BrokerRejected, BrokerUnavailable
from tests.brokers.zerodha.kite import APP, NOW, SESSION, Kite, refused, said

MADE = {"user_id": "AB1234", "access_token": "fresh", "refresh_token": "", "public_token": "p"}


def test_the_state_comes_back_with_the_callback() -> None:
    address = urlsplit(auth.login_url(BROKER.endpoints, APP, "st&te/1"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://kite.zerodha.com/connect/login"
    )
    query = dict(parse_qsl(address.query))
    assert (query["v"], query["api_key"]) == ("3", "kitekey12")
    assert parse_qs(query["redirect_params"]) == {"state": ["st&te/1"]}


async def test_a_request_token_buys_a_session() -> None:
    kite = Kite(said(MADE))
    async with kite.connected() as connection:
        answers = {"request_token": "once", "status": "success", "action": "login"}
        session = await auth.login(connection.http, APP, answers, NOW)
    assert kite.line == "POST https://api.kite.trade/session/token"
    assert kite.form == {
        "api_key": "kitekey12",
        "request_token": "once",
        "checksum": sha256(b"kitekey12oncekitesecret34").hexdigest(),
    }
    assert kite.asked[0].headers["X-Kite-Version"] == "3"
    assert "Authorization" not in kite.asked[0].headers
    assert session.client_id == "AB1234"
    assert session.tokens == {"access_token": "fresh"}
    assert "fresh" not in repr(session)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 8, 20, 4, 30, tzinfo=UTC), datetime(2026, 8, 21, 0, 30, tzinfo=UTC)),
        (datetime(2026, 8, 20, 0, 29, tzinfo=UTC), datetime(2026, 8, 20, 0, 30, tzinfo=UTC)),
        (datetime(2026, 8, 20, 0, 30, tzinfo=UTC), datetime(2026, 8, 21, 0, 30, tzinfo=UTC)),
        (datetime(2026, 8, 20, 23, 0, tzinfo=UTC), datetime(2026, 8, 21, 0, 30, tzinfo=UTC)),
    ],
)
async def test_a_session_ends_at_the_next_six_in_the_morning(now: datetime, end: datetime) -> None:
    async with Kite(said(MADE)).connected() as connection:
        session = await auth.login(connection.http, APP, {"request_token": "once"}, now)
    assert (session.issued_at, session.expires_at) == (now, end)


@pytest.mark.parametrize(
    "answers", [{}, {"request_token": ""}, {"request_token": "once", "status": "cancelled"}]
)
async def test_a_login_that_was_not_finished_asks_nothing(answers: dict[str, str]) -> None:
    kite = Kite(said(MADE))
    async with kite.connected() as connection:
        with pytest.raises(BrokerRejected):
            await auth.login(connection.http, APP, answers, NOW)
    assert kite.asked == []


async def test_a_stale_request_token_is_refused_in_the_words_of_kite() -> None:
    kite = Kite(refused("TokenException", "Token is invalid or has expired."), 403)
    async with kite.connected() as connection:
        with pytest.raises(BrokerRejected) as raised:
            await auth.login(connection.http, APP, {"request_token": "old"}, NOW)
    assert raised.value.broker_message == "Token is invalid or has expired."


async def test_a_login_without_a_token_in_it_is_none() -> None:
    async with Kite(said(MADE | {"access_token": ""})).connected() as connection:
        with pytest.raises(BrokerUnavailable):
            await auth.login(connection.http, APP, {"request_token": "once"}, NOW)


def test_calls_carry_key_and_token() -> None:
    made = auth.credentials(APP, SESSION)
    assert made.headers == {"Authorization": "token kitekey12:kitetoken56"}
    assert set(made.secrets) == {"kitetoken56", "kitesecret34"}


async def test_logging_out() -> None:
    kite = Kite(said(True))
    async with kite.connected() as connection:
        await auth.logout(connection.http, APP, SESSION)
    assert kite.line == (
        "DELETE https://api.kite.trade/session/token?api_key=kitekey12&access_token=kitetoken56"
    )


async def test_logging_out_of_a_session_that_is_over() -> None:
    async with Kite(refused("TokenException"), 403).connected() as connection:
        await auth.logout(connection.http, APP, SESSION)
