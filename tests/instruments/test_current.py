import asyncio
import gc
import weakref
from datetime import date

from msgspec.structs import replace

from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.instruments.slices import Slices
from tests.instruments.rows import contract, index, options, share

AUGUST = date(2026, 8, 25)


def generation(number: int, size: int = 40) -> Master:
    """A master whose rows all say which one it is."""
    rows = [
        index("NIFTY"),
        contract("NIFTY", AUGUST),
        *(share(f"S{n}") for n in range(size)),
        *options("NIFTY", AUGUST, *(str(strike) for strike in range(24_000, 24_000 + size))),
    ]
    return Master(replace(row, lot_size=number) for row in rows)


async def test_readers_see_the_new_master_from_the_first_moment() -> None:
    current = CurrentMaster(generation(1))
    second = generation(2)
    swapping = asyncio.ensure_future(current.replace(second))
    await asyncio.sleep(0)
    assert current.master is second
    await swapping
    row = current.find(share("S1").key)
    assert row is not None
    assert row.lot_size == 2
    assert current.by_token("NSE|S1") is row


async def test_a_reader_never_sees_a_mixture() -> None:
    current = CurrentMaster(generation(1))
    stop = False
    read = 0

    async def reader() -> None:
        nonlocal read
        while not stop:
            master = current.master
            ages = set()
            for row in master:
                ages.add(row.lot_size)
                if len(ages) % 7 == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(0)
            ages |= {row.lot_size for row in await master.search("nifty")}
            ages |= {
                side.lot_size
                for _, call, put in master.contracts.chain(
                    "NIFTY", contract("X", AUGUST).exchange, AUGUST
                )
                for side in (call, put)
                if side is not None
            }
            assert len(ages) == 1
            read += 1

    readers = [asyncio.ensure_future(reader()) for _ in range(5)]
    for number in range(2, 12):
        await current.replace(generation(number), Slices(0.0))
    stop = True
    await asyncio.gather(*readers)
    assert read >= 50


async def test_a_reader_in_the_middle_of_an_exchange_keeps_it_whole() -> None:
    current = CurrentMaster(generation(1))
    rows = current.master.on(share("S1").exchange)
    first = next(rows)
    replacing = asyncio.ensure_future(current.replace(generation(2)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not replacing.done()
    assert [first.lot_size, *(row.lot_size for row in rows)] == [1] * 40
    await replacing


async def test_the_old_master_is_let_go_of_bit_by_bit() -> None:
    current = CurrentMaster(generation(1, 500))
    old = weakref.ref(current.master)
    turns = 0

    async def neighbour() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(neighbour())
    await current.replace(generation(2), Slices(0.0))
    watching.cancel()
    gc.collect()
    assert old() is None
    assert turns > 3_000  # one for every row of the dictionaries by symbol and by token


async def test_replacing_a_master_by_itself_changes_nothing() -> None:
    current = CurrentMaster(generation(1))
    await current.replace(current.master)
    assert len(current.master) == 122


def test_without_a_master_nothing_is_found() -> None:
    assert CurrentMaster().find(share("S1").key) is None
    assert CurrentMaster().by_token("1") is None
