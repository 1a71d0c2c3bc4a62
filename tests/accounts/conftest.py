from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from tests.accounts.live import Installation


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty main store in an SQLite file."""
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()


@pytest.fixture
async def live(main: Store) -> Installation:
    """An installation without accounts."""
    installation = Installation(main)
    await installation.load()
    return installation
