"""The WebSocket: prices in binary frames, orders and errors in texts."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Iterator
from enum import IntEnum
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.types import Message, Receive, Scope, Send

from openalgo.twin.contracts import Contract, Contracts
from openalgo.twin.market import Market
from openalgo.twin.serving import cut
from openalgo.twin.zerodha.packets import HEARTBEAT, TickMode, frame, packet

MOST_INSTRUMENTS = 3000
MOST_SOCKETS = 3
HEARTBEAT_SECONDS = 1.0

_PACKETS_A_FRAME = 200
_TEXTS_KEPT = 10_000


class Feed(IntEnum):
    """LIVE; MUTE sends heartbeats and order updates only; STALLED nothing at all, though the
    connection stands."""

    LIVE = 0
    MUTE = 1
    STALLED = 2


class Ticker:
    """All sockets. `refusing` answers new ones with 403 whatever their token."""

    def __init__(self, market: Market, contracts: Contracts, seed: int = 0) -> None:
        self.feed = Feed.LIVE
        self.refusing = False
        self.accepted = 0
        self._market = market
        self._contracts = contracts
        self._chance = random.Random(f"garbage {seed}")
        self._sockets: list[Socket] = []
        market.heard.append(self._on_price)

    @property
    def sockets(self) -> tuple["Socket", ...]:
        return tuple(self._sockets)

    @property
    def is_heard(self) -> bool:
        return bool(self._sockets)

    @property
    def watched(self) -> set[int]:
        """The tokens that any socket is subscribed to."""
        return {token for socket in self._sockets for token in socket.modes}

    def tell_order(self, row: dict[str, Any]) -> None:
        self.tell_text(msgspec.json.encode({"type": "order", "data": row}).decode())

    def tell_text(self, text: str) -> None:
        """Send `text` to every socket."""
        for socket in self._sockets:
            socket.tell(text)

    def close_all(self, code: int = 1001) -> int:
        """Close every socket, with 0 by a reset; how many there were."""
        sockets = self.sockets
        for socket in sockets:
            socket.close(code)
        return len(sockets)

    def send_garbage(self, count: int = 1) -> None:
        """Send `count` broken frames to every socket, the same for the same seed."""
        for _ in range(count):
            broken = _garbage(self._chance)
            for socket in self._sockets:
                socket.tell(broken)

    def beat(self) -> None:
        if self.feed is not Feed.STALLED:
            for socket in self._sockets:
                socket.tell(HEARTBEAT)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket from the accepted handshake to its end."""
        if len(self._sockets) >= MOST_SOCKETS:
            await _deny(send, 429)
            return
        socket = Socket(scope, send, self, self._market, self._contracts)
        self._sockets.append(socket)
        self.accepted += 1
        try:
            await send({"type": "websocket.accept"})
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(socket.write())
                await socket.read(receive)
                writing.cancel()
        finally:
            self._sockets.remove(socket)

    def _on_price(self, contract: Contract) -> None:
        if self.feed is Feed.LIVE:
            for socket in self._sockets:
                if contract.token in socket.modes:
                    socket.mark(contract.token)


