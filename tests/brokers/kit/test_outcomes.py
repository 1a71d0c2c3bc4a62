"""What is told of an order when something goes wrong, proven with every byte the server got."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from openalgo.brokers.http import Kind, RateLimit, Reply
from openalgo.domain.errors import (
    BrokerAuthExpired,
    BrokerNotReached,
    BrokerOutcomeUnknown,
    BrokerRateLimited,
    BrokerRejected,
    BrokerUnavailable,
    NotSent,
    OpenAlgoError,
)
from tests.brokers.kit.calls import ALL, EXIT, LOGIN, ORDER, QUICK, READ, account, api
from tests.brokers.kit.wire import Behaviour, Connection, Wire, always, free_port, serve

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])

REJECTION = b'{"status":"error","message":"Margin exceeds","error_type":"MarginException"}'


def faults(reply: Reply) -> OpenAlgoError | None:
    """As an adapter reads a reply: by the broker's own words only."""
    data = reply.data
    if not isinstance(data, dict) or data.get("status") != "error":
        return None
    message = str(data["message"])
    if data["error_type"] == "NetworkException":
        return BrokerUnavailable(message, broker_status=reply.status, broker_message=message)
    return BrokerRejected(message, broker_status=reply.status, broker_message=message)


# --- the ways in which an answer can go wrong


async def reset_before_the_answer(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def close_before_the_answer(connection: Connection) -> None:
    await connection.request()
    connection.writer.close()
    await asyncio.Event().wait()


async def half_a_head(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    connection.writer.close()


async def reset_in_the_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"order_id":')
    connection.reset()


async def end_in_the_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"order_id":')
    connection.writer.close()


async def never_answer(connection: Connection) -> None:
    await connection.request()
    await asyncio.Event().wait()


async def answer_forever(connection: Connection) -> None:
    """Never idle for long, and never done."""
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await connection.send(b" ")
        await asyncio.sleep(0.01)


async def not_http(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"\x15\x03\x01 what?\r\n\r\n")
    connection.writer.close()


async def packed_as_nobody_asked(connection: Connection) -> None:
    await connection.request()
    await connection.answer(b"{}", "200 OK", "Content-Encoding: br")


async def damaged_gzip(connection: Connection) -> None:
    await connection.request()
    await connection.answer(b"\x1f\x8b\x08\x00 not at all", "200 OK", "Content-Encoding: gzip")


def answering(status: str, body: bytes, *headers: str) -> Behaviour:
    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.answer(body, status, *headers)

    behave.__name__ = f"{status} {body[:12]!r}"
    return behave


LOST: list[Behaviour] = [
    reset_before_the_answer,
    close_before_the_answer,
    half_a_head,
    reset_in_the_body,
    end_in_the_body,
    never_answer,
    not_http,
    packed_as_nobody_asked,
    damaged_gzip,
    answering("502 Bad Gateway", b"<html><h1>502 Bad Gateway</h1></html>"),
    answering("503 Service Unavailable", b""),
    answering("504 Gateway Timeout", b"upstream request timeout"),
    answering("500 Internal Server Error", b'{"oops":1}'),
    answering("408 Request Timeout", b"<html>too slow</html>"),
    answering("302 Found", b"", "Location: /maintenance"),
    answering("200 OK", b"<html>Down for maintenance</html>"),
    answering("200 OK", b'{"status":"success","data":{"order_id":"2407'),
    answering("200 OK", b""),
    answering("200 OK", b'{"status":"success"} trailing'),
    answering(
        "503 Service Unavailable",
        b'{"status":"error","message":"No OMS","error_type":"NetworkException"}',
    ),
]


@asynccontextmanager
async def calling(
    behaviour: Behaviour, kind: Kind
) -> AsyncIterator[tuple[Wire, Callable[[], Awaitable[Reply]]]]:
    described_limits = (RateLimit("all", ()),)
    async with (
        serve(always(behaviour)) as wire,
        account(api(wire.url, limits=described_limits, faults=faults, timeouts=QUICK)) as http,
    ):
        yield wire, lambda: http.call(ALL[kind])


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.EXIT])
@pytest.mark.parametrize("behaviour", LOST, ids=lambda b: b.__name__)
async def test_after_the_first_byte_the_outcome_is_unknown_and_nothing_is_sent_again(
    behaviour: Behaviour, kind: Kind
) -> None:
    async with calling(behaviour, kind) as (wire, call):
        with pytest.raises(BrokerOutcomeUnknown, match="Do not send it again") as caught:
            await call()
    assert not isinstance(caught.value, NotSent)
    assert (caught.value.status, caught.value.code) == (504, "order_outcome_unknown")
    assert len(wire.requests) == 1


