"""Bringing SQLite's write-ahead log to the disk, for all who wait for it at once."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

_sync = getattr(os, "fdatasync", os.fsync)  # the same, less what only `stat` would show


class LogFlusher:
    """Does what `synchronous = FULL` does at the end of a commit, after it and beside it: nobody
    who wants to write waits for the disk, and everything committed while it works shares the next
    turn. Belongs to one event loop.

    SQLite holds no lock on the log itself, so a file descriptor of our own takes none from it.
    """

    def __init__(self, database: Path, name: str) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-flush")
        self._number: int | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = False

    async def flush(self) -> None:
        """What is committed when this is called survives a power cut when it returns. Raises
        `OSError`; then nothing is sure. There must be a connection that has written."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if not self._busy:
            self._begin()
        await turn

    async def forget(self) -> None:
        """Let go of the log: when its last connection goes, so does the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._release)

    async def close(self) -> None:
        await self.forget()
        self._thread.shutdown(wait=False)

    def _begin(self) -> None:
        turns, self._waiting = self._waiting, []
        self._busy = True
        loop = asyncio.get_running_loop()

        def flushed(done: Future[None]) -> None:
            loop.call_soon_threadsafe(self._end, turns, done.exception())

        self._thread.submit(self._to_disk).add_done_callback(flushed)

    def _end(self, turns: Sequence[asyncio.Future[None]], error: BaseException | None) -> None:
        self._busy = False
        if self._waiting:
            self._begin()
        for turn in turns:
            if turn.done():
                continue
            if error is None:
                turn.set_result(None)
            else:
                turn.set_exception(error)

    def _to_disk(self) -> None:
        if self._number is None:
            self._number = os.open(self._log, os.O_RDWR)
        _sync(self._number)

    def _release(self) -> None:
        number, self._number = self._number, None
        if number is not None:
            os.close(number)
