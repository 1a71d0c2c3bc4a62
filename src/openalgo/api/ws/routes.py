"""Where sockets connect."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from openalgo.api.ws.session import Session, SocketServices

FRAMES_EXTENSION = "openalgo.text_frames"
"""An ASGI extension of our own server: a coroutine function under this name in the scope's
extensions sends a sequence of UTF-8 texts, each as one message, in one write. It raises `OSError`
when the client is gone."""

ABNORMAL = 1006


class WebSocketTransport:
    """A session's socket on ASGI."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._send_many: Callable[[Sequence[bytes]], Awaitable[None]] | None
        self._send_many = socket.scope.get("extensions", {}).get(FRAMES_EXTENSION)

    async def receive(self) -> str | bytes | None:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def send(self, frames: Sequence[bytes]) -> None:
        if self._send_many is not None:
            try:
                await self._send_many(frames)
            except OSError:
                raise WebSocketDisconnect(ABNORMAL) from None
            return
        for frame in frames:
            await self._socket.send_text(frame.decode())

    async def close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect, RuntimeError):
                await self._socket.close(code, reason)


def socket_router(services: SocketServices) -> APIRouter:
    """`/ws` and `/ws/` on the main port; `/` for clients that know only port 8765."""
    router = APIRouter()

    async def serve(socket: WebSocket) -> None:
        await socket.accept()
        with suppress(WebSocketDisconnect):
            await Session(WebSocketTransport(socket), services).run()

    for path in ("/", "/ws", "/ws/"):
        router.add_api_websocket_route(path, serve)
    return router