@pytest.mark.parametrize("behaviour", LOST, ids=lambda b: b.__name__)
async def test_a_login_is_never_sent_twice_and_fails_as_unavailable(behaviour: Behaviour) -> None:
    async with calling(behaviour, Kind.LOGIN) as (wire, call):
        with pytest.raises(BrokerUnavailable) as caught:
            await call()
    assert not isinstance(caught.value, NotSent)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.EXIT])
async def test_an_answer_that_never_ends_is_given_up_at_the_deadline(kind: Kind) -> None:
    timeouts = QUICK.__class__(read=2, total=0.2)
    async with (
        serve(always(answer_forever)) as wire,
        account(api(wire.url, timeouts=timeouts)) as http,
    ):
        with pytest.raises(BrokerOutcomeUnknown, match="did not answer in time"):
            await http.call(ALL[kind])
    assert len(wire.requests) == 1


async def test_an_answer_larger_than_allowed_leaves_the_outcome_unknown() -> None:
    behaviour = answering("200 OK", b'"' + b"x" * 5000 + b'"')
    async with (
        serve(always(behaviour)) as wire,
        account(api(wire.url, largest=4096)) as http,
    ):
        with pytest.raises(BrokerOutcomeUnknown, match="larger than 4096 bytes"):
            await http.call(ORDER)
        with pytest.raises(BrokerUnavailable, match="larger than 4096 bytes"):
            await http.call(LOGIN)


# --- nothing was sent


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.EXIT, Kind.LOGIN])
async def test_a_refused_connection_sent_nothing(kind: Kind) -> None:
    async with account(api(f"http://127.0.0.1:{await free_port()}")) as http:
        with pytest.raises(BrokerNotReached, match="Zerodha cannot be reached") as caught:
            await http.call(ALL[kind])
    assert isinstance(caught.value, NotSent)
    assert (caught.value.status, caught.value.code) == (502, "broker_unavailable")


async def test_a_server_that_speaks_no_tls_got_no_request() -> None:
    seen = bytearray()

    async def greet(connection: Connection) -> None:
        seen.extend(await connection.reader.read(4096))
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with (
        serve(greet) as wire,
        account(api(wire.url.replace("http:", "https:"))) as http,
    ):
        with pytest.raises(BrokerNotReached):
            await http.call(ORDER)
    assert seen
    assert b"INFY" not in seen
    assert b"orders" not in seen


async def test_a_handshake_that_takes_too_long_sent_nothing() -> None:
    async def mute(connection: Connection) -> None:
        await asyncio.Event().wait()

    timeouts = QUICK.__class__(connect=0.1)
    async with (
        serve(mute) as wire,
        account(api(wire.url.replace("http:", "https:"), timeouts=timeouts)) as http,
    ):
        with pytest.raises(BrokerNotReached, match="did not accept a connection in time") as caught:
            await http.call(ORDER)
    assert caught.value.status == 504


async def test_a_deadline_during_the_handshake_sent_nothing() -> None:
    async def mute(connection: Connection) -> None:
        await asyncio.Event().wait()

    timeouts = QUICK.__class__(connect=5, total=1.0)
    async with (
        serve(mute) as wire,
        account(api(wire.url.replace("http:", "https:"), timeouts=timeouts)) as http,
    ):
        with pytest.raises(BrokerNotReached, match="did not accept a connection in time"):
            await http.call(ORDER)


async def test_a_call_that_finds_no_free_connection_was_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openalgo.brokers.clients._CONNECTIONS", 1)
    timeouts = QUICK.__class__(read=5, pool=0.1)
    async with (
        serve(always(never_answer)) as wire,
        account(api(wire.url, timeouts=timeouts)) as http,
    ):
        first = asyncio.create_task(http.call(ORDER))
        await wire.arrived.wait()
        with pytest.raises(BrokerNotReached, match="waiting for a connection") as caught:
            await http.call(ORDER)
        assert isinstance(caught.value, NotSent)
        assert len(wire.requests) == 1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


# --- connections that were used before


async def test_a_connection_closed_while_idle_is_noticed_before_an_order_is_written() -> None:
    """The broker hangs up after each answer, as load balancers do after a minute."""

    async def once(connection: Connection) -> None:
        await connection.request()
        await connection.answer()
        connection.writer.close()
        await connection.writer.wait_closed()

    async with serve(once) as wire, account(api(wire.url)) as http:
        for _ in range(5):
            await http.call(ORDER)
            await asyncio.sleep(0.02)  # for the end of the connection to arrive
    assert len(wire.requests) == 5
    assert wire.connections == 5


