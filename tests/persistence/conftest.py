"""Every test that asks for stores runs twice: on SQLite files, and on a real PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from openalgo.persistence.migrate import migrate
from openalgo.persistence.stores import Stores, StoreUrls
from tests.support import postgres

T = TypeVar("T")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
async def store_urls(database: str, tmp_path: Path) -> AsyncIterator[StoreUrls]:
    """Four empty stores."""
    if database == "sqlite":
        yield StoreUrls.default(tmp_path)
        return
    async with postgres.database() as url:
        yield _in_one_database(url)


@pytest.fixture
async def migrated_urls(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[StoreUrls]:
    """Four migrated stores: copies of a template, so it takes milliseconds."""
    if database == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        folder = tmp_path / "stores"
        shutil.copytree(template, folder)
        yield StoreUrls.default(folder)
        return
    name: str = request.getfixturevalue("postgres_template")
    async with postgres.database(template=name) as url:
        yield _in_one_database(url)


@pytest.fixture
async def stores(migrated_urls: StoreUrls) -> AsyncIterator[Stores]:
    async with opened(migrated_urls) as stores:
        yield stores


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    _elsewhere(lambda: _migrate(StoreUrls.default(folder)))
    return folder


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The name of a migrated database."""

    async def make() -> str:
        url = await postgres.create_database()
        await _migrate(_in_one_database(url))
        return postgres.database_name(url)

    postgres.server_url()  # skips, if it has to, in this thread
    return _elsewhere(make)


@asynccontextmanager
async def opened(urls: StoreUrls) -> AsyncIterator[Stores]:
    stores = Stores.open(urls)
    try:
        yield stores
    finally:
        await stores.close()


async def _migrate(urls: StoreUrls) -> None:
    async with opened(urls) as stores:
        await migrate(stores)


def _in_one_database(url: str) -> StoreUrls:
    return StoreUrls(main=url, sandbox=url, logs=url, latency=url)


def _elsewhere(work: Callable[[], Coroutine[None, None, T]]) -> T:
    """Run `work` in a loop of its own: it may be asked for while the test's loop runs."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
