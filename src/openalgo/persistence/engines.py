"""Database URLs, and SQLAlchemy engines with the settings our stores rely on."""

from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

PATIENCE_MS = 5000
"""How long a statement waits for somebody else's lock."""

_ABANDONED_MS = 15_000
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...

    def close(self) -> None: ...


class _DriverConnection(Protocol):
    def cursor(self) -> _Cursor: ...


def parse_url(text: str) -> URL:
    """`text` as the URL of an asyncio driver. Raises `ValueError` with a remedy."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError(
            "This is not a database URL; write sqlite:///path/to/file.db or "
            "postgresql://user:password@host/database"
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ValueError(
            f"{url.drivername} is not a supported database; use sqlite:/// or postgresql://"
        )
    url = url.set(drivername=driver)
    if is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise ValueError("A store needs an SQLite file; databases in memory are not supported")
    return url


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def make_parent(url: URL) -> None:
    """Create the folder of an SQLite file, readable by its owner only."""
    if is_sqlite(url) and url.database:
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def sqlite_writer(url: URL, synchronous: str, *, foreign_keys: bool = True) -> AsyncEngine:
    """One connection, whose transactions hold the write lock from their first moment on, so none
    fails halfway because it read before it wrote."""
    engine = _sqlite_pool(url, 1)
    _configure(engine.sync_engine, "BEGIN IMMEDIATE", _pragmas(synchronous, foreign_keys))
    return engine


def sqlite_readers(url: URL, pool_size: int) -> AsyncEngine:
    """Connections that cannot write; each transaction sees one snapshot."""
    engine = _sqlite_pool(url, pool_size)
    _configure(engine.sync_engine, "BEGIN", [*_pragmas("NORMAL"), "query_only = ON"])
    return engine


def sqlite_blocking(url: URL, synchronous: str) -> Engine:
    """The same as `sqlite_writer` for code that runs in a thread of its own."""
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=NullPool,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )
    _configure(engine, "BEGIN IMMEDIATE", _pragmas(synchronous))
    return engine


def postgres_pool(url: URL, schema: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=_server_settings(schema),
    )


def postgres_single(url: URL, schema: str) -> AsyncEngine:
    """Opens a connection when asked for one and closes it afterwards."""
    return create_async_engine(url, poolclass=NullPool, connect_args=_server_settings(schema))


def _sqlite_pool(url: URL, size: int) -> AsyncEngine:
    return create_async_engine(
        url, pool_size=size, max_overflow=0, connect_args={"isolation_level": None}
    )


def _pragmas(synchronous: str, foreign_keys: bool = True) -> list[str]:
    return [
        f"busy_timeout = {PATIENCE_MS}",  # first: the others may already have to wait
        "journal_mode = WAL",
        f"synchronous = {synchronous}",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
    ]


def _configure(engine: Engine, begin: str, pragmas: list[str]) -> None:
    def connected(driver: _DriverConnection, _: object) -> None:
        cursor = driver.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _server_settings(schema: str) -> dict[str, dict[str, str]]:
    return {
        "server_settings": {
            "search_path": schema,
            "lock_timeout": str(PATIENCE_MS),
            # A connection lost in the middle of a transaction must not keep its locks for hours.
            "idle_in_transaction_session_timeout": str(_ABANDONED_MS),
            "application_name": f"openalgo {schema}",
        }
    }
