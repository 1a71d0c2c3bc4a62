"""Where sockets connect."""

from contextlib import suppress

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from openalgo.api.ws.session import Session, SocketServices


class WebSocketTransport:
    """A session's socket on ASGI."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> str | bytes | None:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def send(self, frame: str) -> None:
        await self._socket.send_text(frame)

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