async def hang_up_on_the_second(connection: Connection) -> None:
    """A kept connection that breaks just when it is used again."""
    await connection.request()
    await connection.answer()
    if await connection.request():
        connection.reset()


async def test_an_order_on_a_kept_connection_that_breaks_is_not_sent_again() -> None:
    async with serve(hang_up_on_the_second) as wire, account(api(wire.url)) as http:
        await http.call(ORDER)
        with pytest.raises(BrokerOutcomeUnknown, match="broke off the connection"):
            await http.call(ORDER)
    assert len(wire.requests) == 2
    assert wire.connections == 1


async def test_a_read_on_a_kept_connection_that_breaks_is_sent_again() -> None:
    async with serve(hang_up_on_the_second) as wire, account(api(wire.url)) as http:
        await http.call(READ)
        reply = await http.call(READ)
    assert reply.data == {}
    assert len(wire.requests) == 3
    assert wire.connections == 2


# --- the broker said no: nothing is there, and nobody need wonder


@dataclass(frozen=True)
class Refusal:
    status: str
    body: bytes
    error: type[OpenAlgoError]
    ours: int
    headers: tuple[str, ...] = ()


REFUSALS = [
    Refusal("400 Bad Request", REJECTION, BrokerRejected, 400),
    Refusal("500 Internal Server Error", REJECTION, BrokerRejected, 400),
    Refusal("200 OK", REJECTION, BrokerRejected, 400),
    Refusal("422 Unprocessable", b'{"detail":"no"}', BrokerRejected, 400),
    Refusal("401 Unauthorized", b"", BrokerAuthExpired, 403),
    Refusal("401 Unauthorized", b'{"why":"token"}', BrokerAuthExpired, 403),
    Refusal("403 Forbidden", b"<html>error code: 1010</html>", BrokerUnavailable, 502),
    Refusal("404 Not Found", b"nothing here", BrokerUnavailable, 502),
    Refusal("429 Too Many Requests", b"slow down", BrokerRateLimited, 503),
    Refusal("429 Too Many Requests", b"{}", BrokerRateLimited, 503, ("Retry-After: 7",)),
]


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.EXIT])
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: f"{r.status} {r.body[:9]!r}")
async def test_a_refusal_is_no_unknown_outcome(refusal: Refusal, kind: Kind) -> None:
    behaviour = answering(refusal.status, refusal.body, *refusal.headers)
    async with calling(behaviour, kind) as (wire, call):
        with pytest.raises(refusal.error) as caught:
            await call()
    error = caught.value
    assert not isinstance(error, BrokerOutcomeUnknown)
    assert error.status == refusal.ours
    assert error.extra()["broker_status"] == int(refusal.status[:3])
    assert len(wire.requests) == 1


async def test_the_broker_is_quoted_word_for_word() -> None:
    async with calling(answering("400 Bad Request", REJECTION), Kind.ORDER) as (_, call):
        with pytest.raises(BrokerRejected) as caught:
            await call()
    assert caught.value.extra() == {"broker_status": 400, "broker_message": "Margin exceeds"}


async def test_a_429_says_when_to_ask_again() -> None:
    behaviour = answering("429 Too Many Requests", b"", "Retry-After: 7")
    async with calling(behaviour, Kind.ORDER) as (wire, call):
        with pytest.raises(BrokerRateLimited) as caught:
            await call()
        with pytest.raises(BrokerRateLimited, match="Nothing was sent"):
            await call()
    assert caught.value.retry_after == 7
    assert caught.value.extra()["retry_after"] == 7
    assert len(wire.requests) == 1


async def test_an_order_that_works_is_sent_once() -> None:
    behaviour = answering("200 OK", b'{"status":"success","data":{"order_id":"1"}}')
    async with calling(behaviour, Kind.ORDER) as (wire, call):
        reply = await call()
    assert reply.data == {"status": "success", "data": {"order_id": "1"}}
    [request] = wire.requests
    assert request.startswith(b"POST /orders/regular HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\nsymbol=INFY")


async def test_a_cancelled_order_call_leaves_the_account_usable() -> None:
    held = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        if len(connection.wire.requests) == 1:
            await held.wait()
        await connection.answer()

    async with serve(always(behave)) as wire, account(api(wire.url)) as http:
        order = asyncio.create_task(http.call(ORDER))
        await wire.arrived.wait()
        order.cancel()
        with pytest.raises(asyncio.CancelledError):
            await order
        await http.call(EXIT)
    assert len(wire.requests) == 2