class Socket:
    """One connection: what it is subscribed to, and what waits to be sent. Of a price that changes
    faster than the socket takes it, the newest is sent."""

    def __init__(
        self, scope: Scope, send: Send, ticker: Ticker, market: Market, contracts: Contracts
    ) -> None:
        self.modes: dict[int, TickMode] = {}
        self.requests = 0
        self._scope = scope
        self._send = send
        self._ticker = ticker
        self._market = market
        self._contracts = contracts
        self._changed: dict[int, None] = {}
        self._waiting: deque[str | bytes] = deque(maxlen=_TEXTS_KEPT)
        self._closing: int | None = None
        self._wake = asyncio.Event()

    def mark(self, token: int) -> None:
        self._changed[token] = None
        self._wake.set()

    def tell(self, content: str | bytes) -> None:
        self._waiting.append(content)
        self._wake.set()

    def close(self, code: int) -> None:
        if code == 0:
            cut(self._scope)
        else:
            self._closing = code
            self._wake.set()

    async def read(self, receive: Receive) -> None:
        while True:
            message: Message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if message["type"] == "websocket.receive":
                self._take(message.get("text") or message.get("bytes") or "")

    async def write(self) -> None:
        # The reader hears of the end of the connection; what cannot be sent any more is dropped.
        with contextlib.suppress(OSError):
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self._closing is not None:
                    await self._send({"type": "websocket.close", "code": self._closing})
                    return
                await self._flush()

    async def _flush(self) -> None:
        if self._ticker.feed is Feed.STALLED:
            return
        while self._waiting:
            content = self._waiting.popleft()
            name = "text" if isinstance(content, str) else "bytes"
            await self._send({"type": "websocket.send", name: content})
        for content in self._frames():
            await self._send({"type": "websocket.send", "bytes": content})

    def _frames(self) -> Iterator[bytes]:
        if self._ticker.feed is not Feed.LIVE:
            return
        tokens = [*self._changed]
        self._changed.clear()
        for first in range(0, len(tokens), _PACKETS_A_FRAME):
            packets = [*self._packets(tokens[first : first + _PACKETS_A_FRAME])]
            if packets:
                yield frame(packets)

    def _packets(self, tokens: list[int]) -> Iterator[bytes]:
        for token in tokens:
            contract, mode = self._contracts.numbered(token), self.modes.get(token)
            if contract is not None and mode is not None:
                yield packet(self._market, contract, mode)

    def _take(self, text: str | bytes) -> None:
        """What the client asks: `{"a": "subscribe" | "unsubscribe" | "mode", "v": ...}`."""
        self.requests += 1
        try:
            asked = msgspec.json.decode(text, type=_Asked)
            if asked.a == "mode":
                mode, tokens = msgspec.convert(asked.v, tuple[TickMode, list[int]])
                self._set_mode(mode, tokens)
            elif asked.a == "subscribe":
                self._subscribe(msgspec.convert(asked.v, list[int]))
            elif asked.a == "unsubscribe":
                for token in msgspec.convert(asked.v, list[int]):
                    self.modes.pop(token, None)
            else:
                self._complain(f"Unknown action {asked.a!r}.")
        except msgspec.DecodeError as error:
            self._complain(f"Invalid message: {error}.")

    def _subscribe(self, tokens: list[int]) -> None:
        known = [token for token in tokens if self._contracts.numbered(token) is not None]
        if len({*self.modes, *known}) > MOST_INSTRUMENTS:
            self._complain(f"More than {MOST_INSTRUMENTS} instruments on one connection.")
            return
        for token in known:
            self.modes.setdefault(token, TickMode.QUOTE)
            self.mark(token)

    def _set_mode(self, mode: TickMode, tokens: list[int]) -> None:
        for token in tokens:
            if token in self.modes:
                self.modes[token] = mode
                self.mark(token)

    def _complain(self, message: str) -> None:
        self.tell(msgspec.json.encode({"type": "error", "data": message}).decode())


class _Asked(msgspec.Struct):
    a: str
    v: Any


def credentials(scope: Scope) -> tuple[str, str]:
    """The `api_key` and the `access_token` of a handshake."""
    query = parse_qs(scope["query_string"].decode())
    return query.get("api_key", [""])[-1], query.get("access_token", [""])[-1]


async def refuse(receive: Receive, send: Send) -> None:
    """Answer a handshake with 403."""
    await receive()
    await send({"type": "websocket.close"})


async def _deny(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


def _garbage(chance: random.Random) -> str | bytes:
    return chance.choice(
        (
            b"\x00\x02",
            b"\x00\x01\x00\xb8" + chance.randbytes(40),
            b"\xff\xff" + chance.randbytes(6),
            b"\x00\x01\x00\x11" + chance.randbytes(17),
            chance.randbytes(chance.randint(3, 60)),
            "not json",
            '{"type":"order","data":null}',
            '{"type":"weather"}',
            "[1,2",
        )
    )
