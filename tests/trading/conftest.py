from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from tests.support.approvals import Center, add_accounts


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[Store]:
    """A main store in an SQLite file, with the accounts of Asha and Ravi."""
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    await add_accounts(store)
    yield store
    await store.close()


@pytest.fixture
def center(main: Store) -> Center:
    """At a live venue."""
    return Center(main)
