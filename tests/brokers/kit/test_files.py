"""Large files, as they come in."""

import asyncio
import gzip
from contextlib import aclosing

import pytest

from openalgo.brokers.http import ApiRequest, BrokerHttp, CallRecord, CircuitState, Credentials
from openalgo.domain.errors import BrokerAuthExpired, BrokerUnavailable
from tests.brokers.kit.calls import QUICK, account, api
from tests.brokers.kit.wire import Behaviour, Connection, always, serve

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio", "uvloop"])

FILE = ApiRequest(name="instruments", method="GET", url="/instruments", json_reply=False)
ROWS = b"instrument_token,tradingsymbol\n" + b"".join(b"%d,SYM%d\n" % (n, n) for n in range(50_000))


async def read(http: BrokerHttp, *, largest: int = 1 << 26) -> bytes:
    async with aclosing(http.stream(FILE, largest=largest)) as pieces:
        return b"".join([piece async for piece in pieces])


def sending(body: bytes, status: str = "200 OK", *headers: str) -> Behaviour:
    async def behave(connection: Connection) -> None:
        if await connection.request():
            await connection.answer(body, status, *headers)
        else:
            raise asyncio.CancelledError

    return always(behave)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ROWS, ()),
        (gzip.compress(ROWS), ("Content-Encoding: gzip",)),
        (gzip.compress(ROWS), ("Content-Type: application/gzip",)),
        (gzip.compress(gzip.compress(ROWS)), ("Content-Encoding: gzip",)),
    ],
    ids=["plain", "transfer", "file", "both"],
)
async def test_a_file_is_unpacked_in_small_pieces(body: bytes, headers: tuple[str, ...]) -> None:
    progress: list[tuple[int, int | None]] = []
    sizes: list[int] = []
    got = bytearray()
    async with serve(sending(body, "200 OK", *headers)) as wire, account(api(wire.url)) as http:
        stream = http.stream(FILE, progress=lambda *told: progress.append(told))
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                sizes.append(len(piece))
                got += piece
    assert got == ROWS
    assert max(sizes) <= 64 * 1024
    assert progress[-1] == (len(body), len(body))
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)


async def test_a_file_is_not_held_in_memory_to_be_read() -> None:
    """The first piece is there before the server has sent the last."""
    go_on = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        await go_on.wait()
        await connection.send(b"two")

    async with (
        serve(behave) as wire,
        account(api(wire.url)) as http,
        aclosing(http.stream(FILE)) as pieces,
    ):
        assert await anext(pieces) == b"one"
        go_on.set()
        assert await anext(pieces) == b"two"
        assert [piece async for piece in pieces] == []


async def test_a_file_that_breaks_off_is_no_file() -> None:
    records: list[CallRecord] = []

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        connection.writer.close()

    async with serve(behave) as wire, account(api(wire.url), records=records) as http:
        with pytest.raises(BrokerUnavailable, match="broke off the connection"):
            await read(http)
    assert [(r.status, r.bytes, r.problem) for r in records] == [(200, 3, "reset")]


async def test_gzip_that_was_cut_off_is_no_file() -> None:
    body = gzip.compress(ROWS)[:-20]
    async with serve(sending(body)) as wire, account(api(wire.url)) as http:
        with pytest.raises(BrokerUnavailable, match="it was cut off"):
            await read(http)


async def test_a_file_larger_than_allowed_is_stopped() -> None:
    body = gzip.compress(bytes(1 << 24))
    async with serve(sending(body)) as wire, account(api(wire.url)) as http:
        with pytest.raises(BrokerUnavailable, match="it is larger than 100000 bytes"):
            await read(http, largest=100_000)


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    async def drip(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            await connection.send(b".")
            await asyncio.sleep(0.01)

    async with serve(drip) as wire, account(api(wire.url)) as http:
        with pytest.raises(BrokerUnavailable, match="did not answer in time") as caught:
            async for _ in http.stream(FILE, within=0.15):
                pass
    assert caught.value.status == 504


async def test_an_error_in_place_of_a_file_is_told_and_beginnings_are_tried_again() -> None:
    async def behave(connection: Connection) -> None:
        statuses = ("503 Service Unavailable", "200 OK", "401 Unauthorized")
        await connection.request()
        await connection.answer(b"body", statuses[len(connection.wire.requests) - 1])

    async with serve(always(behave)) as wire, account(api(wire.url)) as http:
        assert await read(http) == b"body"
        with pytest.raises(BrokerAuthExpired):
            await read(http)
    assert len(wire.requests) == 3


async def test_a_reader_that_leaves_closes_the_connection_and_blames_nobody() -> None:
    hung_up = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\none")
        await connection.reader.read()
        hung_up.set()

    async with serve(behave) as wire, account(api(wire.url, timeouts=QUICK)) as http:
        for _ in range(6):
            hung_up.clear()
            async with aclosing(http.stream(FILE)) as pieces:
                assert await anext(pieces) == b"one"
            await hung_up.wait()
        assert set(http.circuits.values()) == {CircuitState.CLOSED}


async def test_a_file_elsewhere_gets_no_token() -> None:
    async with serve(sending(b"rows")) as wire, account(api("https://127.0.0.1:9")) as http:
        http.use(Credentials(headers={"Authorization": "token s3cr3t"}))
        elsewhere = ApiRequest(
            name="instruments", method="GET", url=f"{wire.url}/x.csv", json_reply=False
        )
        async with aclosing(http.stream(elsewhere)) as pieces:
            assert [piece async for piece in pieces] == [b"rows"]
    assert b"s3cr3t" not in wire.requests[0]
