"""Records survive the process when they are appended, and the power when they are flushed."""

import asyncio
import os
import resource
import stat
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.persistence import record_log
from openalgo.persistence.record_log import RecordLog


class Disk:
    """Stands in for the system's call; notes how long the file was that it brought to the disk."""

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
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def log(tmp_path: Path, disk: Disk) -> AsyncIterator[RecordLog]:
    log = RecordLog(tmp_path, "orders", disk)
    yield log
    disk.may_end.set()
    await log.close()


def left_in(folder: Path) -> list[bytes]:
    """What the next process finds."""
    return RecordLog(folder, "orders").load()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def append(log: RecordLog, *records: bytes) -> None:
    for record in records:
        log.append(record)


async def test_what_was_appended_is_there_at_once(log: RecordLog, tmp_path: Path) -> None:
    assert [log.append(record) for record in (b"a", b"", b"c" * 1000)] == [1, 2, 3]
    assert left_in(tmp_path) == [b"a", b"", b"c" * 1000]
    assert log.appended == log.unflushed == 3


async def test_nobody_else_may_read_it(log: RecordLog, tmp_path: Path) -> None:
    log.append(b"a")
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_next_process_goes_on_in_another_file(log: RecordLog, tmp_path: Path) -> None:
    append(log, b"a", b"b")
    again = RecordLog(tmp_path, "orders")
    assert again.load() == [b"a", b"b"]
    assert again.append(b"c") == 3
    assert left_in(tmp_path) == [b"a", b"b", b"c"]
    again.forget(2)
    await again.close()
    assert left_in(tmp_path) == [b"c"]
    assert files(tmp_path) == ["orders-000002.log"]


@given(data=st.data(), records=st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_a_crash_takes_what_it_cut_and_nothing_before(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, records: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    append(RecordLog(folder, "orders"), *records)
    (path,) = folder.iterdir()
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    garbage = data.draw(st.binary(max_size=20))
    path.write_bytes(content[:cut] + garbage)
    left = left_in(folder)
    whole, end = 0, 0
    for record in records:
        end += len(record) + 8
        whole += end <= cut
    assert left[:whole] == records[:whole]
    # More only where the garbage is what was cut.
    assert left == records[: len(left)]


async def test_a_full_disk_takes_nothing_that_was_there(log: RecordLog, tmp_path: Path) -> None:
    log.append(b"before")
    (path,) = tmp_path.iterdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (0, 5, 30):
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, limits[1]))
        try:
            with pytest.raises(OSError, match=r"large|full"):
                log.append(b"too long for the disk" * 10)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert left_in(tmp_path) == [b"before"]
    assert log.append(b"after") == 2
    assert left_in(tmp_path) == [b"before", b"after"]


async def test_it_is_on_the_disk_when_a_flush_says_so(
    log: RecordLog, tmp_path: Path, disk: Disk
) -> None:
    append(log, b"a", b"b")
    await log.flush()
    (path,) = tmp_path.iterdir()
    assert disk.lengths == [path.stat().st_size]
    assert log.unflushed == 0
    await log.flush()
    await log.flush(1)
    assert len(disk.lengths) == 1


async def test_nobody_who_appends_waits_for_the_disk(log: RecordLog, disk: Disk) -> None:
    first = log.append(b"a")
    disk.may_end.clear()
    log.begin_flush()
    assert await asyncio.to_thread(disk.at_work.wait, 10)
    log.append(b"b")
    waiting = asyncio.ensure_future(log.flush(first))
    await asyncio.sleep(0)
    assert not waiting.done()
    disk.may_end.set()
    await waiting
    assert log.unflushed == 1


async def test_all_who_come_during_a_flush_share_the_next(log: RecordLog, disk: Disk) -> None:
    log.append(b"first")
    disk.may_end.clear()
    turns = [asyncio.ensure_future(log.flush())]
    await asyncio.sleep(0)
    assert await asyncio.to_thread(disk.at_work.wait, 10)
    # What is appended now may be too late for the turn that has begun.
    for number in range(5):
        log.append(b"%d" % number)
        turns.append(asyncio.ensure_future(log.flush()))
    await asyncio.sleep(0)
    disk.may_end.set()
    await asyncio.gather(*turns)
    assert len(disk.lengths) == 2


async def test_after_a_disk_that_failed_nothing_is_taken_until_all_is_forgotten(
    log: RecordLog, tmp_path: Path, disk: Disk
) -> None:
    disk.error = OSError("I/O error")
    last = log.append(b"a")
    for _ in range(2):
        with pytest.raises(OSError, match="could not be brought"):
            await log.flush()
        disk.error = None
    with pytest.raises(OSError, match="could not be brought"):
        log.append(b"b")
    log.forget(last)
    log.append(b"c")
    await log.flush()
    await log.close()
    assert left_in(tmp_path) == [b"c"]


async def test_full_files_go_when_they_are_forgotten(
    log: RecordLog, tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_log, "_FULL", 20)
    append(log, b"a" * 20, b"b" * 20, b"c" * 20)
    await log.flush()
    assert len(disk.lengths) == 3
    log.forget(2)
    await asyncio.wrap_future(log._thread.submit(lambda: None))
    assert files(tmp_path) == ["orders-000003.log"]
    assert left_in(tmp_path) == [b"c" * 20]


async def test_a_file_is_begun_anew_once_it_is_large_and_forgotten(
    log: RecordLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_log, "_LITTLE", 30)
    log.forget(log.append(b"a" * 20))
    log.forget(log.append(b"b" * 20))
    log.append(b"c")
    await log.flush()
    assert left_in(tmp_path) == [b"c"]
    assert files(tmp_path) == ["orders-000002.log"]


async def test_nothing_is_left_when_all_was_forgotten(log: RecordLog, tmp_path: Path) -> None:
    log.forget(log.append(b"a"))
    await log.close()
    assert files(tmp_path) == []


async def test_what_was_not_forgotten_stays(log: RecordLog, tmp_path: Path) -> None:
    log.forget(log.append(b"a"))
    log.append(b"b")
    await log.close()
    assert left_in(tmp_path) == [b"a", b"b"]


async def test_more_files_than_have_six_digits_come_in_their_order(tmp_path: Path) -> None:
    for number in (999_999, 1_000_000):
        log = RecordLog(tmp_path, "orders")
        log._number = number - 1
        log.append(b"%d" % number)
    assert left_in(tmp_path) == [b"999999", b"1000000"]
