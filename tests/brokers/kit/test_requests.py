"""How a request looks on the wire."""

from decimal import Decimal

import httpx
import pytest

from openalgo.brokers.http import (
    ApiRequest,
    BrokerApi,
    Credentials,
    Kind,
    Outgoing,
)
from openalgo.brokers.sending import UnfitRequest
from openalgo.domain.errors import BrokerNotReached
from tests.brokers.kit.calls import READ, account, api, scripted

BASE = "https://api.broker.example/v2/"


class Seen:
    """Answers every request and keeps it."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, content=b"{}", headers={"Set-Cookie": "sid=1; Path=/"})

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


def asking(**changes: object) -> ApiRequest:
    fields: dict[str, object] = {"name": "ask", "method": "POST", "url": "/x", **changes}
    return ApiRequest(**fields)  # type: ignore[arg-type]


async def sent(request: ApiRequest, credentials: Credentials | None = None) -> httpx.Request:
    seen = Seen()
    described = BrokerApi(
        broker="Zerodha", base_url=BASE, headers={"X-Kite-Version": "3", "X-UserType": "USER"}
    )
    async with account(described, scripted(seen)) as http:
        if credentials is not None:
            http.use(credentials)
        await http.call(request)
    return seen.last


async def test_paths_go_below_the_base_address_and_whole_addresses_stay() -> None:
    assert str((await sent(asking(url="/orders/1"))).url) == f"{BASE}orders/1"
    whole = "https://hft.broker.example/v3/order/place?x=1"
    assert str((await sent(asking(url=whole))).url) == whole


async def test_parameters_are_percent_encoded_and_may_repeat() -> None:
    pairs = [("i", "NSE:M&M"), ("i", "NSE:NIFTY 50"), ("k", "NSE_EQ|INE848E01016")]
    request = await sent(asking(params=pairs))
    assert request.url.query == b"i=NSE%3AM%26M&i=NSE%3ANIFTY%2050&k=NSE_EQ%7CINE848E01016"
    request = await sent(asking(url="/x?a=1", params={"b": "2"}))
    assert request.url.query == b"a=1&b=2"


async def test_bodies_are_what_the_broker_takes() -> None:
    form = await sent(asking(form={"tradingsymbol": "M&M", "tag": "a b"}))
    assert form.content == b"tradingsymbol=M%26M&tag=a+b"
    assert form.headers["content-type"] == "application/x-www-form-urlencoded"
    json = await sent(asking(json=[{"price": Decimal("10.05"), "qty": 75, "amo": False}]))
    assert json.content == b'[{"price":10.05,"qty":75,"amo":false}]'
    assert json.headers["content-type"] == "application/json"
    raw = await sent(
        asking(content='jData={"uid":"FA1"}&jKey=abc', headers={"Content-Type": "text/plain"})
    )
    assert raw.content == b'jData={"uid":"FA1"}&jKey=abc'
    assert raw.headers["content-type"] == "text/plain"
    none = await sent(asking(method="GET"))
    assert none.content == b""
    assert "content-type" not in none.headers


def test_a_request_has_one_body() -> None:
    with pytest.raises(ValueError, match="ask has more than one body"):
        asking(form={}, json={})


async def test_constant_headers_go_with_every_call() -> None:
    headers = (await sent(asking())).headers
    assert headers["x-kite-version"] == "3"
    assert headers["user-agent"] == "OpenAlgo"
    assert headers["accept-encoding"] == "gzip"


async def test_the_session_goes_to_the_api_and_not_to_other_addresses() -> None:
    session = Credentials(headers={"Authorization": "token key:access"})
    other = "https://files.broker.example/contracts.json.gz"
    assert (await sent(asking(), session)).headers["authorization"] == "token key:access"
    assert "authorization" not in (await sent(asking(url=other), session)).headers
    assert "authorization" not in (await sent(asking(authorised=False), session)).headers
    assert "authorization" in (await sent(asking(url=other, authorised=True), session)).headers


async def test_a_call_is_signed_as_it_leaves() -> None:
    signed: list[Outgoing] = []

    def sign(outgoing: Outgoing) -> dict[str, str]:
        signed.append(outgoing)
        return {"signature": f"s{len(signed)}"}

    request = await sent(asking(params={"a": "b c"}, json={"n": 1}), Credentials(sign=sign))
    assert request.headers["signature"] == "s1"
    assert signed == [Outgoing("POST", "/v2/x", "a=b%20c", b'{"n":1}')]


async def test_the_newest_session_is_used() -> None:
    seen = Seen()
    async with account(api(BASE), scripted(seen)) as http:
        for token in ("one", "two"):
            http.use(Credentials(headers={"Authorization": f"Bearer {token}"}))
            await http.call(READ)
    assert [r.headers["authorization"] for r in seen.requests] == ["Bearer one", "Bearer two"]


async def test_cookies_are_never_sent_back() -> None:
    seen = Seen()
    async with account(api(BASE), scripted(seen)) as http:
        for _ in range(3):
            await http.call(READ)
    assert [r.headers.get("cookie") for r in seen.requests] == [None] * 3


@pytest.mark.parametrize("key", ["abc\n", " abc", "ab\u2026c", "a\tb", "a\r\nX-Evil: 1"])
async def test_a_key_http_cannot_carry_is_told_by_the_name_of_its_header(key: str) -> None:
    seen = Seen()
    async with account(api(BASE), scripted(seen)) as http:
        http.use(Credentials(headers={"X-PrivateKey": key}))
        with pytest.raises(BrokerNotReached, match="its header X-PrivateKey holds") as caught:
            await http.call(asking(kind=Kind.ORDER))
    assert key not in str(caught.value)
    assert seen.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.broker.example",
        "http://192.168.1.5:8000",
        "ftp://127.0.0.1",
        "api.broker.example",
        "https://[::bad",
    ],
)
def test_nothing_leaves_this_machine_without_tls(url: str) -> None:
    with pytest.raises(UnfitRequest):
        BrokerApi(broker="Zerodha", base_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9"])
def test_a_broker_twin_on_this_machine_may_do_without(url: str) -> None:
    assert BrokerApi(broker="Zerodha", base_url=url).base_url == url


async def test_another_address_without_tls_is_not_called() -> None:
    seen = Seen()
    async with account(api(BASE), scripted(seen)) as http:
        with pytest.raises(BrokerNotReached, match="must use https"):
            await http.call(asking(url="http://files.broker.example/x"))
    assert seen.requests == []


async def test_a_session_shows_nothing_of_itself() -> None:
    shown = repr(
        (
            Credentials(headers={"Authorization": "s3cr3t"}, secrets=("s3cr3t",)),
            asking(form={"pin": "s3cr3t"}, headers={"X": "s3cr3t"}, params={"t": "s3cr3t"}),
            asking(json={"pin": "s3cr3t"}),
            asking(content="s3cr3t"),
            Outgoing("GET", "/", "", b"s3cr3t"),
        )
    )
    assert "s3cr3t" not in shown
