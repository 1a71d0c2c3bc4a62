"""An append-only file of records, for what must be safe before it is in a database."""

import asyncio
import logging
import os
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zlib import crc32

logger = logging.getLogger(__name__)

_HEAD = struct.Struct("<II")
"""Before each record: its length and its checksum."""
_FULL = 4 * 1024 * 1024
"""Bytes after which another file is begun."""
_LITTLE = 256 * 1024
"""Bytes that may stay though nobody needs them: begun files cost more."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_sync_file: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class RecordLog:
    """Records in files `<name>-<number>.log` of a folder, numbered from 1 as they are appended.

    A record survives the death of the process as soon as it is appended, which takes microseconds,
    in the event loop. It survives a power cut once it is flushed, which takes as long as the disk
    does, in a thread, for all who wait at once. One process owns the files. Errors of the disk are
    `OSError`s.
    """

    def __init__(self, folder: Path, name: str, sync: Callable[[int], None] = _sync_file) -> None:
        """Touches nothing yet. `sync` brings an open file of the system's number to the disk."""
        self._folder = folder
        self._name = name
        self._sync = sync
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-flush")
        self._files: deque[_File] = deque()
        self._open: _OpenFile | None = None
        self._number = 0
        self._appended = self._flushed = self._wanted = self._forgotten = 0
        self._is_flushing = False
        self._is_damaged = False
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def load(self) -> list[bytes]:
        """What an earlier process left, oldest first. Before anything is appended."""
        records: list[bytes] = []
        for path in sorted(self._folder.glob(f"{self._name}-*.log"), key=_number):
            records.extend(_records(path))
            self._files.append(_File(path, len(records)))
            self._number = _number(path)
        self._appended = self._flushed = len(records)
        return records

    @property
    def appended(self) -> int:
        """The number of the last record."""
        return self._appended

    @property
    def unflushed(self) -> int:
        """How many records a power cut might take."""
        return self._appended - self._flushed

    def append(self, record: bytes) -> int:
        """Write `record` and return its number. After an error it is not there, though the next
        one may be refused as well: a log that could not be flushed takes nothing until everything
        in it is forgotten."""
        if self._is_damaged:
            raise _unflushed()
        file = self._open
        if file is None or file.length >= _FULL:
            file = self._begin()
        file.append(_HEAD.pack(len(record), crc32(record)) + record)
        self._appended += 1
        file.last = self._appended
        return self._appended

    def begin_flush(self) -> None:
        """Set the disk to work on what is appended, and wait for nothing."""
        self._want(self._appended)

    async def flush(self, number: int | None = None) -> None:
        """Return when the record of this `number` survives a power cut, or all there are."""
        wanted = self._appended if number is None else number
        if wanted <= self._flushed:
            return
        if self._is_damaged:
            raise _unflushed()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, turn))
        self._want(wanted)
        await turn

    def forget(self, number: int) -> None:
        """Nobody needs the records up to this one any more. Files of such records alone go."""
        self._forgotten = number
        if number >= self._appended:
            file = self._open
            if file is not None and (self._is_damaged or file.length > _LITTLE):
                self._retire(file)
            self._flushed, self._is_damaged = self._appended, False
        while self._files and self._files[0].last <= number:
            self._thread.submit(self._files.popleft().remove)

    async def close(self) -> None:
        """Let go of the files; of those whose records are all forgotten, nothing is left."""
        if self._open is not None:
            self._retire(self._open)
            self.forget(self._forgotten)
        await asyncio.to_thread(self._thread.shutdown)
        while self._files:
            self._files.popleft().close()

    def _begin(self) -> "_OpenFile":
        path = self._folder / f"{self._name}-{self._number + 1:06}.log"
        file = _OpenFile.create(path)
        if self._open is not None:
            self._retire(self._open)
        self._number += 1
        self._open = file
        return file

    def _retire(self, file: "_OpenFile") -> None:
        self._files.append(file)
        self._open = None

    def _want(self, number: int) -> None:
        self._wanted = max(self._wanted, number)
        if self._wanted > self._flushed and not self._is_flushing and not self._is_damaged:
            self._flush()

    def _flush(self) -> None:
        self._is_flushing = True
        upto = self._appended
        files = [each for each in (*self._files, self._open) if each and each.last > self._flushed]
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._to_disk, files)
        done.add_done_callback(partial(self._ended, upto))

    def _ended(self, upto: int, done: "asyncio.Future[None]") -> None:
        self._is_flushing = False
        if (error := done.exception()) is not None:
            # Asking again would tell nothing: the system forgets what it could not write.
            logger.error("a log cannot be brought to the disk", exc_info=error)
            self._is_damaged = True
            self._tell(self._appended, failed=True)
            return
        self._flushed = max(self._flushed, upto)
        self._tell(upto, failed=False)
        self._want(0)

    def _to_disk(self, files: Sequence["_File"]) -> None:
        for file in files:
            file.bring_to_disk(self._sync)

    def _tell(self, upto: int, *, failed: bool) -> None:
        waiting, self._waiting = self._waiting, []
        for number, turn in waiting:
            if turn.done():
                continue
            if number > upto:
                self._waiting.append((number, turn))
            elif failed:
                turn.set_exception(_unflushed())
            else:
                turn.set_result(None)


@dataclass(slots=True, eq=False)
class _File:
    """A file, and the number of its last record."""

    path: Path
    last: int

    def bring_to_disk(self, sync: Callable[[int], None]) -> None:
        """What an earlier process left is taken as it is."""

    def close(self) -> None:
        """Nothing is open."""

    def remove(self) -> None:
        self.close()
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            logger.warning("%s is not needed any more and cannot be removed", self.path)


@dataclass(slots=True, eq=False)
class _OpenFile(_File):
    number: int
    length: int = 0
    is_listed: bool = False

    @classmethod
    def create(cls, path: Path) -> "_OpenFile":
        return cls(path, 0, os.open(path, _NEW, 0o600))

    def append(self, data: bytes) -> None:
        try:
            if os.write(self.number, data) != len(data):
                raise OSError("The disk is full")
        except OSError:
            # What came of it is overwritten by the next, and no record until then.
            os.lseek(self.number, self.length, os.SEEK_SET)
            raise
        self.length += len(data)

    def bring_to_disk(self, sync: Callable[[int], None]) -> None:
        sync(self.number)
        if not self.is_listed:
            _sync_folder(self.path.parent)
            self.is_listed = True

    def close(self) -> None:
        os.close(self.number)


def _number(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _sync_folder(folder: Path) -> None:
    """Have the disk know of new files in it; where folders cannot be opened, it does by itself."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _records(path: Path) -> Iterator[bytes]:
    """The whole records of a file: what a crash left half-written is its end."""
    content = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, at)
        record = content[at + _HEAD.size : at + _HEAD.size + length]
        if len(record) < length or crc32(record) != checksum:
            logger.warning("%s: what follows byte %d was not written to its end", path, at)
            return
        yield record
        at += _HEAD.size + length


def _unflushed() -> OSError:
    return OSError("The log could not be brought to the disk")
