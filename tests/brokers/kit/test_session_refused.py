"""Hearing that a broker takes no more calls of a session."""

import asyncio

import httpx
import pytest

from openalgo.brokers.http import ApiRequest, BrokerHttp, Clients, Credentials, Route
from openalgo.domain.errors import BrokerAuthExpired, OpenAlgoError
from tests.brokers.kit.calls import api

MINE = ApiRequest(name="funds", method="GET", url="/funds")
ANYBODYS = ApiRequest(name="list", method="GET", url="/list", authorised=False)


class Line:
    """A broker that answers 401 as long as `refuses`, and only once it is `open`."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.refuses = True
        self.heard: list[str] = []
        self.http = BrokerHttp(
            api("https://broker.example"),
            Clients(make=self._transport),
            on_auth_expired=lambda error: self.heard.append(error.message),
        )

    def _transport(self, route: Route, http2: bool) -> httpx.AsyncBaseTransport:
        async def answer(request: httpx.Request) -> httpx.Response:
            self.asked.set()
            await self.open.wait()
            return httpx.Response(401 if self.refuses else 200, content=b"{}")

        return httpx.MockTransport(answer)


async def test_a_refused_session_is_told_before_the_caller_hears_of_it() -> None:
    line = Line()
    line.http.use(Credentials(headers={"Authorization": "token one"}))
    with pytest.raises(BrokerAuthExpired):
        await line.http.call(MINE)
    assert len(line.heard) == 1


async def test_other_answers_say_nothing_of_the_session() -> None:
    line = Line()
    line.http.use(Credentials(headers={"Authorization": "token one"}))
    with pytest.raises(OpenAlgoError):
        await line.http.call(ANYBODYS)
    line.refuses = False
    await line.http.call(MINE)
    assert line.heard == []


async def test_the_refusal_of_a_replaced_session_is_nobodys_business() -> None:
    line = Line()
    line.open.clear()
    line.http.use(Credentials(headers={"Authorization": "token old"}))
    call = asyncio.ensure_future(line.http.call(MINE))
    await line.asked.wait()
    line.http.use(Credentials(headers={"Authorization": "token new"}))
    line.open.set()
    with pytest.raises(BrokerAuthExpired):
        await call
    assert line.heard == []
