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


async def test_all_who_come_during_a_flush_share_the_next(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "x.db-wal").write_bytes(b"frames")
    flusher = LogFlusher(tmp_path / "x.db", "x")
    disk.may_end.clear()
    turns = [asyncio.ensure_future(flusher.flush())]
    await asyncio.to_thread(disk.at_work.wait, 10)
    # What is committed now may be too late for the turn that has begun.
    turns += [asyncio.ensure_future(flusher.flush()) for _ in range(5)]
    await asyncio.sleep(0)
    disk.may_end.set()
    await asyncio.gather(*turns)
    assert len(disk.lengths) == 2
    await flusher.close()


async def test_a_disk_that_fails_is_told_and_asked_again(main: Store, disk: Disk) -> None:
    await main.commit(adding("a"))
    disk.error = OSError("I/O error")
    with pytest.raises(OSError, match="I/O error"):
        await main.flush()
    disk.error = None
    await main.flush()
    assert len(disk.lengths) == 1


async def test_a_log_that_was_begun_anew_is_the_one_that_is_flushed(
    tmp_path: Path, disk: Disk
) -> None:
    log = tmp_path / "x.db-wal"
    flusher = LogFlusher(tmp_path / "x.db", "x")
    for content in (b"frames", b"more frames"):
        log.write_bytes(content)
        await flusher.flush()
        await flusher.forget()
        log.unlink()
    assert disk.lengths == [6, 11]
    await flusher.close()
