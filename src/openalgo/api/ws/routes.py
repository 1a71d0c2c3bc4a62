"""Where sockets connect."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from openalgo.api.ui.deps import UiServices
from openalgo.api.ws.browsers import Browser
from openalgo.api.ws.endings import POLICY_VIOLATION
from openalgo.api.ws.event_session import EventServices, EventSession
from openalgo.api.ws.feeds import Feeds
from openalgo.api.ws.outbox import SinkGone
from openalgo.api.ws.session import Session, SocketServices

DIRECT_EXTENSION = "openalgo.direct"
"""An ASGI extension of our own server: a `DirectSocket` under this name in the scope."""

CLOSE_SECONDS = 2.0


class DirectSocket(Protocol):
    """A WebSocket that takes many messages in one write, without going through ASGI."""

    @property
    def takes_more(self) -> bool:
        """Whether it is open and has sent most of what it took."""
        ...

    async def until_it_takes_more(self) -> None:
        """Raises `OSError` when the client is gone."""
        ...

    def write_texts(self, texts: Sequence[bytes]) -> None:
        """Send each of `texts`, which are UTF-8, as one message."""
        ...

    def abort(self) -> None:
        """Drop the connection at once."""
        ...


class WebSocketTransport:
    """A session's socket: direct where the server offers that, else ASGI."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._direct: DirectSocket | None
        self._direct = socket.scope.get("extensions", {}).get(DIRECT_EXTENSION)

    async def receive(self) -> str | bytes | None:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    @property
    def writable(self) -> bool:
        return self._direct is not None and self._direct.takes_more

    def write(self, frames: Sequence[bytes]) -> None:
        assert self._direct is not None  # noqa: S101 - `writable` said so
        self._direct.write_texts(frames)

    async def ready(self) -> None:
        if self._direct is not None:
            try:
                await self._direct.until_it_takes_more()
            except OSError:
                raise SinkGone from None

    async def send(self, frames: Sequence[bytes]) -> None:
        if self._direct is not None:
            self._direct.write_texts(frames)
            return
        try:
            for frame in frames:
                await self._socket.send_text(frame.decode())
        except WebSocketDisconnect:
            raise SinkGone from None

    async def close(self, code: int, reason: str) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            with suppress(WebSocketDisconnect, RuntimeError):
                await asyncio.wait_for(self._socket.close(code, reason), CLOSE_SECONDS)
        except TimeoutError:
            if self._direct is not None:
                self._direct.abort()


def socket_router(
    services: SocketServices, ui: UiServices | None = None, feeds: Feeds | None = None
) -> APIRouter:
    """`/ws` and `/ws/` on the main port; `/` for clients that know only port 8765. With `ui`, the
    session of a browser on a page of ours will do for an API key; with `feeds` too, there is
    `/ws/events` for the web app."""
    router = APIRouter()

    async def serve(socket: WebSocket) -> None:
        await services.turns.mine()
        browser = None if ui is None else Browser(socket, ui)
        await socket.accept()
        # Without the edge nobody knows it, and keys bound to networks are refused.
        address = socket.scope.get("state", {}).get("address", "")
        await Session(WebSocketTransport(socket), services, address, browser).run()

    for path in ("/", "/ws", "/ws/"):
        router.add_websocket_route(path, serve)
    if ui is not None and feeds is not None:
        events = EventServices(
            feeds=feeds,
            accounts=ui.accounts,
            clients=services.clients,
            flusher=services.flusher,
            max_queue=services.max_queue,
        )
        router.add_websocket_route("/ws/events", _event_server(ui, events))
    return router


def _event_server(
    ui: UiServices, services: EventServices
) -> Callable[[WebSocket], Awaitable[None]]:
    async def serve(socket: WebSocket) -> None:
        browser = Browser(socket, ui)
        if not browser.is_ours:
            # Not accepted: the page of somebody else learns nothing, not even who is logged in.
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        await EventSession(WebSocketTransport(socket), services, browser).run()

    return serve
