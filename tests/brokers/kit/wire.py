"""A server that shows every byte it gets and answers exactly what a test says."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Connection:
    """One connection, from the server's side."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    wire: "Wire"

    @property
    def peer(self) -> str:
        return str(self.writer.get_extra_info("peername")[0])

    async def request(self) -> bytes:
        """The next request, head and body, as it came; empty when the other side hung up."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = await self.reader.read(1)
            if not byte:
                return b""
            head += byte
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        received = head + (await self.reader.readexactly(length) if length else b"")
        self.wire.requests.append(received)
        self.wire.arrived.set()
        return received

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"{}", status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        await self.send("\r\n".join(lines).encode() + body)

    def reset(self) -> None:
        """Drop the connection so that the other side gets a reset, not an end."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Behaviour = Callable[[Connection], Awaitable[None]]


@dataclass
class Wire:
    """What a server saw. `requests` are in the order of arrival."""

    port: int = 0
    secure: bool = False
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    peers: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.port}"


@asynccontextmanager
async def serve(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Run `behaviour` for each connection; what is left open is cut at the end."""
    wire = Wire(secure=tls is not None)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        wire.connections += 1
        connection = Connection(reader, writer, wire)
        wire.peers.append(connection.peer)
        try:
            await behaviour(connection)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the test is over, or the client left
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def free_port() -> int:
    """A port on which nobody listens."""
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


def always(*answers: Behaviour) -> Behaviour:
    """Each connection goes through `answers`, one a request, the last one over and over."""

    async def behave(connection: Connection) -> None:
        for answer in answers:
            await answer(connection)
        while True:
            await answers[-1](connection)

    return behave
