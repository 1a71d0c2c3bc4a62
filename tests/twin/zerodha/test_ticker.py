import asyncio
import contextlib
import json
import struct
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from openalgo.domain.numbers import px
from openalgo.twin.contracts import Contract
from openalgo.twin.zerodha.ticker import Feed
from openalgo.twin.zerodha.twin import Setup
from tests.twin.zerodha.conftest import LIMIT, ORDER, Client, connected

SBIN, NIFTY = 779521, 256265


def packets(message: bytes) -> dict[int, bytes]:
    """The packets of a frame by their token."""
    (count,) = struct.unpack(">H", message[:2])
    found, at = {}, 2
    for _ in range(count):
        (length,) = struct.unpack(">H", message[at : at + 2])
        packet = message[at + 2 : at + 2 + length]
        found[struct.unpack(">I", packet[:4])[0]] = packet
        at += 2 + length
    assert at == len(message)
    return found


async def binary(socket: ClientConnection) -> bytes:
    """The next frame that is no heartbeat."""
    async for message in socket:
        if isinstance(message, bytes) and len(message) > 1:
            return message
    raise AssertionError("the socket ended")


async def text(socket: ClientConnection) -> dict[str, Any]:
    async for message in socket:
        if isinstance(message, str):
            found: dict[str, Any] = json.loads(message)
            return found
    raise AssertionError("the socket ended")


async def ask(socket: ClientConnection, action: str, value: object) -> None:
    await socket.send(json.dumps({"a": action, "v": value}))


async def heard(socket: ClientConnection) -> None:
    """Return once the twin has read all that was sent: an answer comes in its turn."""
    await socket.send("{")
    assert (await text(socket))["type"] == "error"


def sbin(client: Client) -> Contract:
    found = client.twin.contracts.numbered(SBIN)
    assert found is not None
    return found


async def test_subscribing_brings_quotes_then_what_the_mode_says(client: Client) -> None:
    async with client.socket() as socket:
        await ask(socket, "subscribe", [SBIN, NIFTY, 12345])
        found = packets(await binary(socket))
        assert {token: len(packet) for token, packet in found.items()} == {SBIN: 44, NIFTY: 28}
        for mode, lengths in (("full", (184, 32)), ("ltp", (8, 8))):
            await ask(socket, "mode", [mode, [SBIN, NIFTY]])
            found = packets(await binary(socket))
            assert (len(found[SBIN]), len(found[NIFTY])) == lengths
        client.twin.market.set_price(sbin(client), px("911.05"))
        assert packets(await binary(socket)) == {SBIN: struct.pack(">II", SBIN, 91_105)}


async def test_a_mode_needs_a_subscription(client: Client) -> None:
    async with client.socket() as socket:
        await ask(socket, "mode", ["ltp", [SBIN]])
        await ask(socket, "subscribe", [NIFTY])
        assert set(packets(await binary(socket))) == {NIFTY}


async def test_unsubscribed_is_silent(client: Client) -> None:
    async with client.socket() as socket:
        await ask(socket, "subscribe", [SBIN, NIFTY])
        await binary(socket)
        await ask(socket, "unsubscribe", [SBIN])
        await heard(socket)
        assert client.twin.ticker.watched == {NIFTY}
        client.twin.market.set_price(sbin(client), px(905))
        await ask(socket, "mode", ["ltp", [NIFTY]])
        assert set(packets(await binary(socket))) == {NIFTY}


async def test_orders_are_told_without_asking(client: Client) -> None:
    async with client.socket() as first, client.socket() as second:
        order_id = await client.place(ORDER | {"tag": "mine"})
        for socket in (first, second):
            told = [await text(socket), await text(socket)]
            assert [message["type"] for message in told] == ["order", "order"]
            rows = [message["data"] for message in told]
            assert [row["status"] for row in rows] == ["OPEN", "COMPLETE"]
            assert {(row["order_id"], row["tag"]) for row in rows} == {(order_id, "mine")}
            assert (rows[0]["unfilled_quantity"], rows[1]["unfilled_quantity"]) == (10, 0)
            assert len(rows[1]["checksum"]) == 64


