import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from datetime import date
from itertools import pairwise

import pytest
from msgspec.structs import replace

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.instruments.loader import MasterRefused, load
from openalgo.instruments.master import Draft
from openalgo.instruments.slices import Slices
from tests.instruments.effort import heaviest_step
from tests.instruments.rows import contract, index, options, share

AUGUST = date(2026, 8, 25)
NIFTY = index("NIFTY")
ROWS = [
    NIFTY,
    share("SBIN"),
    *options("NIFTY", AUGUST, *(str(strike) for strike in range(24_000, 26_000, 10))),
]


async def as_stream(rows: list[Instrument]) -> AsyncIterator[Instrument]:
    for row in rows:
        await asyncio.sleep(0)
        yield row


async def test_loads_what_a_file_or_a_stream_gives() -> None:
    for rows in (ROWS, iter(ROWS), as_stream(ROWS)):
        loaded = await load(rows)
        assert list(loaded.master) == [NIFTY, ROWS[1], *ROWS[2:]]
        assert loaded.duplicates == 0
        assert loaded.master.find(InstrumentKey(Exchange.NSE, "SBIN")) is ROWS[1]
        assert len(loaded.master.contracts.chain("NIFTY", Exchange.NFO, AUGUST)) == 200
        assert (await loaded.master.search("sbin"))[0] is ROWS[1]


async def test_rows_are_taken_in_slices() -> None:
    now = 0.0
    read = 0
    turns: list[int] = []
    seen: list[int] = []

    def rows() -> Iterator[Instrument]:
        nonlocal now, read
        for row in ROWS:
            now += 0.0001
            read += 1
            yield row

    async def neighbour() -> None:
        while True:
            turns.append(read)
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(neighbour())
    await load(rows(), progress=seen.append, slices=Slices(0.002, lambda: now))
    watching.cancel()
    assert max(later - earlier for earlier, later in pairwise(turns)) <= 21
    assert len(seen) >= len(ROWS) / 21
    assert seen == sorted(seen)
    assert seen[-1] == len(ROWS)


def test_no_step_of_indexing_is_long() -> None:
    days = [date(2026, 8, day) for day in range(1, 29)]
    strikes = [str(strike) for strike in range(20_000, 30_000, 100)]
    draft = Draft()
    for row in (
        *(share(f"SHARE{number}", f"NAME {number} LIMITED") for number in range(3_000)),
        *(contract("NIFTY", day) for day in days),
        *(row for day in days for row in options("NIFTY", day, *strikes)),
    ):
        draft.add(row)
    assert heaviest_step(draft.finish()) < 4_000


async def test_of_rows_with_one_key_the_first_counts_and_the_others_are_reported() -> None:
    oddity = replace(ROWS[1], token="oddity")
    loaded = await load([*ROWS, oddity, oddity])
    assert loaded.duplicates == 2
    assert loaded.duplicate_examples == (oddity.key, oddity.key)
    assert loaded.master.find(oddity.key) is ROWS[1]
    assert loaded.master.by_token("oddity") is None


async def test_an_empty_file_is_refused() -> None:
    with pytest.raises(MasterRefused, match="no usable row"):
        await load([])


async def test_a_file_that_shrank_is_refused() -> None:
    assert len((await load(ROWS, previous=502)).master) == 402
    with pytest.raises(MasterRefused, match="402 instruments, less than 80% of the 503"):
        await load(ROWS, previous=503)


async def test_derivatives_without_their_main_index_are_refused() -> None:
    with pytest.raises(MasterRefused, match="lists NFO but not NSE_INDEX:NIFTY"):
        await load(ROWS[1:])
    with pytest.raises(MasterRefused, match="lists BFO but not BSE_INDEX:SENSEX"):
        await load([NIFTY, contract("SENSEX", AUGUST, exchange=Exchange.BFO)])
    assert len((await load(ROWS[1:], key_indices={})).master) == 401


async def test_a_file_that_repeats_itself_is_refused() -> None:
    rows = [*ROWS, *(replace(row, token="again") for row in ROWS[:21])]
    assert (await load(rows, most_duplicates=0.05)).duplicates == 21
    with pytest.raises(
        MasterRefused, match="22 of 424 instruments more than once: NSE_INDEX:NIFTY, NSE:SBIN"
    ):
        await load([*rows, replace(NIFTY, token="more")], most_duplicates=0.05)


async def test_what_is_refused_half_way_is_closed() -> None:
    closed = False

    async def streamed() -> AsyncGenerator[Instrument, None]:
        nonlocal closed
        try:
            for row in ROWS:
                yield row
        finally:
            closed = True

    def refuse(_rows: int) -> None:
        raise OSError("enough")

    with pytest.raises(OSError, match="enough"):
        await load(streamed(), progress=refuse, slices=Slices(-1.0))
    assert closed


async def test_an_error_of_the_source_is_passed_on() -> None:
    def broken() -> Iterator[Instrument]:
        yield NIFTY
        raise ConnectionError("cut off")

    with pytest.raises(ConnectionError, match="cut off"):
        await load(broken())
