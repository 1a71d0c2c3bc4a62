"""Feeds on real WebSockets."""

import asyncio
import contextlib
import http
import json
import logging
import ssl
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from openalgo.brokers.adapter import StreamAddress
from openalgo.streaming.feeds.sockets import (
    ConnectionLost,
    HandshakeRefused,
    NotConnected,
    dialler,
)
from tests.streaming.feeds.bench import Bench, wanted

pytestmark = pytest.mark.asyncio(loop_factories=["real"])
SECRET = "swordfish"


class Broker:
    """A broker on loopback: every subscription is answered with a price."""

    def __init__(self) -> None:
        self.status: http.HTTPStatus | None = None
        self.location = ""
        self.connections: list[ServerConnection] = []
        self.headers: list[dict[str, str]] = []

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for message in connection:
            for name, _mode in json.loads(message).get("sub", ()):
                await connection.send(f"{name}=10.5".encode())

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.headers.append(dict(request.headers.raw_items()))
        if self.status is None:
            return None
        response = connection.respond(self.status, "no")
        if self.location:
            response.headers["Location"] = self.location
        return response

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server: Server
        async with serve(
            self.handle, "127.0.0.1", 0, process_request=self.check, compression="deflate"
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            yield f"ws://127.0.0.1:{port}/?access_token={SECRET}"


async def test_a_feed_subscribes_and_survives_a_broken_connection() -> None:
    broker, bench = Broker(), Bench(polls=False, room=40)
    async with broker.listening() as url:
        feed = bench.feed_at(lambda: StreamAddress(url=url), dialler())
        running = asyncio.ensure_future(feed.run())
        feed.set_demand(wanted(range(5)))
        for _ in range(2):
            while {tick.key for tick in bench.ticks} != wanted(range(5)).keys():
                bench.told.clear()
                await asyncio.wait_for(bench.told.wait(), 10)
            bench.ticks.clear()
            broker.connections[-1].transport.abort()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(broker.connections) >= 2
    assert "sec-websocket-extensions" not in {name.lower() for name in broker.headers[0]}


async def test_headers_are_sent_and_frames_pass_both_ways() -> None:
    broker = Broker()
    async with broker.listening() as url:
        socket = await dialler()(StreamAddress(url=url, headers={"X-Kite-Version": "3"}))
        await socket.ping()
        await socket.send(json.dumps({"sub": [[1, 1]]}))
        assert await socket.recv() == b"1=10.5"
        await broker.connections[0].close(4001, f"token={SECRET}")
        with pytest.raises(ConnectionLost, match=r"with 4001 \(token=\*\*\*\)"):
            await socket.recv()
        await socket.close()
        socket.abort()
    assert broker.headers[0]["X-Kite-Version"] == "3"


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (http.HTTPStatus.FORBIDDEN, HandshakeRefused, "refused the session (HTTP 403)"),
        (http.HTTPStatus.UNAUTHORIZED, HandshakeRefused, "refused the session (HTTP 401)"),
        (http.HTTPStatus.BAD_GATEWAY, NotConnected, "answered HTTP 502"),
        (http.HTTPStatus.FOUND, NotConnected, "answered HTTP 302"),
    ],
)
async def test_a_refusal_is_told_by_its_kind(
    status: http.HTTPStatus, error: type[NotConnected], says: str
) -> None:
    broker, elsewhere = Broker(), Broker()
    broker.status = status
    async with broker.listening() as url, elsewhere.listening() as other:
        broker.location = other if status is http.HTTPStatus.FOUND else ""
        with pytest.raises(error) as caught:
            await dialler()(StreamAddress(url=url))
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert elsewhere.headers == []


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/?access_token=", "http:///?access_token="])
async def test_nothing_secret_is_told_or_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(NotConnected) as caught:
        await dialler()(StreamAddress(url=url + SECRET))
    assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text


async def test_the_package_logs_no_requests(caplog: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    async with broker.listening() as url:
        with caplog.at_level(logging.DEBUG, "websockets.client"):
            socket = await dialler()(StreamAddress(url=url))
            await socket.close()
    assert SECRET not in "".join(
        record.getMessage() for record in caplog.records if record.name != "websockets.server"
    )


async def test_certificates_must_be_checked() -> None:
    careless = ssl.create_default_context()
    careless.check_hostname = False
    with pytest.raises(ValueError, match="must be checked"):
        dialler(tls=careless)
