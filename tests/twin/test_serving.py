import socket

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from openalgo.twin.serving import HOST, serving

seen: list[int] = []


async def app(scope: Scope, _receive: Receive, send: Send) -> None:
    sock = scope["twin.transport"].get_extra_info("socket")
    seen.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def test_answers_do_not_wait_for_more_to_send() -> None:
    async with serving(app) as port, httpx.AsyncClient() as client:
        assert (await client.get(f"http://{HOST}:{port}")).status_code == 204
    assert seen == [1]


async def test_the_port_is_free_afterwards() -> None:
    async with serving(app) as port:
        pass
    async with serving(app, port) as again:
        assert again == port
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://{HOST}:{port}")
