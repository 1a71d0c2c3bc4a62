"""The stores and their units of work.

A store is an SQLite file (one writer behind a queue, a few readers) or a schema of a PostgreSQL
database. No operation needs two stores to commit together.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateSchema

from openalgo.domain.errors import StorageUnavailable
from openalgo.persistence.dedicated import (
    Dedicated,
    PostgresDedicated,
    SqliteDedicated,
)
from openalgo.persistence.engines import (
    is_sqlite,
    make_parent,
    parse_url,
    postgres_pool,
    postgres_single,
    sqlite_blocking,
    sqlite_readers,
    sqlite_writer,
)

STORE_NAMES = ("main", "sandbox", "logs", "latency")

_READERS = 4
_POSTGRES_POOL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUrls:
    """Where each store lives: `sqlite:///path` or `postgresql://...`."""

    main: str
    sandbox: str
    logs: str
    latency: str

    @classmethod
    def default(cls, data_dir: Path) -> Self:
        """SQLite files in `data_dir`, where the configuration puts them too."""
        return cls(
            main=f"sqlite:///{data_dir / 'openalgo.db'}",
            sandbox=f"sqlite:///{data_dir / 'sandbox.db'}",
            logs=f"sqlite:///{data_dir / 'logs.db'}",
            latency=f"sqlite:///{data_dir / 'latency.db'}",
        )


class Store:
    """One database. `name` is also its schema on PostgreSQL.

    What is written to main survives a power cut (`synchronous = FULL`). What the others hold
    survives the death of the process, and a power cut up to the last moments (`NORMAL`).
    """

    def __init__(self, name: str, url: str) -> None:
        """Connects to nothing yet. Raises `ValueError` for a URL that cannot be used."""
        self.name = name
        self._url = parse_url(url)
        self._synchronous = "FULL" if name == "main" else "NORMAL"
        self._turn: AbstractAsyncContextManager[None]
        if is_sqlite(self._url):
            make_parent(self._url)
            self._writers = sqlite_writer(self._url, self._synchronous)
            self._readers = sqlite_readers(self._url, _READERS)
            self._turn = asyncio.Lock()
            self._dedicated_turn = threading.Lock()
        else:
            self._writers = postgres_pool(self._url, name, _POSTGRES_POOL)
            self._readers = self._writers.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._turn = nullcontext()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that may write: committed at the end of the block, rolled back when it
        raises. On SQLite writers take turns in the order they asked."""
        async with self._turn, self._writers.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that cannot write and sees one snapshot of what is committed."""
        async with self._readers.begin() as connection:
            yield connection

    def dedicated(self) -> Dedicated:
        """A connection for one task alone, closed by whoever asked for it."""
        if is_sqlite(self._url):
            engine = sqlite_blocking(self._url, self._synchronous)
            return SqliteDedicated(engine, self.name, self._dedicated_turn)
        return PostgresDedicated(postgres_single(self._url, self.name))

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[AsyncConnection]:
        """One transaction for migrations. SQLite rebuilds tables to change them, so there foreign
        keys are off meanwhile, and checked before the commit."""
        if is_sqlite(self._url):
            engine = sqlite_writer(self._url, self._synchronous, foreign_keys=False)
        else:
            await self._create_schema()
            engine = postgres_single(self._url, self.name)
        try:
            async with self._turn, engine.begin() as connection:
                yield connection
                if is_sqlite(self._url):
                    await _check_foreign_keys(connection)
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Raises when the database cannot be reached."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._writers.dispose()
        await self._readers.dispose()

    async def _create_schema(self) -> None:
        # An engine learns the default schema when it first connects; this one will know none.
        engine = postgres_single(self._url, self.name)
        try:
            async with engine.begin() as connection:
                await connection.execute(CreateSchema(self.name, if_not_exists=True))
        finally:
            await engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """All stores of one installation."""

    main: Store
    sandbox: Store
    logs: Store
    latency: Store

    @classmethod
    def open(cls, urls: StoreUrls) -> Self:
        """Raises `ValueError` for a URL that cannot be used; connects to nothing yet."""
        return cls(
            main=Store("main", urls.main),
            sandbox=Store("sandbox", urls.sandbox),
            logs=Store("logs", urls.logs),
            latency=Store("latency", urls.latency),
        )

    def __iter__(self) -> Iterator[Store]:
        return iter((self.main, self.sandbox, self.logs, self.latency))

    async def close(self) -> None:
        for store in self:
            await store.close()


@contextmanager
def storage_errors(
    message: str = "The database cannot be read or written. Check disk space and try again.",
) -> Iterator[None]:
    """Answer a full, locked, damaged or unreachable database with `StorageUnavailable(message)`.

    What the statement itself got wrong (constraints, values, syntax) passes through.
    """
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError):
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        raise StorageUnavailable(message) from error


async def _check_foreign_keys(connection: AsyncConnection) -> None:
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        raise RuntimeError(f"Rows without their parent after a schema change, in: {tables}")
