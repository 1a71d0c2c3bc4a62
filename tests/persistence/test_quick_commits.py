"""Statements committed at once, on both databases."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Dialect, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from openalgo.persistence.dedicated import Statement
from openalgo.persistence.main.tables import settings
from openalgo.persistence.stores import Store, Stores


def adding(*keys: str) -> Callable[[Dialect], Sequence[Statement]]:
    def make(dialect: Dialect) -> Sequence[Statement]:
        marks = "$1, $2" if dialect.name == "postgresql" else "?, ?"
        return [(f"INSERT INTO settings (key, value) VALUES ({marks})", (key, "v")) for key in keys]

    return make


async def stored(main: Store) -> int:
    async with main.read() as tx:
        return (await tx.execute(select(func.count()).select_from(settings))).scalar_one()


async def test_statements_are_stored_together_or_not_at_all(stores: Stores) -> None:
    before = await stored(stores.main)
    await stores.main.commit(adding("a", "b"))
    assert await stored(stores.main) == before + 2
    with pytest.raises(IntegrityError):
        await stores.main.commit(adding("c", "a"))
    assert await stored(stores.main) == before + 2
    await stores.main.commit(adding("c"))
    assert await stored(stores.main) == before + 3


async def test_after_any_other_error_the_next_commit_works(stores: Stores) -> None:
    with pytest.raises(DBAPIError) as caught:
        await stores.main.commit(lambda _: [("INSERT INTO nowhere VALUES (1)", ())])
    assert not isinstance(caught.value, IntegrityError)
    before = await stored(stores.main)
    await stores.main.commit(adding("a"))
    assert await stored(stores.main) == before + 1


async def test_it_goes_with_other_writers(stores: Stores) -> None:
    before = await stored(stores.main)
    async with stores.main.write() as tx:
        await tx.execute(settings.insert().values(key="a", value="v"))
    await stores.main.commit(adding("b"))
    async with stores.main.write() as tx:
        await tx.execute(settings.insert().values(key="c", value="v"))
    assert await stored(stores.main) == before + 3
