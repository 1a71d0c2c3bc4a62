"""The connections to brokers, shared by all accounts that leave by the same way."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from openalgo.brokers.calls import Kind
from openalgo.brokers.http1 import Http1

KEPT_ALIVE = 120.0
"""Seconds an unused connection is kept, unless the broker closes it before."""

_CONNECTIONS = 32

MakeTransport = Callable[["Route", bool], httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True)
class Route:
    """How calls leave this machine.

    `source_ip` is one of its addresses; brokers take orders only from the address registered with
    them. `proxy` is `http://` or `https://`, with user and password in it where needed. A proxy
    has an address of its own, so it is one or the other.
    """

    source_ip: str | None = None
    proxy: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.proxy is None:
            return
        if self.source_ip is not None:
            raise ValueError("Calls leave from a source address or through a proxy, not both")
        if urlsplit(self.proxy).scheme not in ("http", "https"):
            raise ValueError("A proxy address begins with http:// or https://")


class Clients:
    """Two pools of connections for each route, opened when first needed. Make one, in the
    composition root, and close it last.

    Reads use HTTP/2 where the broker speaks it. Everything else uses HTTP/1.1 on connections of its
    own: there a connection the broker closed while it was idle is noticed before an order is
    written to it, an order shares its connection with no other call that may fail, and reads can
    never take the last connection.

    There are no cookies, no redirects and no proxies from the environment: nothing here knows them.
    Certificates are always checked.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, make: MakeTransport | None = None
    ) -> None:
        """`tls` replaces the certificate authorities of Mozilla. `make` opens the transport of a
        route, with HTTP/2 or without: for tests. Raises `ValueError` when `tls` checks nothing."""
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        # What is offered to speak is a setting of the context, and reads offer more.
        self._tls_of_orders = tls or httpx.create_ssl_context(trust_env=False)
        if self._tls.verify_mode is not ssl.CERT_REQUIRED or not self._tls.check_hostname:
            raise ValueError("Certificates of brokers must be checked")
        self._make = make or self._open
        self._transports: dict[tuple[Route, bool], httpx.AsyncBaseTransport] = {}

    def transport(self, route: Route, kind: Kind) -> httpx.AsyncBaseTransport:
        """The pool for calls of this kind."""
        key = (route, kind is Kind.READ)
        transport = self._transports.get(key)
        if transport is None:
            transport = self._transports[key] = self._make(*key)
        return transport

    async def aclose(self) -> None:
        """Close every connection. Calls under way fail."""
        transports = list(self._transports.values())
        self._transports.clear()
        await asyncio.gather(*(transport.aclose() for transport in transports))

    def _open(self, route: Route, http2: bool) -> httpx.AsyncBaseTransport:
        if not http2 and route.proxy is None:
            return Http1(
                self._tls_of_orders,
                source_ip=route.source_ip,
                most=_CONNECTIONS,
                kept_alive=KEPT_ALIVE,
            )
        return httpx.AsyncHTTPTransport(
            verify=self._tls,
            trust_env=False,
            http2=http2,
            # As many as may be open: with fewer, httpcore also closes connections not yet idle
            # for long as soon as that many are in use.
            limits=httpx.Limits(
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_CONNECTIONS,
                keepalive_expiry=KEPT_ALIVE,
            ),
            local_address=route.source_ip,
            proxy=None if route.proxy is None else httpx.Proxy(route.proxy),
        )
