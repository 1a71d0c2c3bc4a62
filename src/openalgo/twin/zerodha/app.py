"""The twin as an ASGI application: routes, tokens, limits, and the faults around them."""

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from openalgo.twin.faults import ORDER_KINDS, Kind, Rule
from openalgo.twin.serving import cut, hang_up
from openalgo.twin.zerodha import (
    control,
    login,
    margins,
    orders,
    portfolio,
    quotes,
    triggers,
)
from openalgo.twin.zerodha.calls import Answer, Call, Route, Routes, failure
from openalgo.twin.zerodha.errors import KiteError, bad_input, bad_token
from openalgo.twin.zerodha.ticker import credentials, refuse
from openalgo.twin.zerodha.twin import ZerodhaTwin

_API = Routes(
    (
        *orders.ROUTES,
        *portfolio.ROUTES,
        *quotes.ROUTES,
        *triggers.ROUTES,
        *margins.ROUTES,
        *login.ROUTES,
    )
)
_CONTROL = Routes(control.ROUTES)
_VERSION = "3"
_NOT_KITE = b"<html><body>the twin's gateway</body></html>"


def application(twin: ZerodhaTwin) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _socket(twin, scope, receive, send)
        elif scope["path"] == "/twin" or scope["path"].startswith("/twin/"):
            await _control(twin, scope, receive, send)
        else:
            await _api(twin, scope, receive, send)

    return app


async def _api(twin: ZerodhaTwin, scope: Scope, receive: Receive, send: Send) -> None:
    call = await _call(scope, receive)
    try:
        route, call.parts = _API.find(scope["method"], scope["path"])
    except KiteError as error:
        await _send(send, failure(error))
        return
    twin.requests[route.name] = twin.requests.get(route.name, 0) + 1
    rules = twin.faults.drawn(route.name)
    late = sum(twin.faults.seconds(rule) for rule in rules if rule.kind is Kind.DELAY)
    if late:
        await asyncio.sleep(late)
    fault = next((rule for rule in rules if _concerns_connection(rule)), None)
    kind = fault.kind if fault else None
    if kind is Kind.RESET_BEFORE:
        await _cut(scope, receive)
    elif kind is Kind.SILENT_BEFORE:
        await _until_gone(receive)
    elif fault and kind is Kind.STATUS:
        await _send(send, _failed(fault))
    else:
        answer = _answer(twin, route, call, [rule for rule in rules if rule.kind in ORDER_KINDS])
        if kind is Kind.RESET_AFTER:
            await _cut(scope, receive)
        elif kind is Kind.SILENT_AFTER:
            await _until_gone(receive)
        elif fault and kind is Kind.ERROR_AFTER:
            await _send(send, _failed(fault))
        elif kind is Kind.TRUNCATED:
            await _send(send, answer, whole=False)
            hang_up(scope)
            await _until_gone(receive)
        elif kind is Kind.GARBLED:
            await _send(send, replace(answer, body=answer.body[: len(answer.body) // 2]))
        else:
            await _send(send, answer)


async def _control(twin: ZerodhaTwin, scope: Scope, receive: Receive, send: Send) -> None:
    call = await _call(scope, receive)
    try:
        route, call.parts = _CONTROL.find(scope["method"], scope["path"])
        answer = route.handler(twin, call)
    except KiteError as error:
        answer = failure(error)
    await _send(send, answer)


async def _socket(twin: ZerodhaTwin, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        if twin.ticker.refusing:
            raise bad_token()
        twin.sessions.admit(*credentials(scope))
    except KiteError:
        await refuse(receive, send)
        return
    await twin.ticker.serve(scope, receive, send)


def _answer(twin: ZerodhaTwin, route: Route, call: Call, drawn: list[Rule]) -> Answer:
    try:
        if route.session:
            _admit(twin, call)
            twin.limits.take(route.limit)
        twin.drawn = drawn
        return route.handler(twin, call)
    except KiteError as error:
        return failure(error)
    finally:
        twin.drawn = []


def _admit(twin: ZerodhaTwin, call: Call) -> None:
    if call.headers.get("x-kite-version") != _VERSION:
        raise bad_input(f"Missing or invalid X-Kite-Version; this is version {_VERSION}.")
    scheme, _, pair = call.headers.get("authorization", "").partition(" ")
    key, _, token = pair.partition(":")
    if scheme.lower() != "token":
        raise bad_token()
    twin.sessions.admit(key, token)


def _concerns_connection(rule: Rule) -> bool:
    return rule.kind is not Kind.DELAY and rule.kind not in ORDER_KINDS


def _failed(rule: Rule) -> Answer:
    if rule.error_type is None:
        return Answer(_NOT_KITE, rule.status, "text/html")
    return failure(KiteError(rule.status, rule.error_type, rule.message))


async def _call(scope: Scope, receive: Receive) -> Call:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Call({}, query, headers, body)


async def _send(send: Send, answer: Answer, *, whole: bool = True) -> None:
    headers = [
        ("content-type", answer.kind),
        ("content-length", str(len(answer.body))),
        *answer.headers,
    ]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }
    )
    body = answer.body if whole else answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": body, "more_body": not whole})


async def _cut(scope: Scope, receive: Receive) -> None:
    cut(scope)
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
