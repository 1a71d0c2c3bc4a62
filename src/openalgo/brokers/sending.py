"""Sending one HTTP request once, and knowing afterwards how far it got."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, quote_plus, urlencode

import httpx

from openalgo.brokers.bodies import BodyUnusable, whole
from openalgo.brokers.calls import ApiRequest, Fields, Outgoing, pairs
from openalgo.brokers.http1 import Http1

Progress = Callable[[int, int | None], None]
"""Told how many bytes came so far and how many there will be, if known, packed as they come."""

_FORM = "application/x-www-form-urlencoded"
_ALWAYS = {
    "host": ("Host", ""),
    "accept": ("Accept", "*/*"),
    "accept-encoding": ("Accept-Encoding", "gzip"),
    "user-agent": ("User-Agent", "OpenAlgo"),
}
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*").fullmatch
_WITH_BODY = ("POST", "PUT", "PATCH")
_BEFORE_SENDING = (
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError),
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """In seconds: to connect, between two pieces of the answer, between two of the request, for a
    free connection, in the queue of a rate limit, and for everything together, repeats included."""

    connect: float = 5.0
    read: float = 15.0
    write: float = 5.0
    pool: float = 2.0
    queue: float = 10.0
    total: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """There is no whole answer.

    `sent` says whether so much as a byte of the request may have left. `silent` says that it was
    the other side that failed. `problem` is one word for statistics, `text` goes on after the
    broker's name.
    """

    problem: str
    text: str
    sent: bool
    timed_out: bool = False
    silent: bool = True


class UnfitRequest(ValueError):
    """The request cannot be written as HTTP; the text says why, without any value."""


@lru_cache(maxsize=256)
def checked_url(url: str) -> httpx.URL:
    """`url`, if it may be called: `https`, or `http` on this machine. Raises `UnfitRequest`."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise UnfitRequest("its address is malformed") from None
    if parsed.scheme == "https" or (parsed.scheme == "http" and _is_here(parsed.host)):
        return parsed
    raise UnfitRequest(f"calls to {parsed.host or 'nowhere'} must use https")


def build(
    request: ApiRequest, url: str, timeouts: Timeouts, *headers: Mapping[str, str]
) -> httpx.Request:
    """The request as it goes out, with all `headers`; of two of a name the later counts. Raises
    `UnfitRequest`."""
    target = _addressed(url, request)
    body, kind = _body(request)
    # All at once and complete: httpx would go through them anew for each it adds by itself.
    fields = dict(_ALWAYS)
    fields["host"] = ("Host", target.netloc.decode("ascii"))
    if kind is not None:
        fields["content-type"] = ("Content-Type", kind)
    if body or request.method in _WITH_BODY:
        fields["content-length"] = ("Content-Length", str(len(body)))
    for some in headers:
        for name, value in some.items():
            _check(name, value)
            fields[name.lower()] = (name, value)
    built = httpx.Request(
        request.method,
        target,
        headers=list(fields.values()),
        stream=httpx.ByteStream(body),
        extensions={
            "timeout": {
                "connect": timeouts.connect,
                "read": timeouts.read if request.timeout is None else request.timeout,
                "write": timeouts.write,
                "pool": timeouts.pool,
            }
        },
    )
    built.read()
    return built


def add_headers(request: httpx.Request, headers: Mapping[str, str]) -> None:
    """Raises `UnfitRequest` for a value HTTP cannot carry, such as a key pasted with a line end."""
    for name, value in headers.items():
        _check(name, value)
        request.headers[name] = value


def as_outgoing(request: httpx.Request) -> Outgoing:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Outgoing(request.method, path, query, request.content)


async def send(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, deadline: float
) -> httpx.Response | Lost:
    """Send `request`, once, and wait for the head of the answer until `deadline` (loop time)."""
    progress = _Progress()
    request.extensions["trace"] = progress
    # Connecting has two steps. Both must time out before the deadline does: httpcore leaves a
    # socket open when it is cancelled in the second, the handshake.
    steps = request.extensions["timeout"]
    left = max(0.0, deadline - asyncio.get_running_loop().time())
    steps["connect"] = min(steps["connect"], left / 2)
    try:
        async with asyncio.timeout_at(deadline):
            return await transport.handle_async_request(request)
    except Exception as error:
        # Every exception: what the library did not foresee must be classified, too.
        return _lost(error, progress.sent_before(error, transport))