async def test_a_part_of_an_order_is_an_update(client: Client) -> None:
    async with client.socket() as socket:
        order_id = await client.place(LIMIT | {"price": "850"})
        assert (await text(socket))["data"]["status"] == "OPEN"
        await client.ok("POST", f"/twin/orders/{order_id}/fill", json={"quantity": 4})
        row = (await text(socket))["data"]
        assert (row["status"], row["filled_quantity"]) == ("UPDATE", 4)


@pytest.mark.parametrize(
    "message", ["{", "[]", '{"a":"dance","v":[]}', '{"a":"subscribe","v":"x"}']
)
async def test_what_is_not_understood_is_answered(client: Client, message: str) -> None:
    async with client.socket() as socket:
        await socket.send(message)
        assert (await text(socket))["type"] == "error"


async def test_a_bad_token_is_refused(client: Client) -> None:
    url = f"{client.served.stream}?api_key=twinkey&access_token=wrong"
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await websockets.connect(url)
    assert refusal.value.response.status_code == 403
    client.twin.ticker.refusing = True
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(client.stream_url)


async def test_three_connections_and_three_thousand_instruments(client: Client) -> None:
    rows = list(client.twin.contracts)
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(client.socket()) for _ in range(3)]
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await websockets.connect(client.stream_url)
        assert refusal.value.response.status_code == 429
        assert len(rows) < 3000
        await ask(sockets[0], "subscribe", [row.token for row in rows])
        found: set[int] = set()
        while len(found) < len(rows):
            found |= set(packets(await binary(sockets[0])))
        await sockets[0].close()
    async with client.socket():
        pass


async def test_more_instruments_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openalgo.twin.zerodha.ticker.MOST_INSTRUMENTS", 1)
    async with connected(Setup(walking=False)) as client, client.socket() as socket:
        await ask(socket, "subscribe", [SBIN, NIFTY])
        assert (await text(socket))["type"] == "error"
        assert client.twin.ticker.watched == set()


async def test_heartbeats_come_each_second(client: Client) -> None:
    async with client.socket() as socket:
        assert await socket.recv() == b"\x00"


async def test_prices_walk_by_themselves() -> None:
    async with connected(Setup(speed=60)) as client, client.socket() as socket:
        await ask(socket, "mode", ["ltp", [SBIN]])
        await ask(socket, "subscribe", [SBIN])
        seen: set[bytes] = set()
        while len(seen) < 3:
            seen.add(packets(await binary(socket))[SBIN][4:8])


async def test_a_muted_feed_still_beats(client: Client) -> None:
    async with client.socket() as socket:
        await ask(socket, "subscribe", [SBIN])
        await binary(socket)
        client.twin.ticker.feed = Feed.MUTE
        client.twin.market.set_price(sbin(client), px(905))
        assert await socket.recv() == b"\x00"
        await client.ok("POST", "/twin/feed", json={"state": "live"})
        client.twin.market.set_price(sbin(client), px(906))
        assert SBIN in packets(await binary(socket))


async def test_a_stalled_feed_says_nothing(client: Client) -> None:
    async with client.socket() as socket:
        client.twin.ticker.feed = Feed.STALLED
        await client.place()
        client.twin.ticker.beat()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.1)
        client.twin.ticker.feed = Feed.LIVE
        client.twin.ticker.beat()
        assert (await text(socket))["type"] == "order"


@pytest.mark.parametrize("code", [0, 1001, 1011])
async def test_sockets_are_closed(client: Client, code: int) -> None:
    async with client.socket() as socket:
        await client.ok("POST", "/twin/feed/close", json={"code": code})
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
        received = closed.value.rcvd
        assert (received.code if received else 0) == code
    async with client.socket() as socket:
        await ask(socket, "subscribe", [SBIN])
        assert SBIN in packets(await binary(socket))


async def test_garbage_is_the_same_for_a_seed() -> None:
    async def some() -> list[str | bytes]:
        async with connected(Setup(walking=False, seed=4)) as client, client.socket() as socket:
            client.twin.ticker.send_garbage(20)
            found: list[str | bytes] = []
            while len(found) < 20:
                message = await socket.recv()
                if message != b"\x00":
                    found.append(message)
            return found

    first = await some()
    assert first == await some()
    assert len(set(first)) > 5


async def test_an_expired_token_ends_the_sockets(client: Client) -> None:
    async with client.socket() as socket:
        client.twin.expire_token()
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(client.stream_url)
