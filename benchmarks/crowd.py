"""WebSocket clients that know how old what they receive is: `python -m benchmarks.crowd`.

They read no more of a frame than its header and when its tick was due (see `benchmarks.fed`). A
line of input is a command, a line of output its answer as JSON:

`open <count> <each> <symbols>`: so many more clients, `each` subscriptions spread over `symbols`;
`reset` and `report`: what came in between; `close`: all leave;
`stall`: one more client subscribes and never reads;
`garbage <a second>`: one sends nonsense, and comes back when it is put out;
`reconnect <count> <symbols>`: so many come, subscribe to 50 of `symbols` and leave, once a second;
`greet <a second>`: so many shake hands, authenticate and leave; `calm`: all of these end.
"""

import asyncio
import json
import os
import random
import struct
import sys
import time
from typing import cast

import uvloop

from benchmarks.fed import now_us, symbol_of
from benchmarks.feed_clients import text_frame
from benchmarks.tally import Tally

_REQUEST = (
    b"GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_DUE = b'"volume":'
_DIGITS = 16
_LEAVE = b"\x88\x82" + bytes(4) + struct.pack(">H", 1000)


class Client(asyncio.Protocol):
    """Shakes hands, says who it is, subscribes to `symbols`, then reads."""

    def __init__(self, tally: Tally, key: str, symbols: list[str]) -> None:
        self._tally = tally
        self._began = time.monotonic_ns()
        says = [text_frame({"action": "authenticate", "api_key": key})]
        if symbols:
            wanted = [{"symbol": symbol, "exchange": "NSE"} for symbol in symbols]
            says.append(text_frame({"action": "subscribe", "symbols": wanted, "mode": "Quote"}))
        self._says = b"".join(says)
        self._answers = len(says)
        self._rest = b""
        self._upgraded = False
        self.leaving = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(_REQUEST)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._tally.lost += not self.leaving
        for future in (self.ready, self.gone):
            if not future.done():
                future.set_result(None)

    def leave(self, *, politely: bool) -> None:
        self.leaving = True
        if politely:
            self.transport.write(_LEAVE)
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        if not self._upgraded:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(data.decode())
            self._upgraded = True
            self.transport.write(self._says)
        now = now_us()
        tally = self._tally
        old = tally.ages.add
        while size - at >= 2:
            length = data[at + 1]
            start = at + 2
            if length == 126:
                if size - at < 4:
                    break
                length = data[at + 2] << 8 | data[at + 3]
                start = at + 4
            elif length == 127:
                if size - at < 10:
                    break
                length = int.from_bytes(data[at + 2 : at + 10], "big")
                start = at + 10
            end = start + length
            if end > size:
                break
            if data[at] == 0x81:
                due = data.find(_DUE, start, end) + len(_DUE)
                if due >= len(_DUE) and data.find(b'"snapshot"', end - 20, end) < 0:
                    tally.frames += 1
                    old(now - int(data[due : due + _DIGITS]))
                elif self._answers:
                    self._answered(data[start:end])
            elif data[at] == 0x89:
                self.transport.write(bytes((0x8A, 0x80 | length)) + bytes(4) + data[start:end])
            elif not self.leaving:
                self.transport.close()
            at = end
        tally.bytes += at
        self._rest = data[at:]

    def _answered(self, text: bytes) -> None:
        if b'"status":"success"' not in text[:120]:
            raise RuntimeError(text[:300].decode())
        if b'"type":"auth"' in text:
            self._tally.handshakes += 1
            self._tally.greetings.add((time.monotonic_ns() - self._began) // 1000)
        self._answers -= 1
        if not self._answers and not self.ready.done():
            self.ready.set_result(None)


class Crowd:
    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._tally = Tally()
        self._strangers = Tally()
        self._clients: list[Client] = []
        self._trouble: list[asyncio.Task[None]] = []
        self._deaf: list[Client] = []

    async def open(self, count: int, each: int, symbols: int) -> None:
        have = len(self._clients)
        step = max(1, symbols // count)
        for number in range(have, have + count):
            wanted = [symbol_of((number * step + index) % symbols) for index in range(each)]
            client = await self._connect(self._tally, wanted)
            await client.ready
            self._clients.append(client)

    async def close(self) -> None:
        for client in self._clients:
            client.leave(politely=True)
        await asyncio.gather(*(client.gone for client in self._clients))
        self._clients.clear()

    async def stall(self) -> None:
        client = await self._connect(self._strangers, [symbol_of(index) for index in range(50)])
        await client.ready
        client.leaving = True
        client.transport.pause_reading()
        self._deaf.append(client)

    def trouble(self, kind: str, number: int) -> None:
        if kind == "garbage":
            self._trouble.append(asyncio.ensure_future(self._rant(number)))
        else:
            self._trouble.append(asyncio.ensure_future(self._greet(number)))

    def reconnect(self, count: int, symbols: int) -> None:
        for index in range(count):
            wanted = [symbol_of((index * 25 + each) % symbols) for each in range(50)]
            self._trouble.append(asyncio.ensure_future(self._restless(wanted, index / count)))

    async def calm(self) -> None:
        for task in self._trouble:
            task.cancel()
        await asyncio.gather(*self._trouble, return_exceptions=True)
        self._trouble.clear()
        for client in self._deaf:
            client.transport.abort()
        self._deaf.clear()

    def reset(self) -> None:
        self._tally.reset()
        self._strangers.reset()

    def report(self) -> dict[str, float]:
        strangers = self._strangers.report()
        told = {name: value for name, value in strangers.items() if name.startswith("handshake")}
        return self._tally.report() | told

    async def _connect(self, tally: Tally, symbols: list[str]) -> Client:
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: Client(tally, self._key, symbols), "127.0.0.1", self._port
        )
        return client

    async def _restless(self, symbols: list[str], after: float) -> None:
        await asyncio.sleep(after)
        due = time.monotonic()
        for number in range(1 << 60):
            client = await self._connect(self._strangers, symbols)
            await client.ready
            due += 1
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            client.leave(politely=bool(number % 2))

    async def _greet(self, per_second: int) -> None:
        due = time.monotonic()
        while True:
            due += 1 / per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            client = await self._connect(self._strangers, [])
            await client.ready
            client.leave(politely=True)

    async def _rant(self, per_second: int) -> None:
        """A third is bytes that are no frames, a third frames that are no JSON, the rest JSON that
        makes no sense."""
        chance = random.Random(1)
        while True:
            client = await self._connect(self._strangers, [])
            await client.ready
            client.leaving = True
            while not client.gone.done():
                match chance.randrange(3):
                    case 0 if chance.random() < 0.1:
                        nonsense = chance.randbytes(200)
                    case 1:
                        nonsense = b"\x81\xfd" + bytes(4) + b"[" * 125
                    case _:
                        nonsense = text_frame({"action": "subscribe", "symbols": [None] * 100})
                client.transport.write(nonsense)
                await asyncio.sleep(1 / per_second)


async def main(port: int, key: str) -> None:
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    crowd = Crowd(port, key)
    while line := (await commands.readline()).decode().split():
        answer: dict[str, float] = {}
        match line:
            case ["open", count, each, symbols]:
                await crowd.open(int(count), int(each), int(symbols))
            case ["close"]:
                await crowd.close()
            case ["stall"]:
                await crowd.stall()
            case ["calm"]:
                await crowd.calm()
            case ["reset"]:
                crowd.reset()
            case ["report"]:
                answer = crowd.report()
            case ["reconnect", count, symbols]:
                crowd.reconnect(int(count), int(symbols))
            case [kind, number]:
                crowd.trouble(kind, int(number))
        os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
