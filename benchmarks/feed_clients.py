"""Hundreds of WebSocket clients that only count bytes: `python -m benchmarks.feed_clients`.

A line of input is a command, a line of output its answer: `open <count>` connects and subscribes
that many more, `count` says how many bytes came so far, `stall` lets
one of them stop reading and says its port.
"""

import asyncio
import json
import os
import sys
from typing import cast

import uvloop


def text_frame(message: dict[str, object]) -> bytes:
    """A masked frame; the mask is zero, so the bytes stay as they are."""
    text = json.dumps(message).encode()
    size = len(text)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + text


class Client(asyncio.BufferedProtocol):
    """Shakes hands, subscribes, then counts. All share one buffer, which nobody reads."""

    received = 0
    buffer = memoryview(bytearray(1 << 18))

    def __init__(self, symbols: list[str]) -> None:
        self._symbols = symbols
        self.transport: asyncio.Transport
        self.ready = asyncio.get_running_loop().create_future()
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(
            b"GET /ws HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )

    def stall(self) -> int:
        """Read no more; the port it is connected from."""
        self.transport.pause_reading()
        return int(self.transport.get_extra_info("sockname")[1])

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - one size for all
        return Client.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.ready.done():
            Client.received += nbytes
            return
        self._head += bytes(Client.buffer[:nbytes])
        if self._head.endswith(b"\r\n\r\n"):
            symbols = [{"symbol": symbol, "exchange": "NSE"} for symbol in self._symbols]
            self.transport.write(text_frame({"action": "authenticate", "api_key": "bench"}))
            self.transport.write(text_frame({"action": "subscribe", "symbols": symbols, "mode": 2}))
        elif b'"type":"subscribe"' in self._head:
            self.ready.set_result(None)


async def main(port: int, symbols: list[str]) -> None:
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    clients: list[Client] = []
    while line := (await commands.readline()).decode().split():
        match line:
            case ["open", count]:
                for _ in range(int(count)):
                    _, client = await loop.create_connection(
                        lambda: Client(symbols), "127.0.0.1", port
                    )
                    await client.ready
                    clients.append(client)
                answer = len(clients)
            case ["stall"]:
                answer = clients[0].stall()
            case _:
                answer = Client.received
        os.write(sys.stdout.fileno(), f"{answer}\n".encode())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2:]))
