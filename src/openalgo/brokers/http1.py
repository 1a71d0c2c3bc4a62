"""HTTP/1.1 for what may change something at a broker: a fifth of what a general client costs."""

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping

import httpx

from openalgo.brokers.wire import Wire

_ENCRYPTED = "https"
_PORTS = {"http": 80, "https": 443}
_FIELD_VALUES = "iso-8859-1"
"""Which any bytes are: RFC 9110, section 5.5."""

Origin = tuple[str, str, int]


class Http1(httpx.AsyncBaseTransport):
    """Connections to any number of hosts, each kept until it was idle for `kept_alive` seconds.

    Belongs to one event loop. Does not speak HEAD. Raises the errors of httpx. The `trace` of a
    request is told before its first byte is written: if it never was, nothing left.
    """

    def __init__(
        self, tls: ssl.SSLContext, *, source_ip: str | None, most: int, kept_alive: float
    ) -> None:
        """At most so many connections in all. `source_ip` is one of this machine's addresses."""
        self._tls = tls
        self._source = None if source_ip is None else (source_ip, 0)
        self._most = most
        self._kept_alive = kept_alive
        self._idle: defaultdict[Origin, list[Wire]] = defaultdict(list)
        self._busy: set[Wire] = set()
        self._opening = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeouts: Mapping[str, float] = request.extensions["timeout"]
        wire = await self._wire(_origin(request.url), timeouts)
        try:
            await request.extensions["trace"](
                "http11.send_request_headers.started", {"request": request}
            )
            wire.ask(_written(request))
            if not wire.is_written:
                try:
                    async with asyncio.timeout(timeouts["write"]):
                        await wire.written()
                except TimeoutError as error:
                    raise httpx.WriteTimeout("the request is not taken") from error
            try:
                async with asyncio.timeout(timeouts["read"]):
                    await wire.head()
            except TimeoutError as error:
                raise httpx.ReadTimeout("no answer") from error
        except BaseException:
            self._leave(_origin(request.url), wire)
            raise
        body = _Body(self, _origin(request.url), wire, timeouts["read"])
        response = httpx.Response(wire.status, headers=wire.headers, stream=body)
        # Unless told, httpx tries by reading them all, each time one is asked for.
        response.headers.encoding = _FIELD_VALUES
        return response

    async def aclose(self) -> None:
        for wire in [*self._busy, *(wire for wires in self._idle.values() for wire in wires)]:
            wire.close()
        self._idle.clear()

    async def _wire(self, origin: Origin, timeouts: Mapping[str, float]) -> Wire:
        """A free connection, or a new one."""
        wire = self._taken(origin)
        if wire is None and not self._has_room():
            wire = await self._next_free(origin, timeouts["pool"])
        if wire is None:
            self._opening += 1
            try:
                wire = await self._opened(origin, timeouts["connect"])
            except BaseException:
                self._wake_next()
                raise
            finally:
                self._opening -= 1
        self._busy.add(wire)
        return wire

    async def _next_free(self, origin: Origin, within: float) -> Wire | None:
        """A connection somebody gives back, or `None` when there is room for a new one."""
        try:
            async with asyncio.timeout(within):
                while True:
                    await self._turn()
                    if (wire := self._taken(origin)) is not None or self._has_room():
                        return wire
        except TimeoutError as error:
            raise httpx.PoolTimeout("all connections are in use") from error

    def _taken(self, origin: Origin) -> Wire | None:
        """The connection used last, so that those not needed get old."""
        wires = self._idle[origin]
        oldest = asyncio.get_running_loop().time() - self._kept_alive
        while wires:
            wire = wires.pop()
            if wire.idle_since > oldest and wire.is_free:
                return wire
            wire.close()
        return None

    def _has_room(self) -> bool:
        """Whether one more may be opened; one that idles elsewhere makes room."""
        idle = [(wires[0].idle_since, origin) for origin, wires in self._idle.items() if wires]
        if len(self._busy) + self._opening + sum(map(len, self._idle.values())) < self._most:
            return True
        if not idle:
            return False
        _, origin = min(idle)
        self._idle[origin].pop(0).close()
        return True

    async def _turn(self) -> None:
        """Wait until somebody has done with a connection."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._wake_next()
            raise

    def _wake_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def _opened(self, origin: Origin, within: float) -> Wire:
        scheme, host, port = origin
        encrypted = scheme == _ENCRYPTED
        if encrypted:
            # Reads may share the context and offer HTTP/2 by it.
            self._tls.set_alpn_protocols(["http/1.1"])
        try:
            async with asyncio.timeout(within):
                transport, wire = await asyncio.get_running_loop().create_connection(
                    Wire,
                    host,
                    port,
                    ssl=self._tls if encrypted else None,
                    server_hostname=host if encrypted else None,
                    local_addr=self._source,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        spoken = transport.get_extra_info("ssl_object")
        if spoken is not None and spoken.selected_alpn_protocol() not in (None, "http/1.1"):
            wire.close()
            raise httpx.ConnectError("it does not speak HTTP/1.1")
        return wire

    def _leave(self, origin: Origin, wire: Wire) -> None:
        if wire not in self._busy:
            return
        self._busy.discard(wire)
        if wire.leave():
            self._idle[origin].append(wire)
        self._wake_next()


class _Body(httpx.AsyncByteStream):
    """The body of an answer; closing it gives its connection back."""

    def __init__(self, transport: Http1, origin: Origin, wire: Wire, timeout: float) -> None:
        self._transport = transport
        self._origin = origin
        self._wire = wire
        self._timeout = timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._next()) is not None:
            yield piece

    async def _next(self) -> bytes | None:
        if self._wire.is_ahead:
            return await self._wire.piece()
        try:
            async with asyncio.timeout(self._timeout):
                return await self._wire.piece()
        except TimeoutError as error:
            raise httpx.ReadTimeout("the answer does not go on") from error

    async def aclose(self) -> None:
        self._transport._leave(self._origin, self._wire)


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, url.host, url.port or _PORTS[url.scheme]


def _written(request: httpx.Request) -> bytes:
    head = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    head += [b"%s: %s" % field for field in request.headers.raw]
    return b"\r\n".join([*head, b"", request.content])
