"""The outermost layer of every HTTP request: one pure ASGI middleware."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openalgo.api.addresses import ClientAddresses
from openalgo.api.envelope import error_response
from openalgo.api.limits import AddressLimits
from openalgo.domain.errors import BodyTooLarge, OpenAlgoError
from openalgo.observability.traffic import TrafficRecord

logger = structlog.get_logger(__name__)

CLIENT_CLOSED = 499
"""What traffic shows for a client that left before its answer."""

# Unique across restarts without asking the system for randomness on every request.
_PROCESS = secrets.token_hex(6)
_numbers = count(1)

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_JSON = (b"content-type", b"application/json")
_NO_STORE = (b"cache-control", b"no-store")
_BODILESS = ("GET", "HEAD", "OPTIONS")
_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Edge:
    """Gives a request its id, its limits and, whatever happens inside, an answer.

    On `/api/*` a trailing slash is dropped (clients do not follow redirects); on `/api/v1` any
    content type is read as JSON. A body is limited while it is read. Whose address the client's
    is, is decided here for everybody, WebSockets included: `scope["state"]["address"]`. `traffic`
    is told about every request once it is over.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int,
        addresses: AddressLimits,
        clients: ClientAddresses | None = None,
        traffic: Callable[[TrafficRecord], None] | None = None,
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._addresses = addresses
        self._clients = clients or ClientAddresses()
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["address"] = client = self._clients.of(scope)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        at = datetime.now(UTC)
        started = time.perf_counter()
        path: str = scope["path"]
        if path.startswith("/api/") and path.endswith("/"):
            path = scope["path"] = path.rstrip("/")
            scope["raw_path"] = scope.get("raw_path", b"").rstrip(b"/")
        versioned = path.startswith("/api/v1/")
        asked = _read_headers(scope, as_json=versioned)
        response_headers = [(b"x-request-id", asked.request_id.encode()), *_ALWAYS]
        if versioned:
            response_headers.append(_NO_STORE)
        state["request_id"] = asked.request_id
        state["response_headers"] = response_headers
        status = 0
        complete = False

        async def reply(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *response_headers]
            elif message["type"] == "http.response.body":
                complete = not message.get("more_body", False)
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=asked.request_id)
        try:
            self._addresses.check(client)
            if versioned or scope["method"] not in _BODILESS:
                receive = await self._read_body(asked.length, receive)
            await self._app(scope, receive, reply)
        except ClientDisconnect:
            status = status or CLIENT_CLOSED
        except OpenAlgoError as error:
            if isinstance(error, BodyTooLarge):
                # The rest of the body is still on its way and will not be read.
                response_headers.append((b"connection", b"close"))
            state["error"] = error.code
            await error_response(error, asked.request_id)(scope, receive, reply)
        except Exception:
            state["error"] = OpenAlgoError.code
            logger.exception("request failed", method=scope["method"], path=path)
            if not status:
                await error_response(OpenAlgoError(), asked.request_id)(scope, receive, reply)
            elif not complete:
                raise
        finally:
            if self._traffic is not None:
                self._traffic(
                    TrafficRecord(
                        at=at,
                        client_ip=client,
                        method=scope["method"],
                        path=path,
                        status_code=status or CLIENT_CLOSED,
                        duration_ms=(time.perf_counter() - started) * 1000,
                        host=asked.host,
                        error=state.get("error"),
                        user_id=state.get("user_id"),
                        request_id=asked.request_id,
                    )
                )

    async def _read_body(self, declared: int, receive: Receive) -> Receive:
        """Read the whole body and return a `receive` that hands it on.

        Raises `BodyTooLarge`, `ClientDisconnect`.
        """
        limit = self._max_body_bytes
        if declared > limit:
            raise BodyTooLarge(limit)
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(limit)
            chunks.append(chunk)
            more = message.get("more_body", False)
        body: Message | None = {
            "type": "http.request",
            "body": chunks[0] if len(chunks) == 1 else b"".join(chunks),
            "more_body": False,
        }

        async def hand_on() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message, body = body, None
            return message

        return hand_on


class _Asked(NamedTuple):
    request_id: str
    length: int
    host: str


def _read_headers(scope: Scope, *, as_json: bool) -> _Asked:
    """What the edge needs of the headers; `as_json` rewrites the content type."""
    request_id = host = ""
    length = 0
    content_type = -1
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for at, (name, value) in enumerate(headers):
        if name == b"content-type":
            content_type = at
        elif name == b"content-length":
            length = int(value) if value.isdigit() else 0
        elif name == b"host":
            host = value.decode("latin-1")
        elif name == b"x-request-id" and _SANE_ID.fullmatch(value):
            request_id = value.decode()
    if as_json and (content_type < 0 or headers[content_type] != _JSON):
        scope["headers"] = [pair for pair in headers if pair[0] != b"content-type"] + [_JSON]
    return _Asked(request_id or f"{_PROCESS}{next(_numbers):x}", length, host)
