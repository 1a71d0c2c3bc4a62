"""One HTTP server on two sockets: the main port, and the one WebSocket clients know."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

MAX_FRAME_BYTES = 1024 * 1024
PING_SECONDS = 20.0
DRAIN_SECONDS = 10

_BACKLOG = 2048


class PortBusy(Exception):
    """A listener cannot be opened; the message says which option moves it."""


def listen(host: str, port: int, option: str) -> socket.socket:
    """A listening socket. Two servers never share a port: the second one is told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
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


class HttpServer(uvicorn.Server):
    """uvicorn without its signal handling: when to end is decided by the application."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                proxy_headers=False,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME_BYTES,
                ws_ping_interval=PING_SECONDS,
                ws_ping_timeout=PING_SECONDS,
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


@contextlib.contextmanager
def ending_on_signals(end: asyncio.Event) -> Iterator[None]:
    """Set `end` on SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        # Windows has no such handlers; there Ctrl-C cancels the main task instead.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, end.set)
    try:
        yield
    finally:
        for number in signals:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
