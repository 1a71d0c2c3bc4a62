"""Bringing SQLite's write-ahead log to the disk, for all who wait for it at once."""

import asyncio
import logging
import os
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

logger = logging.getLogger(__name__)

_sync = getattr(os, "fdatasync", os.fsync)  # the same, less what only `stat` would show


class LogFlusher:
    """Does what `synchronous = FULL` does at the end of a commit, after it and beside it: nobody
    who wants to write waits for the disk, and everything committed while it works shares the next
    turn. Belongs to the event loop that runs when the first commit is noted.

    SQLite holds no lock on the log itself, so a file descriptor of our own takes none from it.
    """

    def __init__(self, database: Path, name: str) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-flush")
        self._number: int | None = None
        self._lock = threading.Lock()
        self._commits = self._asked = self._done = 0
        self._at_work = False
        # Of the event loop alone: up to which commit, and who waits for which.
        self._flushed = 0
        self._failed = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def committed(self, loop: asyncio.AbstractEventLoop, *, flush: bool) -> None:
        """There is a commit more; with `flush` it is brought to the disk at once. For the thread
        that commits: until the event loop hears of it, the disk is long at work."""
        with self._lock:
            self._commits += 1
        if flush:
            self._ask(loop, self._commits)

    async def flush(self) -> None:
        """What is committed when this is called survives a power cut when it returns. Raises
        `OSError`; then nothing is sure."""
        wanted = self._commits
        if wanted <= self._failed:
            raise _failure()
        if wanted <= self._flushed:
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append((wanted, turn))
        self._ask(loop, wanted)
        await turn

    async def forget(self) -> None:
        """Let go of the log: when its last connection goes, so does the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._release)

    async def close(self) -> None:
        await self.forget()
        self._thread.shutdown(wait=False)

    def _ask(self, loop: asyncio.AbstractEventLoop, commit: int) -> None:
        with self._lock:
            self._asked = max(self._asked, commit)
            # What is done already, the event loop is about to hear of.
            if self._at_work or commit <= self._done:
                return
            self._at_work = True
        self._thread.submit(self._work, loop)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Flush until nothing more was asked for meanwhile."""
        done = -1
        while True:
            with self._lock:
                if self._asked <= done:
                    self._at_work, self._done = False, done
                    return
                done = self._commits
            try:
                self._to_disk()
            except OSError:
                logger.exception("the write-ahead log cannot be brought to the disk")
                loop.call_soon_threadsafe(self._ended, done, True)
            else:
                loop.call_soon_threadsafe(self._ended, done, False)

    def _ended(self, commit: int, failed: bool) -> None:
        """Everything up to `commit` is on the disk; or nobody knows, and asking again would not
        tell: the system forgets what it could not write."""
        if failed:
            self._failed = commit
        else:
            self._flushed = commit
        while self._waiting and self._waiting[0][0] <= commit:
            _, turn = self._waiting.popleft()
            if turn.done():
                continue
            if failed:
                turn.set_exception(_failure())
            else:
                turn.set_result(None)

    def _to_disk(self) -> None:
        if self._number is None:
            self._number = os.open(self._log, os.O_RDWR)
        _sync(self._number)

    def _release(self) -> None:
        number, self._number = self._number, None
        if number is not None:
            os.close(number)


def _failure() -> OSError:
    return OSError("The write-ahead log could not be brought to the disk")
