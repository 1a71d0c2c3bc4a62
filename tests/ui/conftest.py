from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from tests.ui.site import Site


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty main store in an SQLite file."""
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()


@pytest.fixture
def empty(main: Store) -> Site:
    """An installation nobody has set up."""
    return Site(main)


@pytest.fixture
async def site(empty: Site) -> Site:
    """An installation with one user."""
    await empty.make_user()
    return empty


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser whose user has logged in."""
    async with site.visit() as browser:
        yield browser
