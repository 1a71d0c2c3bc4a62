"""One process at a time owns an installation's data.

A lock on a file of the data directory keeps out a second process on this machine; an advisory
lock keeps out one elsewhere that uses the same PostgreSQL database. Both vanish with the process,
however it dies.
"""

import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from openalgo.persistence.engines import is_sqlite, parse_url
from openalgo.persistence.stores import StoreUrls

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FILE = "owner.lock"
_ADVISORY_KEY = 0x4F70656E416C676F  # "OpenAlgo"
_LOCKED_BYTE = 4096  # beyond the text: on Windows nobody else can read a locked byte


class AlreadyOwned(Exception):
    """Another process uses this data. The message names it and says what to do."""


class OwnerLock:
    """The lock on `<data_dir>/owner.lock`. The file holds the owner's process id."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._file: int | None = None

    def acquire(self) -> None:
        """Own the data directory, which is created if need be. Raises `AlreadyOwned`."""
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._data_dir / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(file)
        except OSError:
            os.lseek(file, 0, os.SEEK_SET)
            owner = os.read(file, 20).decode().strip() or "unknown"
            os.close(file)
            raise AlreadyOwned(
                f"Process {owner} already uses {self._data_dir.resolve()}. "
                "Stop it first, or choose another folder with --data-dir."
            ) from None
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Give it up. Harmless when not owned."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class DatabaseOwnerLock:
    """The advisory lock of one PostgreSQL database, held by a connection of its own."""

    def __init__(self, url: str) -> None:
        name = f"openalgo {os.getpid()} on {socket.gethostname()}"
        self._engine = create_async_engine(
            parse_url(url),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": {"application_name": name}},
        )
        self._connection: AsyncConnection | None = None

    async def acquire(self) -> None:
        """Own the database. Raises `AlreadyOwned`."""
        connection = await self._engine.connect()
        taken = await connection.scalar(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}
        )
        if not taken:
            owner = await connection.scalar(_WHO_OWNS, {"key": _ADVISORY_KEY})
            await connection.close()
            raise AlreadyOwned(
                f"Another server ({owner or 'unknown'}) already uses the database "
                f"{self._engine.url.database}. Stop it first, or choose another database."
            )
        self._connection = connection

    async def release(self) -> None:
        """Give it up. Harmless when not owned."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
        await self._engine.dispose()


@asynccontextmanager
async def owned(data_dir: Path, urls: StoreUrls) -> AsyncIterator[None]:
    """Own the data directory, and every PostgreSQL database in `urls`, within the block.

    Raises `AlreadyOwned`.
    """
    async with AsyncExitStack() as stack:
        directory = OwnerLock(data_dir)
        stack.callback(directory.release)
        directory.acquire()
        for url in sorted({urls.main, urls.sandbox, urls.logs, urls.latency}):
            if not is_sqlite(parse_url(url)):
                database = DatabaseOwnerLock(url)
                stack.push_async_callback(database.release)
                await database.acquire()
        yield


_WHO_OWNS = text(
    """
    SELECT session.application_name
    FROM pg_locks JOIN pg_stat_activity AS session USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = :key
    """
)


def _lock(file: int) -> None:
    """Raises `OSError` when somebody else holds it. Closing the file lets go of it."""
    if sys.platform == "win32":
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
