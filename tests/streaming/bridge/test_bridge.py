"""Prices and order updates over ZeroMQ."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import zmq
import zmq.asyncio
from structlog.testing import capture_logs
from zmq.utils import z85

from openalgo.domain.market import Exchange, Level, Tick
from openalgo.streaming.bridge import BridgeUnusable, Curve, Publisher, is_local, publisher
from openalgo.streaming.bridge.messages import Numbered, Origin
from tests.test_listeners import event_loops

HERE = "tcp://127.0.0.1:*"
ORIGIN = Origin(broker="simulator", account=None)
_LOOPS: Mapping[str, Callable[[], asyncio.AbstractEventLoop]] = {
    loop.__module__.partition(".")[0]: loop for loop in event_loops()
}


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return _LOOPS


def tick(ltp: float = 5.0, **more: Any) -> Tick:
    return Tick(exchange=Exchange.NSE_INDEX, symbol="A_B", received_ms=1, ltp=ltp, **more)


@pytest.fixture
def opened() -> Iterator[Publisher]:
    with closing(Publisher(HERE)) as opened:
        yield opened


@asynccontextmanager
async def consumer(
    opened: Publisher, topic: str = "", keys: tuple[bytes, bytes] | None = None
) -> AsyncIterator[zmq.asyncio.Socket]:
    """Listens, and has been let in if it may be; `keys` are its secret one and the server's."""
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.SUB)
    socket.linger = 0
    socket.subscribe(topic)
    if keys is not None:
        mine, theirs = keys
        socket.curve_secretkey = mine
        socket.curve_publickey = public(mine)
        socket.curve_serverkey = theirs
    try:
        socket.connect(opened.endpoint)
        yield socket
    finally:
        socket.close()
        context.term()


async def reach(opened: Publisher, socket: zmq.asyncio.Socket) -> None:
    """A subscription takes a moment to arrive: publish until something comes."""
    while not await socket.poll(10):
        opened.tick(tick(0.5), ORIGIN)
        await asyncio.sleep(0)
    while await socket.poll(50):
        await socket.recv_multipart()


async def hears(socket: zmq.asyncio.Socket, text: bytes) -> bool:
    """Whether `text` is in a message that is there by now."""
    while await socket.poll(10):
        if text in (await socket.recv_multipart())[1]:
            return True
    return False


def public(secret: bytes) -> bytes:
    return z85.decode(zmq.curve_public(z85.encode(secret)))


def test_a_tick_is_published_as_all_it_has() -> None:
    numbered = Numbered()
    (only,) = numbered.tick(tick(), ORIGIN)
    assert only[0] == b"NSE_INDEX_A_B_LTP"
    assert json.loads(only[1]) == {
        "symbol": "A_B",
        "exchange": "NSE_INDEX",
        "ltp": 5.0,
        "timestamp": 1,
    }
    rich = tick(prev_close=4.0, buy_levels=(Level(5.0, 1), Level(4.0, 2)))
    ltp, quote, depth = numbered.tick(rich, ORIGIN)
    assert [each[0].rpartition(b"_")[2] for each in (ltp, quote, depth)] == [
        b"LTP",
        b"QUOTE",
        b"DEPTH",
    ]
    assert json.loads(quote[1])["change"] == 1.0
    assert "depth" not in json.loads(quote[1])
    assert len(json.loads(depth[1])["depth"]["buy"]) == 2
    assert json.loads(ltp[2]) == {
        "version": 1,
        "seq": 2,
        "broker": "simulator",
        "account": None,
    }
    (theirs,) = numbered.tick(tick(), Origin(broker="zerodha", account=3))
    assert json.loads(theirs[2])["seq"] == 1


