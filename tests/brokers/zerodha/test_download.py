"""Zerodha's instruments file as it comes over the wire."""

import gzip
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openalgo.brokers.zerodha import instruments
from openalgo.brokers.zerodha.auth import credentials
from openalgo.domain.errors import BrokerAuthExpired, BrokerUnavailable
from openalgo.domain.instruments import Instrument
from tests.brokers.kit.calls import account, scripted
from tests.brokers.zerodha.kite import APP, SESSION, UNLIMITED, refused
from tests.brokers.zerodha.test_instruments import HEADER
from tests.instruments.contract_files import DATA, needs_data

ROWS = (
    "738561,2885,RELIANCE,RELIANCE INDUSTRIES,0,,0,0.1,1,EQ,NSE,NSE",
    '519937,2031,M&M,"MAHINDRA, ""M"" & MAHINDRA",0,,0,0.1,1,EQ,NSE,NSE',
    '1,1,ODD,"TWO\nLINES",0,,0,0.05,1,EQ,BSE,BSE',
    "2,1,SOMETHING,?,0,,0,0.05,1,BOND,NSE,NSE",
    "17512194,68407,VEDL26AUG292.5CE,VEDL,0,2026-08-25,292.5,0.05,1150,CE,NFO-OPT,NFO",
)
FILE = "\r\n".join((HEADER, *ROWS)).encode()
SYMBOLS = ["RELIANCE", "M&M", "ODD", "VEDL25AUG26292.5CE"]


class Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = list(pieces)
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece


async def downloaded(
    pieces: Pieces, *, status: int = 200, headers: dict[str, str] | None = None
) -> list[Instrument]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, headers=headers or {}, stream=pieces)

    async with account(UNLIMITED, scripted(answer)) as http:
        http.use(credentials(APP, SESSION))
        found = [row async for row in instruments.download(http, lambda _received, _total: None)]
    assert f"{asked[0].method} {asked[0].url}" == "GET https://api.kite.trade/instruments"
    assert asked[0].headers["Authorization"] == "token kitekey12:kitetoken56"
    return found


@settings(max_examples=60, deadline=None)
@given(st.data())
async def test_wherever_the_file_is_cut_its_rows_are_the_same(data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(FILE) - 1), max_size=12)))
    edges = [0, *cuts, len(FILE)]
    pieces = [FILE[start:end] for start, end in pairwise(edges)]
    found = await downloaded(Pieces(pieces))
    assert [row.symbol for row in found] == SYMBOLS
    assert found[1].name == 'MAHINDRA, "M" & MAHINDRA'


async def test_a_packed_file() -> None:
    packed = gzip.compress(FILE)
    found = await downloaded(
        Pieces([packed[:100], packed[100:]]), headers={"content-encoding": "gzip"}
    )
    assert [row.symbol for row in found] == SYMBOLS


async def test_rows_come_while_the_file_does() -> None:
    pieces = Pieces([FILE + b"\r\n", *[f"{ROWS[0]}\r\n".encode()] * 50])

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=pieces)

    told: list[int] = []
    async with account(UNLIMITED, scripted(answer)) as http:
        rows = instruments.download(http, lambda received, _total: told.append(received))
        async with aclosing(rows):
            assert (await anext(rows)).symbol == "RELIANCE"
            assert pieces.taken == 1
    assert told == [len(FILE) + 2]


async def test_a_sign_that_is_no_quote_does_not_hide_the_rest() -> None:
    odd = '5,5,PIPE,5" PIPE,0,,0,0.1,1,EQ,NSE,NSE'
    many = "\n".join((HEADER, odd, *[f"{n},{n},S{n},X,0,,0,0.1,1,EQ,NSE,NSE" for n in range(9999)]))
    sent = f"{many}\n".encode()
    found = await downloaded(Pieces(sent[at : at + 65536] for at in range(0, len(sent), 65536)))
    assert len(found) == 10_000


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"<html>not today</html>", HEADER[5:].encode(), b"\xff\xfe\x00", b"x" * 600_000],
)
async def test_something_else_than_instruments(body: bytes) -> None:
    with pytest.raises(BrokerUnavailable, match="something else than instruments"):
        await downloaded(Pieces([body]))


async def test_a_session_that_is_over() -> None:
    body = httpx.Response(403, json=refused("TokenException")).content
    with pytest.raises(BrokerAuthExpired):
        await downloaded(Pieces([body]), status=403)


@needs_data
@pytest.mark.parametrize(
    "name", ["zerodha/instruments_nfo_bfo_2026-08.csv", "zerodha/instruments_nse_2025-10.csv"]
)
async def test_a_real_file_has_the_rows_it_has_as_lines(name: str) -> None:
    content = (DATA / name).read_bytes()
    found = await downloaded(Pieces(content[at : at + 777] for at in range(0, len(content), 777)))
    assert found == list(instruments.parse(content.decode().splitlines()))
    assert len(found) > 1000
