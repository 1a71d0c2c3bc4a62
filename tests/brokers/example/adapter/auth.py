"""Sessions: `POST /session` with what the form asks."""

from datetime import datetime

import msgspec

from openalgo.brokers.adapter import Endpoints, Session, Values
from openalgo.brokers.http import ApiRequest, BrokerHttp, Credentials, Kind
from tests.brokers.example.adapter.info import Answer


class _LoggedIn(msgspec.Struct):
    client: str
    token: str
    until: datetime


def login_url(endpoints: Endpoints, app: Values, state: str) -> str:
    """There is no page to send the user to."""
    return endpoints.login


async def login(http: BrokerHttp, app: Values, answers: Values, now: datetime) -> Session:
    reply = await http.call(
        ApiRequest(
            name="login",
            method="POST",
            url="/session",
            kind=Kind.LOGIN,
            json={name: answers[name] for name in ("user", "pin", "otp")},
            authorised=False,
        )
    )
    found = reply.decode(Answer[_LoggedIn]).result
    return Session(
        client_id=found.client,
        tokens={"token": found.token},
        issued_at=now,
        expires_at=found.until,
    )


def credentials(app: Values, session: Session) -> Credentials:
    return Credentials(headers={"X-Session": session.tokens["token"]})


async def logout(http: BrokerHttp, app: Values, session: Session) -> None:
    await http.call(ApiRequest(name="logout", method="DELETE", url="/session", kind=Kind.LOGIN))
