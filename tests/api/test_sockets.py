"""The short way of a WebSocket to its endpoint."""

from typing import Any, cast

from fastapi import FastAPI, WebSocket
from starlette.routing import WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from openalgo.api.direct import Dispatcher


class Application:
    """Notes what comes to it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, _: Receive, __: Send) -> None:
        self.asked.append(scope["path"])


async def connect(dispatcher: Dispatcher, path: str) -> list[str]:
    """The kinds of message that a client which connects there is sent."""
    sent: list[str] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    scope: dict[str, Any] = {"type": "websocket", "path": path, "headers": []}
    await dispatcher(scope, receive, send)
    return sent


async def test_a_socket_needs_no_walk_through_the_routes_of_the_application() -> None:
    async def welcome(socket: WebSocket) -> None:
        await socket.accept()

    application = Application()
    dispatcher = Dispatcher(cast(FastAPI, application), [WebSocketRoute("/ws", welcome)])
    assert await connect(dispatcher, "/ws") == ["websocket.accept"]
    assert application.asked == []
    await connect(dispatcher, "/elsewhere")
    assert application.asked == ["/elsewhere"]
