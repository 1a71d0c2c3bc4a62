"""Logging in to Kite: the user's browser brings a request token, which buys an access token."""

from datetime import datetime, time, timedelta
from hashlib import sha256
from urllib.parse import urlencode

import msgspec

from openalgo.brokers.adapter import Endpoints, Session, Values
from openalgo.brokers.http import ApiRequest, BrokerHttp, Credentials, Kind
from openalgo.brokers.zerodha.api import OTHER
from openalgo.brokers.zerodha.wire import Answer
from openalgo.domain.clock import IST
from openalgo.domain.errors import BrokerAuthExpired, BrokerRejected

_ENDS_AT = time(6, 0)


class _Login(msgspec.Struct):
    user_id: str
    access_token: str


def login_url(endpoints: Endpoints, app: Values, state: str) -> str:
    """Kite hands `redirect_params` on to the callback."""
    query = {
        "v": "3",
        "api_key": app["api_key"],
        "redirect_params": urlencode({"state": state}),
    }
    return f"{endpoints.login}?{urlencode(query)}"


async def login(http: BrokerHttp, app: Values, answers: Values, now: datetime) -> Session:
    status = answers.get("status", "success")
    token = answers.get("request_token", "")
    if status != "success" or not token:
        words = answers.get("message") or f"the login ended with status '{status}'"
        raise BrokerRejected(
            f"Zerodha did not log in: {words}", broker_message=answers.get("message")
        )
    proof = app["api_key"] + token + app["api_secret"]
    request = ApiRequest(
        name="login",
        method="POST",
        url="/session/token",
        kind=Kind.LOGIN,
        scopes=OTHER,
        authorised=False,
        form={
            "api_key": app["api_key"],
            "request_token": token,
            "checksum": sha256(proof.encode()).hexdigest(),
        },
    )
    try:
        reply = await http.call(request)
    except BrokerAuthExpired as error:
        # Said of a request token that was used before or is too old: there is no session yet.
        raise BrokerRejected(
            error.message, broker_status=error.broker_status, broker_message=error.broker_message
        ) from None
    made = reply.decode(Answer[_Login]).data
    if not (made.user_id and made.access_token):
        raise reply.unusable("user_id or access_token is empty")
    return Session(
        client_id=made.user_id,
        tokens={"access_token": made.access_token},
        issued_at=now,
        expires_at=_end(now),
    )


def credentials(app: Values, session: Session) -> Credentials:
    access = session.tokens["access_token"]
    return Credentials(
        headers={"Authorization": f"token {app['api_key']}:{access}"},
        secrets=(access, app["api_secret"]),
    )


async def logout(http: BrokerHttp, app: Values, session: Session) -> None:
    request = ApiRequest(
        name="logout",
        method="DELETE",
        url="/session/token",
        kind=Kind.LOGIN,
        scopes=OTHER,
        params={"api_key": app["api_key"], "access_token": session.tokens["access_token"]},
    )
    try:
        await http.call(request)
    except BrokerAuthExpired:
        return  # as asked


def _end(now: datetime) -> datetime:
    """The next six o'clock (IST), when Zerodha ends all sessions."""
    here = now.astimezone(IST)
    end = datetime.combine(here.date(), _ENDS_AT, IST)
    return end if end > here else end + timedelta(days=1)
