"""A broker of the test's own: adapters without a network, and the HTTP they speak."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlencode

import httpx

from openalgo.brokers import registry
from openalgo.brokers.adapter import Broker, Connection, Endpoints, Listing, Session, Values
from openalgo.brokers.adapters import Adapters, BrokenAdapter, BrokerUnusable, UnknownBroker
from openalgo.brokers.base import AuthKind, BrokerInfo, LoginField
from openalgo.brokers.http import (
    ApiRequest,
    BrokerApi,
    BrokerHttp,
    Clients,
    Credentials,
    Kind,
    RateLimit,
    Reply,
    Route,
)
from openalgo.brokers.rows import FundsRow
from openalgo.domain.errors import BrokerAuthExpired, BrokerRejected, OpenAlgoError
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey

API_KEY = "key0123456789abc"
API_SECRET = "planted-secret-98765"
APP = {"api_key": API_KEY, "api_secret": API_SECRET}
APP_FIELDS = (
    LoginField(name="api_key", label="API key"),
    LoginField(name="api_secret", label="API secret", secret=True),
)
LOGIN_FIELDS = (
    LoginField(name="client_id", label="Client id"),
    LoginField(name="pin", label="PIN", secret=True),
)
ENDPOINTS = Endpoints(
    api="https://api.acme.example", login="https://login.acme.example/start", stream=""
)


def faults(reply: Reply) -> OpenAlgoError | None:
    """As Zerodha's: a 403 says that the session is over."""
    if reply.ok:
        return None
    said = reply.data
    words = said.get("message") if isinstance(said, dict) else None
    if reply.status == 403:
        return BrokerAuthExpired(words, broker_status=403, broker_message=words)
    if reply.status < 500 and words is not None:
        return BrokerRejected(words, broker_status=reply.status, broker_message=words)
    return None


class Auth:
    def login_url(self, endpoints: Endpoints, app: Values, state: str) -> str:
        return f"{endpoints.login}?{urlencode({'api_key': app['api_key'], 'state': state})}"

    async def login(self, http: BrokerHttp, app: Values, answers: Values, now: datetime) -> Session:
        reply = await http.call(
            ApiRequest(
                name="login",
                method="POST",
                url="/session",
                kind=Kind.LOGIN,
                form={**app, **answers},
            )
        )
        data = cast("dict[str, str]", reply.data)
        return Session(client_id=data["client_id"], tokens={"access": data["token"]}, issued_at=now)

    def credentials(self, app: Values, session: Session) -> Credentials:
        return Credentials(
            headers={"Authorization": f"token {app['api_key']}:{session.tokens['access']}"}
        )

    async def logout(self, http: BrokerHttp, app: Values, session: Session) -> None:
        await http.call(
            ApiRequest(
                name="logout",
                method="DELETE",
                url="/session",
                params={"access_token": session.tokens["access"]},
            )
        )


class Portfolio:
    async def positions(self, connection: Connection) -> Sequence[Any]:
        return []

    async def holdings(self, connection: Connection) -> Sequence[Any]:
        return []

    async def funds(self, connection: Connection) -> FundsRow:
        reply = await connection.http.call(
            ApiRequest(name="funds", method="GET", url="/funds", scopes=("reads",))
        )
        data = cast("dict[str, str]", reply.data)
        return FundsRow(
            available=Decimal(data["available"]), collateral=Decimal(0), utilised=Decimal(0)
        )


def make_broker(
    broker_id: str = "acme",
    *,
    auth: AuthKind = AuthKind.OAUTH,
    returns_state: bool = True,
    session_ends_at: time | None = time(6),
) -> Broker:
    nothing = cast("Any", SimpleNamespace())
    return Broker(
        info=BrokerInfo(
            id=broker_id,
            name=broker_id.capitalize(),
            exchanges=frozenset({Exchange.NSE}),
            trading=True,
            auth=auth,
            app_fields=APP_FIELDS,
            login_fields=LOGIN_FIELDS if auth is AuthKind.FORM else (),
            returns_state=returns_state,
            session_ends_at=session_ends_at,
            notes=("Order calls must come from a registered address.",),
        ),
        api=BrokerApi(
            broker=broker_id.capitalize(),
            base_url=ENDPOINTS.api,
            limits=(
                RateLimit("reads", ((10, 1.0),)),
                RateLimit("orders", ((10, 1.0), (20, 3600.0)), of_orders=True),
            ),
            faults=faults,
        ),
        endpoints=ENDPOINTS,
        auth=Auth(),
        orders=nothing,
        portfolio=Portfolio(),
        market_data=nothing,
        instruments=nothing,
    )


class FakeAdapters(Adapters):
    """`acme` and `acne` log in by redirect (the latter gives no state back), `acre` by form; `ill`
    cannot be loaded."""

    def __init__(self) -> None:
        super().__init__("nowhere", embedded={"simulator": registry.info("simulator")})
        brokers = (
            make_broker("acme"),
            make_broker("acne", returns_state=False),
            make_broker("acre", auth=AuthKind.FORM, session_ends_at=None),
        )
        self.live = {broker.info.id: broker for broker in brokers}

    def infos(self) -> tuple[BrokerInfo, ...]:
        return (*self._embedded.values(), *(each.info for each in self.live.values()))

    def broker(self, broker_id: str) -> Broker:
        if broker_id in self.live:
            return self.live[broker_id]
        if broker_id == "ill":
            raise BrokerUnusable("The adapter of 'ill' cannot be loaded")
        raise UnknownBroker(broker_id)

    def broken(self) -> tuple[BrokenAdapter, ...]:
        return (BrokenAdapter("ill", "ImportError: no module"),)


class EmptyListing:
    def find(self, key: InstrumentKey) -> Instrument | None:
        return None

    def by_token(self, token: str) -> Instrument | None:
        return None

    def by_broker_symbol(self, broker_exchange: str, broker_symbol: str) -> Instrument | None:
        return None


def listing_of(broker_id: str) -> Listing:
    return EmptyListing()


@dataclass
class FakeBroker:
    """What answers the calls. Tokens are given out in order; those in `dead` are refused."""

    tokens: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    requests: list[httpx.Request] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    answer: Callable[[httpx.Request], httpx.Response | None] = lambda _: None

    def clients(self) -> Clients:
        return Clients(make=self._transport)

    @property
    def paths(self) -> list[str]:
        return [f"{each.method} {each.url.path}" for each in self.requests]

    def _transport(self, route: Route, http2: bool) -> httpx.AsyncBaseTransport:
        def handle(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            self.routes.append(route)
            return self.answer(request) or self._answer(request)

        return httpx.MockTransport(handle)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        match request.method, request.url.path:
            case "POST", "/session":
                return self._login(request)
            case "DELETE", "/session":
                return _reply(200, {})
            case "GET", "/funds":
                token = request.headers.get("authorization", "").rpartition(":")[2]
                if token not in self.tokens or token in self.dead:
                    return _reply(403, {"message": f"Invalid token {token}"})
                return _reply(200, {"available": "125000.50"})
        return _reply(404, {"message": "No such call"})

    def _login(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        code = form.get("code") or form.get("pin", "")
        if form.get("api_secret") != API_SECRET or code == "wrong" or code in self.codes:
            return _reply(400, {"message": f"Invalid login {code} of {form.get('api_secret')}"})
        self.codes.add(code)
        token = f"planted-token-{len(self.tokens)}-of-{code}"
        self.tokens.append(token)
        return _reply(200, {"token": token, "client_id": "AB1234"})


def _reply(status: int, body: object) -> httpx.Response:
    return httpx.Response(
        status, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