async def receive(response: httpx.Response, limit: int, deadline: float) -> bytes | Lost:
    """The whole body, unpacked, at most `limit` bytes. Closes the response."""
    encoding = response.headers.get("content-encoding", "")
    try:
        async with asyncio.timeout_at(deadline):
            return await whole(raw(response), encoding, limit)
    except Exception as error:
        return lost_in_body(error)
    finally:
        await response.aclose()


def raw(response: httpx.Response) -> httpx.AsyncByteStream:
    """The body as it comes in. httpx itself would unpack a chunk at once, however large."""
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - as every transport does
    return response.stream


class Chunks:
    """A file as it comes in, until `deadline` (loop time); `progress` hears of every chunk."""

    def __init__(self, response: httpx.Response, deadline: float, progress: Progress) -> None:
        self.received = 0
        length = response.headers.get("content-length", "")
        self._total = int(length) if length.isdigit() else None
        self._chunks = aiter(raw(response))
        self._deadline = deadline
        self._progress = progress

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        async with asyncio.timeout_at(self._deadline):
            chunk = await anext(self._chunks)
        self.received += len(chunk)
        self._progress(self.received, self._total)
        return chunk


def lost_in_body(error: Exception) -> Lost:
    """What became of an answer whose reading ended with `error`."""
    return _lost(error, sent=True)


class _Progress:
    """Hears from the transport when it begins to write a request."""

    def __init__(self) -> None:
        self.sent = False

    async def __call__(self, name: str, info: Mapping[str, object]) -> None:
        if name.endswith(".send_request_headers.started"):
            # A request for a tunnel goes to the proxy, not to the broker.
            self.sent = self.sent or getattr(info["request"], "method", b"") != b"CONNECT"

    def sent_before(self, error: Exception, transport: httpx.AsyncBaseTransport) -> bool:
        if isinstance(error, _BEFORE_SENDING):
            return False
        # Another transport tells nothing, so only its exceptions count.
        return self.sent or not isinstance(transport, httpx.AsyncHTTPTransport | Http1)


def _addressed(url: str, request: ApiRequest) -> httpx.URL:
    checked = checked_url(url)
    if not request.params:
        return checked
    # A blank as %20: not every broker takes the + that httpx writes.
    query = urlencode(pairs(request.params), quote_via=quote)
    return httpx.URL(f"{url}{'&' if '?' in url else '?'}{query}")


def _body(request: ApiRequest) -> tuple[bytes, str | None]:
    """What is sent, and its content type where it is not for the adapter to say."""
    if request.form is not None:
        return _form(request.form).encode(), _FORM
    if request.json is not None:
        return request.json_body(), "application/json"
    if isinstance(request.content, str):
        return request.content.encode(), None
    return request.content or b"", None


def _form(fields: Fields) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs(fields))


def _quoted(text: str) -> str:
    # Nearly everything in an order is words and numbers, and to see that is all it takes.
    return text if _UNRESERVED(text) else quote_plus(text)


def _check(name: str, value: str) -> None:
    if not (value.isascii() and value.isprintable()) or value != value.strip():
        raise UnfitRequest(f"its header {name} holds blanks or characters HTTP cannot carry")


def _lost(error: Exception, sent: bool) -> Lost:
    match error:
        case httpx.PoolTimeout():
            return Lost(
                problem="pool",
                text="has too many of our calls waiting for a connection",
                sent=sent,
                timed_out=True,
                silent=False,
            )
        case httpx.ConnectTimeout():
            return Lost(
                problem="connect",
                text="did not accept a connection in time",
                sent=sent,
                timed_out=True,
            )
        case httpx.ConnectError():
            # Of the connection alone: there is nothing of the request in it.
            return Lost(problem="connect", text=f"cannot be reached: {_short(error)}", sent=sent)
        case httpx.ProxyError():
            return Lost(
                problem="proxy", text=f"cannot be reached by the proxy: {_short(error)}", sent=sent
            )
        case httpx.TimeoutException() | TimeoutError():
            return Lost(problem="timeout", text="did not answer in time", sent=sent, timed_out=True)
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return Lost(problem="reset", text="broke off the connection", sent=sent)
        case BodyUnusable():
            return Lost(
                problem="body",
                text=f"sent an answer that cannot be used: {error}",
                sent=sent,
                silent=False,
            )
        case _:
            return Lost(
                problem="protocol", text=f"could not be asked ({type(error).__name__})", sent=sent
            )


def _short(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
