"""The write-ahead log is on the disk when a flush says so, and one turn serves many."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openalgo.persistence import flushing
from openalgo.persistence.flushing import LogFlusher
from openalgo.persistence.migrate import migrate
from openalgo.persistence.stores import Store, Stores, StoreUrls
from tests.persistence.test_quick_commits import adding


class Disk:
    """Stands in for the system's call; notes how long the log was that it brought to the disk."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.at_work = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        self.error: OSError | None = None

    def __call__(self, number: int) -> None:
        length = os.fstat(number).st_size
        self.at_work.set()
        assert self.may_end.wait(10)
        if self.error is not None:
            raise self.error
        self.lengths.append(length)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(flushing, "_sync", disk)
    return disk


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[Store]:
    stores = Stores.open(StoreUrls.default(tmp_path))
    await migrate(stores)
    yield stores.main
    await stores.close()


async def test_what_was_committed_is_in_the_log_that_is_flushed(
    main: Store, tmp_path: Path, disk: Disk
) -> None:
    await main.commit(adding("a"))
    await main.flush()
    log = tmp_path / "openalgo.db-wal"
    assert disk.lengths == [log.stat().st_size]
    assert disk.lengths[0] > 0


async def test_a_commit_does_not_wait_for_the_disk(main: Store, disk: Disk) -> None:
    await main.commit(adding("a"))
    disk.may_end.clear()
    flush = asyncio.ensure_future(main.flush())
    await asyncio.to_thread(disk.at_work.wait, 10)
    await main.commit(adding("b"))
    assert not flush.done()
    disk.may_end.set()
    await flush


async def test_all_who_come_during_a_flush_share_the_next(main: Store, disk: Disk) -> None:
    await main.commit(adding("first"))
    disk.may_end.clear()
    turns = [asyncio.ensure_future(main.flush())]
    await asyncio.to_thread(disk.at_work.wait, 10)
    # What is committed now may be too late for the turn that has begun.
    for number in range(5):
        await main.commit(adding(str(number)))
        turns.append(asyncio.ensure_future(main.flush()))
    await asyncio.sleep(0)
    disk.may_end.set()
    await asyncio.gather(*turns)
    assert len(disk.lengths) == 2
    await main.flush()
    assert len(disk.lengths) == 2


async def test_the_disk_is_at_work_before_anybody_waits_for_it(main: Store, disk: Disk) -> None:
    await main.commit(adding("a"), to_flush=True)
    assert await asyncio.to_thread(disk.at_work.wait, 10)
    await main.flush()
    assert disk.lengths


async def test_nobody_is_told_of_a_flush_that_failed_as_of_one_that_did_not(
    main: Store, disk: Disk
) -> None:
    disk.error = OSError("I/O error")
    await main.commit(adding("a"), to_flush=True)
    for _ in range(2):
        with pytest.raises(OSError, match="could not be brought"):
            await main.flush()
        disk.error = None
    await main.commit(adding("b"))
    await main.flush()
    assert len(disk.lengths) == 1


async def test_a_log_that_was_begun_anew_is_the_one_that_is_flushed(
    tmp_path: Path, disk: Disk
) -> None:
    log = tmp_path / "x.db-wal"
    flusher = LogFlusher(tmp_path / "x.db", "x")
    for content in (b"frames", b"more frames"):
        log.write_bytes(content)
        flusher.committed(asyncio.get_running_loop(), flush=True)
        await flusher.flush()
        await flusher.forget()
        log.unlink()
    assert disk.lengths == [6, 11]
    await flusher.close()
