"""The sockets of brokers' feeds. What goes wrong with one is told without its address."""

import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from openalgo.brokers.adapter import Frame, StreamAddress
from openalgo.brokers.clients import Route
from openalgo.observability.redaction import redact_text

LARGEST_MESSAGE = 8 * 1024 * 1024
"""Bytes: room for a full order book of every instrument a connection can carry."""

_REFUSALS = frozenset({401, 403})
_GOODBYE = 1.0


class NotConnected(Exception):
    """The connection could not be opened, for the reason given."""


class HandshakeRefused(NotConnected):
    """The broker does not take the session."""


class ConnectionLost(Exception):
    """The connection is no more, for the reason given."""


class Socket(Protocol):
    """One open connection. Everything but `abort` raises `ConnectionLost`."""

    async def recv(self) -> Frame: ...

    async def send(self, frame: Frame) -> None: ...

    async def ping(self) -> None:
        """Return once the other side has answered."""
        ...

    async def close(self) -> None:
        """Take leave, within a second or so. Never raises."""
        ...

    def abort(self) -> None:
        """Drop the connection. Safe to call twice."""
        ...


Dial = Callable[[StreamAddress], Awaitable[Socket]]
"""Opens a connection, or raises `NotConnected`."""


def dialler(route: Route | None = None, tls: ssl.SSLContext | None = None) -> Dial:
    """Connections that leave by `route`. `tls` replaces the certificate authorities of Mozilla.

    Certificates are checked, redirects and compression refused, and nothing is taken from the
    environment. Raises `ValueError` when `tls` checks nothing.
    """
    route = route or Route()
    context = tls or httpx.create_ssl_context(trust_env=False)
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("Certificates of brokers must be checked")

    async def dial(address: StreamAddress) -> Socket:
        try:
            return WebSocket(await _opening(address, route, context))
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            if status in _REFUSALS:
                raise HandshakeRefused(f"the broker refused the session (HTTP {status})") from None
            raise NotConnected(f"the broker answered HTTP {status}") from None
        # Their texts may hold the address, and with it the token.
        except TimeoutError:
            raise NotConnected("the broker did not answer in time") from None
        except OSError as error:
            raise NotConnected(error.strerror or type(error).__name__) from None
        except (WebSocketException, ValueError) as error:
            raise NotConnected(f"no WebSocket: {type(error).__name__}") from None

    return dial


class WebSocket:
    """A `Socket` of the `websockets` package."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def recv(self) -> Frame:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise _lost(closed) from None

    async def send(self, frame: Frame) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise _lost(closed) from None

    async def ping(self) -> None:
        try:
            await (await self._connection.ping())
        except ConnectionClosed as closed:
            raise _lost(closed) from None

    async def close(self) -> None:
        await self._connection.close()

    def abort(self) -> None:
        self._connection.transport.abort()


class _Opening(connect):
    """A handshake that goes where it was sent: a token is not for whom a redirect names."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _opening(address: StreamAddress, route: Route, tls: ssl.SSLContext) -> _Opening:
    ways: dict[str, Any] = {}
    if address.url.startswith("wss:"):
        ways["ssl"] = tls
    if route.source_ip is not None:
        ways["local_addr"] = (route.source_ip, 0)
    if route.proxy is not None and route.proxy.startswith("https:"):
        ways["proxy_ssl"] = tls
    return _Opening(
        address.url,
        additional_headers=dict(address.headers),
        user_agent_header=None,
        compression=None,
        proxy=route.proxy,
        max_size=LARGEST_MESSAGE,
        # The feed gives up sooner by itself, and sends pings of its own.
        open_timeout=None,
        ping_interval=None,
        close_timeout=_GOODBYE,
        logger=_SILENT,
        **ways,
    )


def _lost(closed: ConnectionClosed) -> ConnectionLost:
    frame = closed.rcvd
    if frame is None:
        return ConnectionLost("the connection broke off")
    said = f" ({redact_text(frame.reason)})" if frame.reason else ""
    return ConnectionLost(f"the broker closed the connection with {frame.code:d}{said}")


# At its debug level the package writes down requests, tokens included.
_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.setLevel(logging.CRITICAL + 1)
