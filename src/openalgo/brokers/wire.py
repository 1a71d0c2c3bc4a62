"""One connection that speaks HTTP/1.1: a request at a time, written in one piece."""

import asyncio
import select
from collections import deque
from typing import cast

import httptools
import httpx

_LONGEST_HEAD = 64 * 1024
_MUCH = 256 * 1024
"""So many bytes of a body may wait before the other side has to."""
_SWITCHING = 101


class Wire(asyncio.Protocol):
    """`made` once connected. It can be used again while `is_free`.

    An answer is awaited by `head`, then read by `piece` until there is none. Errors are those of
    httpx.
    """

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._asked = False
        self._has_head = False
        self._ended = False
        self._reusable = False
        self._until_closed = False
        self._lost: httpx.TransportError | None = None
        self._received = 0
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    @property
    def is_free(self) -> bool:
        """Whether it can take a request: connected, its last answer read to the end, and nothing
        come since, which would be its closing or nothing we asked for."""
        return not self._asked and self._is_open and not self._has_news

    @property
    def _is_open(self) -> bool:
        return (
            self._lost is None and self._transport is not None and not self._transport.is_closing()
        )

    @property
    def _has_news(self) -> bool:
        """Whether the system has received something the event loop has not heard of yet."""
        assert self._transport is not None  # noqa: S101 - asked of an open wire only
        return _is_readable(self._transport.get_extra_info("socket").fileno())

    def ask(self, request: bytes) -> None:
        """Write a request. It is on its way from here on."""
        assert self._transport is not None  # noqa: S101 - asked of an open wire only
        self._parser = httptools.HttpResponseParser(self)
        self._asked = True
        self._ended = self._reusable = False
        self._await_head()
        self._transport.write(request)

    @property
    def is_written(self) -> bool:
        """Whether the other side, or the system for it, has taken what was written."""
        return self._writable is None

    async def written(self) -> None:
        """Wait while the other side does not take what was written."""
        if self._writable is not None:
            await self._writable

    async def head(self) -> None:
        """Wait for `status` and `headers`."""
        while not self._has_head:
            await self._news()

    @property
    def is_ahead(self) -> bool:
        """Whether `piece` would not wait."""
        return bool(self._pieces) or self._ended

    async def piece(self) -> bytes | None:
        """What comes next of the body, `None` at its end."""
        while not self._pieces:
            if self._ended:
                return None
            await self._news()
        piece = self._pieces.popleft()
        self._waiting -= len(piece)
        if self._paused and self._waiting <= _MUCH and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return piece

    def leave(self) -> bool:
        """Nobody waits for more of the answer. Whether the wire can be used again; else it is
        closed."""
        self._pieces.clear()
        self._waiting = 0
        self._asked = False
        if self._ended and self._reusable and self._is_open:
            self.idle_since = self._loop.time()
            return True
        self.close()
        return False

    def close(self) -> None:
        """At once: nothing waits to be sent that anybody wants."""
        if self._transport is not None:
            self._transport.abort()

    async def _news(self) -> None:
        if self._lost is not None:
            raise self._lost
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _await_head(self) -> None:
        self._has_head = self._until_closed = False
        self._received = self.status = 0
        self.headers = []

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: httpx.TransportError) -> None:
        if self._lost is None:
            self._lost = error
        self.close()
        self._wake()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # That of a stream, though uvloop's do not inherit from it.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._asked or self._parser is None or self._ended:
            self._fail(httpx.RemoteProtocolError("something came that nobody asked for"))
            return
        if not self._has_head:
            self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(httpx.RemoteProtocolError("the answer is not HTTP"))
        if not self._has_head and self._received > _LONGEST_HEAD:
            self._fail(httpx.RemoteProtocolError("the head of the answer does not end"))
        if self._waiting > _MUCH and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._has_head and self._until_closed and exc is None:
            self._ended = True
        if self._lost is None:
            self._lost = httpx.ReadError(str(exc)) if exc else httpx.RemoteProtocolError("closed")
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What the parser tells.

    def on_message_begin(self) -> None:
        if self._ended:
            # Nothing of it counts: the wire is closed, and its answer stays what it was.
            self._fail(httpx.RemoteProtocolError("a second answer came"))

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:  # what follows a body in chunks is no header of ours
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._ended:
            return
        assert self._parser is not None  # noqa: S101 - it is who calls
        self.status = self._parser.get_status_code()
        if self.status < 200 and self.status != _SWITCHING:
            return
        self._has_head = True
        names = {name.lower() for name, _ in self.headers}
        self._until_closed = (
            b"content-length" not in names
            and b"transfer-encoding" not in names
            and self.status not in (204, 304)
        )

    def on_body(self, body: bytes) -> None:
        if not self._ended:
            self._pieces.append(body)
            self._waiting += len(body)

    def on_message_complete(self) -> None:
        if self._ended:
            return
        assert self._parser is not None  # noqa: S101 - it is who calls
        if not self._has_head:
            self._await_head()  # 100 Continue and the like: the answer is still to come
            return
        self._ended = True
        self._reusable = self._parser.should_keep_alive() and not self._until_closed


def _is_readable(number: int) -> bool:
    """Whether the socket of this number has something to be read, or its end."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([number], [], [], 0)[0])
