import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from openalgo.observability.buffer import BatchWriter

LONG = 3600.0


class Store:
    """Takes batches; fails as often as told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.failures = 0
        self.attempts = 0
        self.wrote = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, records: Sequence[int]) -> None:
        self.attempts += 1
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.batches.append(list(records))
        self.wrote.set()

    @property
    def records(self) -> list[int]:
        return [record for batch in self.batches for record in batch]


class Pauses:
    def __init__(self) -> None:
        self.seen: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seen.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def running(writer: BatchWriter[int]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(writer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_full_batch_is_written_at_once() -> None:
    store = Store()
    writer = BatchWriter("log", store.write, batch=3, interval=LONG)
    async with running(writer):
        for number in range(3):
            writer.put(number)
        await store.wrote.wait()

        assert store.batches == [[0, 1, 2]]
        assert len(writer) == 0


async def test_a_partial_batch_waits_for_the_interval() -> None:
    store = Store()
    waiting = BatchWriter("log", store.write, batch=3, interval=LONG)
    async with running(waiting):
        waiting.put(1)
        await settle()
        assert store.batches == []

    quick = BatchWriter("log", store.write, batch=3, interval=0)
    store.wrote.clear()
    async with running(quick):
        quick.put(2)
        await store.wrote.wait()
    assert store.records == [1, 2]


async def test_nothing_is_written_while_there_is_nothing() -> None:
    store = Store()
    async with running(BatchWriter("log", store.write, interval=0)):
        await settle()
    assert store.attempts == 0


async def test_stopping_writes_what_is_left_in_batches() -> None:
    store = Store()
    writer = BatchWriter("log", store.write, batch=2, interval=LONG)
    async with running(writer):
        await settle()
        for number in range(5):
            writer.put(number)

    assert store.batches == [[0, 1], [2, 3], [4]]


async def test_the_oldest_make_room_and_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    writer = BatchWriter("log", store.write, capacity=3, batch=3, interval=0)
    for number in range(10):
        writer.put(number)
    async with running(writer):
        await store.wrote.wait()

    assert store.records == [7, 8, 9]
    assert writer.dropped == 7
    assert "7 records were dropped" in caplog.text


async def test_a_failed_write_is_repeated_with_growing_pauses() -> None:
    store = Store()
    store.failures = 8
    pauses = Pauses()
    writer = BatchWriter("log", store.write, batch=1, interval=0, sleep=pauses)
    async with running(writer):
        writer.put(1)
        await store.wrote.wait()

    assert store.batches == [[1]]
    assert pauses.seen == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert writer.dropped == 0


async def test_records_arriving_during_a_write_come_next() -> None:
    store = Store()
    store.open.clear()
    writer = BatchWriter("log", store.write, batch=2, interval=0)
    async with running(writer):
        writer.put(1)
        while store.attempts == 0:  # noqa: ASYNC110 - one turn of the loop each
            await asyncio.sleep(0)
        for number in (2, 3, 4):
            writer.put(number)
        store.open.set()

    assert store.batches == [[1], [2, 3], [4]]


async def test_an_interrupted_batch_is_written_when_stopping() -> None:
    store = Store()
    store.open.clear()
    writer = BatchWriter("log", store.write, batch=1, interval=0)
    async with running(writer):
        writer.put(1)
        while store.attempts == 0:  # noqa: ASYNC110 - one turn of the loop each
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(store.open.set)

    assert store.attempts == 2
    assert store.batches == [[1]]


async def test_what_cannot_be_written_at_the_end_is_counted_as_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store()
    store.failures = 100
    writer = BatchWriter("log", store.write, batch=2, interval=LONG)
    async with running(writer):
        await settle()
        for number in range(3):
            writer.put(number)

    assert writer.dropped == 3
    assert len(writer) == 0
    assert "3 records are lost" in caplog.text
