"""The connections orders go by: every shape an answer may have, and what is used again."""

import asyncio

import pytest

from openalgo.domain.errors import BrokerOutcomeUnknown
from tests.brokers.kit.calls import ORDER, QUICK, account, api
from tests.brokers.kit.wire import Behaviour, Connection, always, serve

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])

BODY = b'{"order_id":"1"}'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b"8\r\n" + BODY[:8] + b"\r\n8\r\n" + BODY[8:] + b"\r\n0\r\nX-Sum: 1\r\n\r\n"
)
CONTINUED = b"HTTP/1.1 100 Continue\r\nX-Not: this\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\nX-Is: this\r\n\r\n" + BODY


def saying(*parts: bytes, close: bool = False) -> Behaviour:
    """Answers a request with these bytes, sent one after the other."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        for part in parts:
            await connection.send(part)
            await asyncio.sleep(0)
        if close:
            connection.writer.close()

    return behave


def bytewise(text: bytes) -> list[bytes]:
    return [text[at : at + 1] for at in range(len(text))]


@pytest.mark.parametrize(
    "parts",
    [[PLAIN], [CHUNKED], [CONTINUED, PLAIN], [CONTINUED + PLAIN], bytewise(PLAIN)],
    ids=["whole", "chunks", "continue", "continue at once", "byte by byte"],
)
async def test_an_answer_is_read_however_it_comes_and_its_connection_used_again(
    parts: list[bytes],
) -> None:
    async with serve(always(saying(*parts))) as wire, account(api(wire.url)) as http:
        for _ in range(3):
            reply = await http.call(ORDER)
            assert (reply.status, reply.body) == (200, BODY)
            assert "x-not" not in reply.headers
            assert "x-sum" not in reply.headers
    assert len(wire.requests) == 3
    assert wire.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 16\r\n\r\n" + BODY,
    ],
    ids=["without a length", "of HTTP/1.0", "with the wish to close"],
)
async def test_an_answer_that_ends_with_its_connection_is_whole(answer: bytes) -> None:
    async with serve(saying(answer, close=True)) as wire, account(api(wire.url)) as http:
        for _ in range(2):
            assert (await http.call(ORDER)).body == BODY
    assert wire.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n" + BODY[:8] + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n" + BODY,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 0123456789\r\n" * 8_000,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=["chunks cut off", "cut off", "no HTTP", "a head without end", "another protocol"],
)
async def test_half_an_answer_leaves_the_outcome_unknown(answer: bytes) -> None:
    async with (
        serve(saying(answer, close=True)) as wire,
        account(api(wire.url, timeouts=QUICK)) as http,
    ):
        with pytest.raises(BrokerOutcomeUnknown):
            await http.call(ORDER)
    assert len(wire.requests) == 1


async def test_what_nobody_asked_for_is_no_answer_to_the_next_order() -> None:
    """Two answers to one request: the second would pass for that to the next one."""
    late = PLAIN.replace(BODY, b'{"order_id":"9"}')

    async def behave(connection: Connection) -> None:
        first = wire.connections == 1
        await connection.request()
        await connection.send(PLAIN + late if first else PLAIN)
        await connection.request()

    async with serve(behave) as wire, account(api(wire.url)) as http:
        for _ in range(2):
            assert (await http.call(ORDER)).body == BODY
    assert wire.connections == 2


async def test_a_large_answer_is_read_to_its_end() -> None:
    body = b'"' + b"x" * 3_000_000 + b'"'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    async with (
        serve(always(saying(answer))) as wire,
        account(api(wire.url, largest=4_000_000)) as http,
    ):
        for _ in range(2):
            assert (await http.call(ORDER)).body == body
    assert wire.connections == 1


async def test_connections_idle_elsewhere_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openalgo.brokers.clients._CONNECTIONS", 1)
    async with (
        serve(always(saying(PLAIN))) as one,
        serve(always(saying(PLAIN))) as other,
        account(api(one.url)) as http,
    ):
        elsewhere = type(ORDER)(
            name="place_order", method="POST", url=f"{other.url}/", kind=ORDER.kind, form={}
        )
        for request in (ORDER, elsewhere, ORDER):
            assert (await http.call(request)).body == BODY
    assert (one.connections, other.connections) == (2, 1)


async def test_who_waits_for_a_connection_gets_the_first_that_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openalgo.brokers.clients._CONNECTIONS", 2)
    async with serve(always(saying(PLAIN))) as wire, account(api(wire.url)) as http:
        replies = await asyncio.gather(*(http.call(ORDER) for _ in range(20)))
    assert [reply.body for reply in replies] == [BODY] * 20
    assert wire.connections == 2


@pytest.mark.parametrize("older", [True, False])
async def test_a_connection_unused_for_long_is_not_used(
    older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openalgo.brokers.clients.KEPT_ALIVE", 0.0 if older else 100.0)
    async with serve(always(saying(PLAIN))) as wire, account(api(wire.url)) as http:
        for _ in range(2):
            await http.call(ORDER)
    assert wire.connections == (2 if older else 1)
