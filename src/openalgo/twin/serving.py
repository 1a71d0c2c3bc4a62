"""A twin on a loopback port."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

HOST = "127.0.0.1"

_TRANSPORT = "twin.transport"
_KEEP_ALIVE_SECONDS = 300
_BACKLOG = 1024
_RESET = struct.pack("ii", 1, 0)


class _Http(HttpToolsProtocol):
    """Shows the application its connection, so that it can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[_TRANSPORT] = self.transport


class _Socket(WebSocketsSansIOProtocol):
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            cast("dict[str, Any]", self.scope)[_TRANSPORT] = self.transport


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: who serves decides when to end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def cut(scope: Scope) -> None:
    """End the connection as a crash does: with a reset, whatever is still to be sent."""
    transport = cast("asyncio.Transport", scope[_TRANSPORT])
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def hang_up(scope: Scope) -> None:
    """End the connection in an orderly way, after what was sent."""
    cast("asyncio.Transport", scope[_TRANSPORT]).close()


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    """Serve `app` on loopback until the block ends; the port (`port` 0 takes a free one).

    Raises `OSError` where the port is taken.
    """
    # asyncio switches Nagle's algorithm off only where the socket says that it is TCP; with it,
    # every answer would come 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            access_log=False,
            http=_Http,
            ws=_Socket,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="twin server")
    try:
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        listener.close()
