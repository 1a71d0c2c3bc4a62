"""Calls as adapters make them."""

import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import cache

import httpx

from openalgo.brokers.faults import Faults, no_faults
from openalgo.brokers.http import (
    ApiRequest,
    BrokerApi,
    BrokerHttp,
    CallRecord,
    Clients,
    Kind,
    RateLimit,
    Route,
    Timeouts,
)

READ = ApiRequest(name="read_book", method="GET", url="/orders", scopes=("all",))
ORDER = ApiRequest(
    name="place_order",
    method="POST",
    url="/orders/regular",
    kind=Kind.ORDER,
    scopes=("all",),
    form={"symbol": "INFY"},
)
EXIT = ApiRequest(
    name="cancel_order", method="DELETE", url="/orders/regular/1", kind=Kind.EXIT, scopes=("all",)
)
LOGIN = ApiRequest(
    name="login",
    method="POST",
    url="/session/token",
    kind=Kind.LOGIN,
    scopes=("all",),
    form={"code": "one-time-code"},
)
ALL = {Kind.READ: READ, Kind.ORDER: ORDER, Kind.EXIT: EXIT, Kind.LOGIN: LOGIN}

QUICK = Timeouts(connect=2, read=0.15, write=2, pool=1, queue=5, total=5)
"""For servers that never answer."""


def api(
    base_url: str,
    *,
    limits: tuple[RateLimit, ...] = (RateLimit("all", ()),),
    faults: Faults = no_faults,
    timeouts: Timeouts = Timeouts(),  # noqa: B008 - immutable
    secret_names: frozenset[str] = frozenset(),
    largest: int = 1024 * 1024,
) -> BrokerApi:
    return BrokerApi(
        broker="Zerodha",
        base_url=base_url,
        limits=limits,
        faults=faults,
        timeouts=timeouts,
        secret_names=secret_names,
        largest=largest,
    )


@asynccontextmanager
async def account(
    described: BrokerApi,
    clients: Clients | None = None,
    *,
    route: Route | None = None,
    records: list[CallRecord] | None = None,
) -> AsyncIterator[BrokerHttp]:
    """One account with connections of its own, closed at the end. Back-off is not shortened."""
    pool = clients or Clients(tls=authorities())
    try:
        yield BrokerHttp(
            described,
            pool,
            account="AB1234",
            route=route,
            record=(lambda _: None) if records is None else records.append,
            jitter=lambda: 0.0,
        )
    finally:
        await pool.aclose()


@cache
def authorities() -> ssl.SSLContext:
    """Those of the machine, read once: that takes its time."""
    return httpx.create_ssl_context(trust_env=False)


Handler = (
    Callable[[httpx.Request], httpx.Response]
    | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
)


def scripted(handler: Handler) -> Clients:
    """Connections on which `handler` answers."""
    return Clients(tls=authorities(), make=lambda _route, _http2: httpx.MockTransport(handler))
