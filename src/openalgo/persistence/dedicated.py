"""A connection for one task alone, for transactions that must cost as little as possible.

Work is an ordinary function on a SQLAlchemy `Connection`, the same for both databases. On SQLite
it runs in a thread of its own, one hop for the whole transaction instead of two for each
statement; on PostgreSQL it runs in the event loop and awaits underneath.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


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

    async def discard(self) -> None:
        """Throw the connection away; the next `run` opens another. Waits for work under way."""
        ...

    async def close(self) -> None:
        """Discard for good."""
        ...


class SqliteDedicated:
    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{name}-writer")
        self._connection: Connection | None = None

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._transaction, work
        )

    async def discard(self) -> None:
        # The thread takes one thing at a time, so this happens after any commit still running.
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)

    async def close(self) -> None:
        await self.discard()
        self._thread.shutdown(wait=False)
        self._engine.dispose()

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        with self._connection.begin():
            return work(self._connection)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


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

    async def discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        await self.discard()
        await self._engine.dispose()