async def test_consumers_get_what_they_subscribed_to_orders_first(opened: Publisher) -> None:
    async with consumer(opened, "NSE_INDEX_A_B_LTP") as prices, consumer(opened, "") as everything:
        await reach(opened, prices)
        await reach(opened, everything)
        opened.tick(tick(7.0, prev_close=6.0), ORIGIN)
        opened.order_update("ANALYZE", "asha", b"{}", ORIGIN)
        topic, payload, header = await prices.recv_multipart()
        assert (topic, json.loads(payload)["ltp"]) == (b"NSE_INDEX_A_B_LTP", 7.0)
        assert json.loads(header)["version"] == 1
        first = await everything.recv_multipart()
        assert first[:2] == [b"ANALYZE_asha_orders", b"{}"]
    assert opened.dropped == 0


async def test_what_is_too_much_is_dropped_and_the_log_says_so_once(
    opened: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "MOST_TICKS", 3)
    monkeypatch.setattr(publisher, "MOST_ORDERS", 2)
    async with consumer(opened) as socket:
        await reach(opened, socket)
        with capture_logs() as logs:
            for number in range(5):
                opened.tick(tick(float(number)), ORIGIN)
                opened.order_update("X", "asha", str(number).encode(), ORIGIN)
            heard = [json.loads((await socket.recv_multipart())[1]) for _ in range(5)]
        # Of prices the newest are left, of order updates those that happened first.
        assert [each if isinstance(each, int) else each["ltp"] for each in heard] == [
            *(0, 1),
            *(2.0, 3.0, 4.0),
        ]
    assert opened.dropped == 5
    assert [each["log_level"] for each in logs] == ["warning"]


async def test_a_consumer_that_does_not_read_holds_up_nobody(opened: Publisher) -> None:
    async with consumer(opened) as stuck, consumer(opened) as reading:
        await reach(opened, stuck)
        await reach(opened, reading)
        for number in range(20_000):
            opened.tick(tick(float(number)), ORIGIN)
            if number % 500 == 0:
                while await reading.poll(0):
                    await reading.recv_multipart()
        while not await hears(reading, b'"ltp":-1.0'):
            opened.tick(tick(-1.0), ORIGIN)


async def test_only_known_keys_are_let_in() -> None:
    ours, known, unknown = (secrets.token_bytes(32) for _ in range(3))
    curve = Curve(secret_key=ours, clients=frozenset({public(known)}))
    with closing(Publisher(HERE, curve)) as opened:
        assert opened.public_key == public(ours).hex()
        assert opened.gate is not None
        gate = asyncio.ensure_future(opened.gate.run())
        async with consumer(opened, keys=(known, public(ours))) as friend:
            await reach(opened, friend)
            with capture_logs() as logs:
                async with (
                    consumer(opened, keys=(unknown, public(ours))) as stranger,
                    consumer(opened) as plain,
                ):
                    while not logs:
                        opened.tick(tick(), ORIGIN)
                        await friend.recv_multipart()
                    for _ in range(20):
                        opened.tick(tick(), ORIGIN)
                        await friend.recv_multipart()
                    assert not await stranger.poll(50)
                    assert not await plain.poll(0)
            assert {each["event"] for each in logs} == {"a consumer of the bridge was refused"}
        gate.cancel()
        await asyncio.wait([gate])


async def test_an_address_others_reach_needs_keys() -> None:
    with pytest.raises(BridgeUnusable, match="ZMQ_CURVE_SECRET_KEY"):
        Publisher("tcp://0.0.0.0:5556")


async def test_an_address_in_use_is_told() -> None:
    with (
        closing(Publisher(HERE)) as first,
        pytest.raises(BridgeUnusable, match="choose another"),
    ):
        Publisher(first.endpoint)


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        ("tcp://127.0.0.1:5556", True),
        ("tcp://127.8.0.1:5556", True),
        ("tcp://[::1]:5556", True),
        ("ipc:///run/feed", True),
        ("tcp://*:5556", False),
        ("tcp://0.0.0.0:5556", False),
        ("tcp://[::]:5556", False),
        ("tcp://eth0:5556", False),
        ("tcp://192.168.1.4:5556", False),
        ("pgm://127.0.0.1:5556", False),
    ],
)
def test_what_is_local(endpoint: str, local: bool) -> None:
    assert is_local(endpoint) is local
