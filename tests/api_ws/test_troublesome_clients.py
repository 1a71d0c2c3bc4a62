"""Clients that do not behave, at real sockets: what they cost, and that others do not notice."""

import asyncio
import gc
import json
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.server import ServerProtocol

from openalgo import listeners
from openalgo.api.ws.clients import Clients
from openalgo.api.ws.outbox import TICK_QUEUE
from openalgo.api.ws.routes import socket_router
from openalgo.api.ws.session import Session, SocketServices
from openalgo.domain.clock import epoch_ms
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.listeners import UNSENT_BYTES, FeedProtocol, HttpProtocol, HttpServer, listen
from openalgo.streaming.demand import Demand
from openalgo.streaming.events import EventBus
from openalgo.streaming.hub import Hub
from tests.api.fakes import KEY, FakeKeys, FakeMarkets, FakeVenue
from tests.support.market import MORNING
from tests.support.markets import a_market

SOON = 20.0
PING_SECONDS = 0.1
SBIN = InstrumentKey(Exchange.NSE, "SBIN")
NOW_MS = epoch_ms(MORNING)
RECONNECTS = 500

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(message: object) -> bytes:
    """As a client sends it; the mask is zero."""
    return raw_frame(json.dumps(message).encode())


def raw_frame(text: bytes) -> bytes:
    return struct.pack(">BBHI", 0x81, 0xFE, len(text), 0) + text


def sessions() -> int:
    return sum(type(each) is Session for each in gc.get_objects())


def connections() -> Counter[type]:
    """Those the process still knows, open or not."""
    kinds = (HttpProtocol, FeedProtocol, ServerProtocol)
    return Counter(type(each) for each in gc.get_objects() if type(each) in kinds)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without garbage collections, so that only what does not refer to itself is freed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass
