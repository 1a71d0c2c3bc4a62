"""A connection for one task alone, for transactions that must cost as little as possible.

Work is an ordinary function on a SQLAlchemy `Connection`, the same for both databases. On SQLite
it runs in a thread of its own, one hop for the whole transaction instead of two for each
statement; on PostgreSQL it runs in the event loop and awaits underneath.
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")

logger = logging.getLogger(__name__)

_COMMITS_A_CHECKPOINT = 256
_PATIENCE = 16
"""So many times that may be committed while the log is being moved."""

Statement = tuple[str, tuple[object, ...]]
"""SQL in the driver's own style, and its values."""


class Dedicated(Protocol):
    """One caller at a time. The connection is opened by the first `run` that needs it."""

    @property
    def dialect(self) -> Dialect: ...

    async def run(self, work: Callable[[Connection], T]) -> T:
        """`work` in one transaction: committed when it returns, rolled back when it raises.

        An error while committing, or a cancellation, leaves the outcome unknown: `discard`, and
        look.
        """
        ...

    async def write(self, guard: Statement, statements: Sequence[Statement]) -> bool:
        """All statements in one transaction, or, when `guard` changes no row, none: then False.
        What is said of errors in `run` holds here too."""
        ...

    async def discard(self) -> None:
        """Throw the connection away; the next `run` opens another. Waits for work under way."""
        ...

    async def close(self) -> None:
        """Discard for good."""
        ...


class SqliteDedicated:
    """Moves the write-ahead log into the database from a thread and a connection of its own: left
    to SQLite that happens inside every so many-th commit, which then takes ten times as long."""

    def __init__(self, engine: Engine, name: str, turn: "threading.Lock | None" = None) -> None:
        """Connections of one process to one file share their `turn`: SQLite would have them look
        every so often whether the other is done."""
        self._engine = engine
        self._turn = turn or threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-writer")
        self._mover = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-checkpoint")
        self._moving: Future[None] | None = None
        self._commits = 0
        self._connection: Connection | None = None

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._transaction, work
        )

    async def write(self, guard: Statement, statements: Sequence[Statement]) -> bool:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._write, guard, statements
        )

    async def discard(self) -> None:
        # The thread takes one thing at a time, so this happens after any commit still running.
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)

    async def close(self) -> None:
        await self.discard()
        await asyncio.to_thread(self._mover.shutdown)
        self._thread.shutdown(wait=False)
        self._engine.dispose()

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
            self._driver(self._connection).execute("PRAGMA wal_autocheckpoint = 0")
        return self._connection

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        connection = self._open()
        with self._turn, connection.begin():
            return work(connection)

    def _write(self, guard: Statement, statements: Sequence[Statement]) -> bool:
        # Straight to the driver: under load every line of Python here is fought for with the
        # event loop, and SQLAlchemy has many.
        driver = self._driver(self._open())
        with self._turn:
            allowed = _carry_out(driver, guard, statements)
        self._shorten_log(driver)
        return allowed

    def _shorten_log(self, driver: sqlite3.Connection) -> None:
        """Have the log moved every so often. What was committed meanwhile is moved here, as it is
        little: SQLite begins the log anew only when nothing is left in it. A disk too slow to keep
        up is waited for, so that the log never grows beyond a bound."""
        self._commits += 1
        if self._moving is None:
            if self._commits >= _COMMITS_A_CHECKPOINT:
                self._moving = self._mover.submit(self._checkpoint)
        elif self._moving.done() or self._commits >= _COMMITS_A_CHECKPOINT * _PATIENCE:
            wait([self._moving])
            _move_log(driver)
            self._moving, self._commits = None, 0

    def _checkpoint(self) -> None:
        try:
            with closing(self._engine.raw_connection()) as connection:
                _move_log(self._driver(connection))
        except SQLAlchemyError:
            logger.warning("the write-ahead log could not be moved; it grows", exc_info=True)

    @staticmethod
    def _driver(connection: Connection | PoolProxiedConnection) -> sqlite3.Connection:
        pooled = connection.connection if isinstance(connection, Connection) else connection
        return cast(sqlite3.Connection, pooled.driver_connection)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _carry_out(
    driver: sqlite3.Connection, guard: Statement, statements: Sequence[Statement]
) -> bool:
    driver.execute("BEGIN IMMEDIATE")
    try:
        allowed = driver.execute(*guard).rowcount == 1
        if allowed:
            for sql, values in statements:
                driver.execute(sql, values)
        driver.execute("COMMIT")
    except BaseException:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        raise
    return allowed


def _move_log(driver: sqlite3.Connection) -> None:
    """Move what no reader needs into the database, and wait for nobody."""
    try:
        driver.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error:
        logger.warning("the write-ahead log could not be moved; it grows", exc_info=True)


class PostgresDedicated:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    async def run(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = await self._engine.connect()
        async with self._connection.begin():
            return await self._connection.run_sync(work)

    async def write(self, guard: Statement, statements: Sequence[Statement]) -> bool:
        if self._connection is None:
            self._connection = await self._engine.connect()
        async with self._connection.begin():
            allowed = (await self._connection.exec_driver_sql(*guard)).rowcount == 1
            if allowed:
                for sql, values in statements:
                    await self._connection.exec_driver_sql(sql, values)
        return allowed

    async def discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        await self.discard()
        await self._engine.dispose()
