"""One HTTP server on two sockets: the main port, and the one WebSocket clients know."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from openalgo.api.ws.routes import DIRECT_EXTENSION, DirectSocket

MAX_FRAME_BYTES = 1024 * 1024
PING_SECONDS = 20.0
DRAIN_SECONDS = 10
LINGER_SECONDS = 5.0
"""So long may what was written last take to leave, once nobody is served any more."""

UNSENT_BYTES = 64 * 1024
"""So much may the kernel hold for a client beyond what is on its way; some 150 ticks."""

_BACKLOG = 2048
_UNSENT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # not on Windows


class PortBusy(Exception):
    """A listener cannot be opened; the message says which option moves it."""


def listen(host: str, port: int, option: str) -> socket.socket:
    """A listening socket. Two servers never share a port: the second one is told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, or asyncio leaves Nagle's algorithm on in what it accepts.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise PortBusy(
            f"Cannot listen on {host}:{port} ({error.strerror}). "
            f"Stop what uses it, or choose another port with {option}."
        ) from None
    sock.setblocking(False)
    return sock


class HttpProtocol(HttpToolsProtocol):
    """What a connection speaks before it becomes a WebSocket."""

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment] # as it does itself when a connection ends


class FeedProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that takes many messages in one write.

    A message sent through ASGI costs more than ten times what the bytes of it cost, which is what
    a feed to hundreds of clients would be spent on.

    Neither it nor what came before it refers to itself once the client is gone: clients that come
    and go would fill the memory until the night (docs/adr/0007).
    """

    _lingering: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The kernel would take megabytes for a client that lags, each older than what we hold."""
        super().connection_made(transport)
        if _UNSENT is not None:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.IPPROTO_TCP, _UNSENT, UNSENT_BYTES)

    async def run_asgi(self) -> None:
        extensions = cast("dict[str, DirectSocket]", self.scope["extensions"])
        extensions[DIRECT_EXTENSION] = self
        try:
            await super().run_asgi()
        finally:
            del extensions[DIRECT_EXTENSION]
        # A closed transport first sends what it holds: never, to somebody who does not read.
        if not self.disconnected:
            self._lingering = self.loop.call_later(LINGER_SECONDS, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._lingering is not None:
            self._lingering.cancel()
        self.conn.parser.close()

    def keepalive_timeout(self) -> None:
        """Ends a connection whose other end is gone, or does not read."""
        super().keepalive_timeout()
        if self.transport.get_write_buffer_size():
            self.abort()

    @property
    def takes_more(self) -> bool:
        return self.writable.is_set() and not (self.disconnected or self.close_sent)

    async def until_it_takes_more(self) -> None:
        await self.writable.wait()
        if self.disconnected or self.close_sent:
            raise ClientDisconnected

    def write_texts(self, texts: Sequence[bytes]) -> None:
        if len(texts) == 1:
            (text,) = texts
            self.transport.write(_text_header(len(text)) + text)
        else:
            self.transport.write(b"".join([part for text in texts for part in _message(text)]))

    def abort(self) -> None:
        self.transport.abort()


def _message(text: bytes) -> tuple[bytes, bytes]:
    return _text_header(len(text)), text


@lru_cache(maxsize=4096)
def _text_header(length: int) -> bytes:
    """What precedes a text of `length` bytes from a server: RFC 6455, section 5.2."""
    if length < 126:
        return bytes((0x81, length))
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")


class HttpServer(uvicorn.Server):
    """uvicorn without its signal handling: when to end is decided by the application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        ping_interval: float = PING_SECONDS,
        ping_timeout: float = PING_SECONDS,
    ) -> None:
        """WebSocket clients are sent a ping every `ping_interval` seconds, and are gone when none
        comes back within `ping_timeout`."""
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                proxy_headers=False,
                log_config=None,
                access_log=False,
                server_header=False,
                http=HttpProtocol,
                ws=FeedProtocol,
                ws_max_size=MAX_FRAME_BYTES,
                ws_ping_interval=ping_interval,
                ws_ping_timeout=ping_timeout,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )

        self._on_started: Callable[[], None] | None = None

    def on_started(self, callback: Callable[[], None]) -> None:
        """Call `callback` once connections are accepted."""
        self._on_started = callback

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
