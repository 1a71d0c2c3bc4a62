"""Market data on the wire, and in the published SDK, from a running server."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.support.sdk import sdk
from tests.support.server import Server

DAY = ("open", "prev_close")
"""What does not move while a test looks at it."""


@pytest.fixture
async def socket(server: Server, fresh_key: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{server.ws_port}") as socket:
        await say(socket, action="authenticate", api_key=fresh_key)
        assert (await hear(socket))["status"] == "success"
        yield socket


async def say(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await socket.recv())
    return message


async def test_ticks_say_what_quotes_say(server: Server, socket: ClientConnection) -> None:
    await say(socket, action="subscribe", symbol="SBIN", exchange="NSE", mode="Quote")
    assert (await hear(socket))["status"] == "success"
    ticks = [(await hear(socket))["data"] for _ in range(2)]
    quote: dict[str, Any] = server.ok("quotes", symbol="SBIN", exchange="NSE")["data"]  # type: ignore[assignment]
    ticks.extend([(await hear(socket))["data"] for _ in range(2)])
    assert (ticks[0]["open"], ticks[0]["close"]) == (quote["open"], quote["prev_close"])
    assert ticks[0]["volume"] <= quote["volume"] <= ticks[-1]["volume"]
    assert quote["ltp"] in [tick["ltp"] for tick in ticks]
    last = ticks[-1]
    assert last["change"] == pytest.approx(last["ltp"] - last["close"])


async def test_many_at_once_and_silence_afterwards(socket: ClientConnection) -> None:
    symbols = ["NSE:SBIN", "NSE:INFY", "NSE:M&M", "NSE_INDEX:NIFTY"]
    await say(socket, action="subscribe", symbols=symbols, mode=3, request_id="bulk")
    ack = await hear(socket)
    assert (ack["status"], ack["request_id"], len(ack["subscriptions"])) == ("success", "bulk", 4)
    books: dict[str, dict[str, Any]] = {}
    while len(books) < len(symbols):
        frame = await hear(socket)
        assert (frame["type"], frame["mode"], frame["broker"]) == ("market_data", 3, "simulator")
        books[frame["symbol"]] = frame["data"]["depth"]
    assert books["NIFTY"] == {"buy": [], "sell": []}
    assert books["M&M"]["buy"][0]["price"] < books["M&M"]["sell"][0]["price"]
    await say(socket, action="unsubscribe", symbols=symbols)
    while (await hear(socket))["type"] != "unsubscribe":
        pass
    await say(socket, action="ping", timestamp=1)
    assert (await hear(socket))["type"] == "pong"


async def test_the_main_port_carries_the_same_feed(server: Server, fresh_key: str) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/ws") as socket:
        await say(socket, action="auth", apikey=fresh_key)
        await hear(socket)
        await say(socket, action="subscribe", symbol="NIFTY", exchange="NSE_INDEX", mode=1)
        await hear(socket)
        data = (await hear(socket))["data"]
    assert data.keys() == {"symbol", "exchange", "ltp", "timestamp", "ltt"}


def test_the_sdk_receives_ltp_quote_and_depth(server: Server, fresh_key: str) -> None:
    sbin = {"exchange": "NSE", "symbol": "SBIN"}
    with sdk(fresh_key, server.url, server.ws_port) as client:
        assert client.connect() is True
        for subscribe in (client.subscribe_ltp, client.subscribe_quote, client.subscribe_depth):
            assert subscribe(instruments=[sbin]) is True
        quote = client.quotes(symbol="SBIN", exchange="NSE")["data"]
        heard = client.until_heard(method="get_depth", path=["depth", "NSE", "SBIN"])
        seen = client.get_quotes()["quote"]["NSE"]["SBIN"]
        ltp = client.get_ltp()["ltp"]["NSE"]["SBIN"]["ltp"]
        assert client.unsubscribe_quote(instruments=[sbin]) is True
        client.disconnect()
    assert (seen["open"], seen["close"]) == (quote["open"], quote["prev_close"])
    assert quote["low"] <= ltp <= quote["high"]
    assert seen["volume"] >= quote["volume"]
    assert seen["change"] == pytest.approx(seen["ltp"] - seen["close"])
    assert heard["buyBook"]["1"]["price"] < heard["sellBook"]["1"]["price"]
    assert heard["buyBook"]["1"]["qty"] > 0


def test_the_sdk_is_not_let_in_with_a_wrong_key(server: Server) -> None:
    with sdk("0" * 64, server.url, server.ws_port) as stranger:
        assert stranger.connect() is False
