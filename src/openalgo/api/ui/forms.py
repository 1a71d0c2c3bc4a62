"""Forms, which browsers and scripts send where others send JSON."""

from collections.abc import Callable, Coroutine
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute

from openalgo.domain.errors import BodyTooLarge, InvalidBody

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# Names and passwords need less, and anybody may make us read one.
LONGEST_BODY = 16 * 1024

_JSON = (b"content-type", b"application/json")


class FormRoute(APIRoute):
    """A route whose small JSON body may also be sent as a form, whose fields are texts."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def read_form(request: Request) -> Response:
            body = await request.body()
            if len(body) > LONGEST_BODY:
                raise BodyTooLarge(LONGEST_BODY)
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind not in (FORM, MULTIPART):
                return await handle(request)
            fields = _urlencoded(body) if kind == FORM else _multipart(body, request)
            return await handle(_as_json(request, fields))

        return read_form


def _urlencoded(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise InvalidBody from None


def _multipart(body: bytes, request: Request) -> dict[str, str]:
    """The text fields; files are not for us."""
    head = b"Content-Type: " + request.headers["content-type"].encode("latin-1") + b"\r\n\r\n"
    fields = {}
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            try:
                fields[name] = payload.decode()
            except UnicodeDecodeError:
                raise InvalidBody from None
    return fields


def _as_json(request: Request, fields: dict[str, str]) -> Request:
    body = msgspec.json.encode(fields)
    headers = [pair for pair in request.scope["headers"] if pair[0] != _JSON[0]]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": [*headers, _JSON]}, receive)