class Place:
    """A server, and what it holds for its clients."""

    port: int
    http: HttpServer
    hub: Hub = field(default_factory=Hub)
    demand: Demand = field(default_factory=Demand)
    clients: Clients = field(default_factory=lambda: Clients(50, 50))
    elsewhere: int = field(default_factory=sessions)
    """Sessions that other tests left behind; some may end while this one runs."""
    stuffed: int = 0
    """Bytes that were written for somebody who does not read."""

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def sockets(self) -> list[FeedProtocol]:
        connections = self.http.server_state.connections
        return [each for each in connections if isinstance(each, FeedProtocol)]

    def socket_of(self, client: socket.socket) -> FeedProtocol:
        port = client.getsockname()[1]
        return next(each for each in self.sockets if each.client and each.client[1] == port)

    def tick(self, ltp: float) -> None:
        self.hub.publish(
            Tick(exchange=SBIN.exchange, symbol=SBIN.symbol, received_ms=NOW_MS, ltp=ltp, open=ltp)
        )

    async def empties(self, rest: int = 0) -> None:
        """Nothing is left but what `rest` clients hold."""
        await until(lambda: len(self.sockets) == rest, "sockets are closed")
        await until(lambda: sessions() <= self.elsewhere + rest, "sessions have ended")
        await until(lambda: len(self.demand.wanted) == bool(rest), "nothing is wanted")
        assert len(self.hub.views) == bool(rest)

    @asynccontextmanager
    async def listener(self) -> AsyncIterator[ClientConnection]:
        """A client that behaves."""
        async with connect(self.url) as client:
            await client.send(json.dumps({"action": "authenticate", "api_key": KEY}))
            await client.recv()
            await client.send(json.dumps({"action": "subscribe", "symbols": ["NSE:SBIN"]}))
            assert json.loads(await client.recv())["status"] == "success"
            yield client

    async def stranger(self, *, subscribed: bool = True) -> socket.socket:
        """A client that has subscribed, of which the test does what it wants."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", self.port))
        await loop.sock_sendall(client, _UPGRADE)
        answer = await loop.sock_recv(client, 1024)
        assert answer.startswith(b"HTTP/1.1 101")
        if subscribed:
            said = frame({"action": "authenticate", "api_key": KEY})
            said += frame({"action": "subscribe", "symbols": ["NSE:SBIN"]})
            await loop.sock_sendall(client, said)
            while b'"type":"subscribe"' not in answer:
                answer += await loop.sock_recv(client, 1024)
        return client

    async def stuff(self, client: socket.socket) -> FeedProtocol:
        """Publish to `client`, which does not read, until no more can be sent."""
        deaf = self.socket_of(client)
        while deaf.takes_more:
            deaf.write_texts([bytes(10_000)])
            self.stuffed += 10_000
            await asyncio.sleep(0)
        return deaf


async def until(look: Callable[[], bool], what: str) -> None:
    async with asyncio.timeout(SOON):
        while not look():  # noqa: ASYNC110 - what is looked at has no event
            await asyncio.sleep(0.005)
    assert look(), what


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    gc.collect()  # what other tests left is not to go in the middle of this one
    with listen("127.0.0.1", 0, "--port") as listening:
        app = FastAPI()
        http = HttpServer(app)
        http.config.ws_ping_interval = None
        here = Place(listening.getsockname()[1], http)
        market = a_market(hub=here.hub, demand=here.demand)
        services = SocketServices(
            keys=FakeKeys(),
            markets=FakeMarkets(FakeVenue(), market),
            events=EventBus(),
            brokers=("simulator",),
            clients=here.clients,
        )
        app.include_router(socket_router(services))
        started = asyncio.Event()
        http.on_started(started.set)
        serving = asyncio.ensure_future(http.serve(sockets=[listening]))
        await started.wait()
        yield here
        http.force_exit = http.should_exit = True
        await serving


async def heard(client: ClientConnection, ltp: float) -> dict[str, Any]:
    """The tick of this price, once it comes."""
    async with asyncio.timeout(SOON):
        while (message := json.loads(await client.recv()))["data"]["ltp"] != ltp:
            pass
    return dict(message)


async def test_who_does_not_read_costs_little_and_is_dropped(place: Place) -> None:
    async with place.listener() as client:
        deaf = await place.stranger()
        theirs = await place.stuff(deaf)
        held = theirs.transport.get_write_buffer_size()
        for number in range(1, 20 * TICK_QUEUE):
            place.tick(number)
            await heard(client, number)
        assert theirs.transport.get_write_buffer_size() == held
        theirs.keepalive_timeout()
        await place.empties(rest=1)
        place.tick(0.5)
        await heard(client, 0.5)
    deaf.close()


@pytest.mark.skipif(
    not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="this system has no such option"
)
async def test_little_waits_in_the_kernel_for_who_lags(place: Place) -> None:
    """What it holds is old by the time it is read, and nothing newer can take its place."""
    client = await place.stranger()
    await place.stuff(client)
    assert place.stuffed < 8 * UNSENT_BYTES
    client.close()
    await place.empties()


async def test_who_vanishes_without_a_word_is_dropped(place: Place) -> None:
    """Nobody answers the pings; nothing waits to be sent."""
    config = place.http.config
    config.ws_ping_interval = config.ws_ping_timeout = PING_SECONDS
    client = await place.stranger()
    assert len(place.demand.wanted) == 1
    await place.empties()
    client.close()


async def test_who_leaves_without_reading_what_was_sent_is_dropped(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that says goodbye and keeps its socket would keep ours, beyond all limits."""
    monkeypatch.setattr(listeners, "LINGER_SECONDS", 0.1)
    client = await place.stranger()
    await place.stuff(client)
    await asyncio.get_running_loop().sock_sendall(client, b"\x88\x80" + bytes(4))
    await place.empties()
    client.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(b"\xff" * 100, id="no websocket at all"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n" * 20, id="another protocol"),
        pytest.param(b"\x81\x05hello", id="unmasked"),
        pytest.param(b"\x83\x80" + bytes(4), id="unknown kind"),
        pytest.param(b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4), id="too long"),
        pytest.param(b"\x81\x82" + bytes(4) + b"\xc3\x28", id="no UTF-8"),
        pytest.param(b"\x80\x80" + bytes(4), id="continues nothing"),
        pytest.param(b"\x88\x81" + bytes(5), id="a close of one byte"),
    ],
)
async def test_bytes_that_are_no_websocket_end_that_client_alone(
    place: Place, nonsense: bytes
) -> None:
    async with place.listener() as client:
        stranger = await place.stranger()
        await asyncio.get_running_loop().sock_sendall(stranger, nonsense)
        await until(lambda: len(place.sockets) == 1, "the stranger is put out")
        place.tick(7)
        await heard(client, 7)
        await place.empties(rest=1)
        stranger.close()
    await place.empties()


async def test_messages_that_make_no_sense_are_answered(place: Place) -> None:
    async with place.listener() as client:
        for nonsense in ("[" * 100_000, "null", '{"action": {}}', '{"action":"subscribe"}', ""):
            await client.send(nonsense)
            assert json.loads(await client.recv())["status"] == "error"
        place.tick(7)
        await heard(client, 7)


async def test_many_who_come_and_go_leave_nothing(place: Place) -> None:
    """Half of them say goodbye, half are cut off in the middle of a tick. What they leave must not
    wait for the garbage collector, which looks at old objects once a night."""
    before = connections()
    async with place.listener() as client:
        with uncollected():
            for number in range(RECONNECTS):
                stranger = await place.stranger()
                place.tick(number + 1)
                if number % 2:
                    await asyncio.get_running_loop().sock_sendall(stranger, b"\x88\x80" + bytes(4))
                stranger.close()
            await heard(client, RECONNECTS)
            await place.empties(rest=1)
            assert connections() - before <= Counter({FeedProtocol: 1, ServerProtocol: 1})
    await place.empties()
