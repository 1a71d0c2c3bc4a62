"""Transactions: whole or not at all, one writer at a time, readers undisturbed."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.errors import StorageUnavailable
from openalgo.persistence.main.tables import settings
from openalgo.persistence.stores import Store, Stores, StoreUrls, storage_errors


async def put(tx: AsyncConnection, key: str, value: str = "") -> None:
    await tx.execute(insert(settings).values(key=key, value=value))


async def keys(store: Store) -> list[str]:
    async with store.read() as tx:
        return list((await tx.execute(select(settings.c.key).order_by("key"))).scalars())


async def test_a_unit_of_work_is_stored_at_its_end(stores: Stores) -> None:
    async with stores.main.write() as tx:
        await put(tx, "a")
        assert await keys(stores.main) == []
    assert await keys(stores.main) == ["a"]


async def test_a_unit_of_work_that_raises_leaves_nothing(stores: Stores) -> None:
    async def change_my_mind() -> None:
        async with stores.main.write() as tx:
            await put(tx, "a")
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_my_mind()
    assert await keys(stores.main) == []


async def test_a_cancelled_unit_of_work_leaves_nothing_and_blocks_nobody(stores: Stores) -> None:
    started = asyncio.Event()

    async def stuck() -> None:
        async with stores.main.write() as tx:
            await put(tx, "a")
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    async with stores.main.write() as tx:
        await put(tx, "b")
    assert await keys(stores.main) == ["b"]


async def test_concurrent_writers_lose_no_update(stores: Stores) -> None:
    async with stores.main.write() as tx:
        await put(tx, "counter")

    async def append(letter: str) -> None:
        async with stores.main.write() as tx:
            longer = settings.c.value + letter
            await tx.execute(update(settings).values(value=longer))

    await asyncio.gather(*(append(letter) for letter in "abcdefghijklmnop"))
    async with stores.main.read() as tx:
        value = (await tx.execute(select(settings.c.value))).scalar_one()
    assert sorted(value) == list("abcdefghijklmnop")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_sqlite_writers_take_turns_in_the_order_they_asked(stores: Stores) -> None:
    steps: list[str] = []

    async def write(name: str) -> None:
        async with stores.main.write() as tx:
            steps.append(f"{name} begins")
            await put(tx, name)
            steps.append(f"{name} ends")

    async with stores.main.write():
        tasks = [asyncio.create_task(write(name)) for name in "abc"]
        await asyncio.sleep(0)
        steps.append("first ends")
    await write("first again")
    await asyncio.gather(*tasks)
    assert steps == [
        "first ends",
        *("a begins", "a ends"),
        *("b begins", "b ends"),
        *("c begins", "c ends"),
        *("first again begins", "first again ends"),
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_sqlite_writer_may_read_first_and_still_write(stores: Stores) -> None:
    dedicated = stores.main.dedicated()
    async with stores.main.write() as tx:
        await tx.execute(select(settings))
        other = asyncio.create_task(dedicated.run(lambda c: put_blocking(c, "b")))
        done, _ = await asyncio.wait([other], timeout=0.2)
        assert not done
        await put(tx, "a")
    await other
    assert await keys(stores.main) == ["a", "b"]
    await dedicated.close()


async def test_a_reader_sees_one_snapshot(stores: Stores) -> None:
    count = select(func.count()).select_from(settings)
    async with stores.main.read() as reader:
        before = (await reader.execute(count)).scalar_one()
        async with stores.main.write() as tx:
            await put(tx, "a")
        assert (await reader.execute(count)).scalar_one() == before == 0
    assert await keys(stores.main) == ["a"]


async def test_a_reader_cannot_write(stores: Stores) -> None:
    with pytest.raises(DBAPIError):
        async with stores.main.read() as tx:
            await put(tx, "a")
    assert await keys(stores.main) == []


async def test_foreign_keys_hold(stores: Stores) -> None:
    orphan = text(
        "INSERT INTO accounts (user_id, name, broker, analyze_mode, created_at) "
        "VALUES (404, 'main', 'simulator', true, 0)"
    )
    with pytest.raises(IntegrityError):
        async with stores.main.write() as tx:
            await tx.execute(orphan)


async def test_stores_do_not_share_tables(stores: Stores) -> None:
    with pytest.raises(DBAPIError):
        await keys(stores.sandbox)


async def test_ping_answers_when_the_database_does(stores: Stores) -> None:
    for store in stores:
        await store.ping()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "synchronous"), [("main", 2), ("sandbox", 1), ("logs", 1), ("latency", 1)]
)
async def test_sqlite_is_as_durable_as_each_store_needs(
    store_urls: StoreUrls, name: str, synchronous: int
) -> None:
    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    store = Store(name, getattr(store_urls, name))
    dedicated = store.dedicated()
    async with store.write() as tx:
        written = await tx.run_sync(pragmas)
    try:
        assert written == await dedicated.run(pragmas) == ["wal", synchronous, 1, 5000]
    finally:
        await dedicated.close()
        await store.close()


# -- the dedicated connection --------------------------------------------------------------


def put_blocking(connection: Connection, key: str) -> None:
    connection.execute(insert(settings).values(key=key, value=""))


async def test_dedicated_work_is_stored_when_it_returns(stores: Stores) -> None:
    dedicated = stores.main.dedicated()
    await dedicated.run(lambda connection: put_blocking(connection, "a"))
    assert await keys(stores.main) == ["a"]
    await dedicated.close()


async def test_dedicated_work_that_raises_leaves_nothing(stores: Stores) -> None:
    def fail(connection: Connection) -> None:
        put_blocking(connection, "a")
        raise RuntimeError("changed my mind")

    dedicated = stores.main.dedicated()
    with pytest.raises(RuntimeError, match="changed my mind"):
        await dedicated.run(fail)
    await dedicated.run(lambda connection: put_blocking(connection, "b"))
    assert await keys(stores.main) == ["b"]
    await dedicated.close()


async def test_a_discarded_connection_is_replaced(stores: Stores) -> None:
    dedicated = stores.main.dedicated()
    await dedicated.discard()
    await dedicated.run(lambda connection: put_blocking(connection, "a"))
    await dedicated.discard()
    await dedicated.discard()
    await dedicated.run(lambda connection: put_blocking(connection, "b"))
    assert await keys(stores.main) == ["a", "b"]
    await dedicated.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_discarding_waits_for_work_whose_caller_gave_up(stores: Stores) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        put_blocking(connection, "a")
        begun.set()
        assert go_on.wait(10)

    dedicated = stores.main.dedicated()
    task = asyncio.create_task(dedicated.run(slow))
    assert await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.wait([task])
    discarding = asyncio.create_task(dedicated.discard())
    await asyncio.sleep(0)
    assert not discarding.done()
    go_on.set()
    await discarding
    assert await keys(stores.main) == ["a"]
    await dedicated.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_connection_lost_at_the_server_is_an_error_and_then_replaced(
    stores: Stores,
) -> None:
    def pid(connection: Connection) -> object:
        return connection.execute(text("SELECT pg_backend_pid()")).scalar()

    dedicated = stores.main.dedicated()
    lost = await dedicated.run(pid)
    async with stores.main.write() as tx:
        await tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost})
    with pytest.raises(DBAPIError):
        await dedicated.run(lambda connection: put_blocking(connection, "a"))
    await dedicated.discard()
    await dedicated.run(lambda connection: put_blocking(connection, "b"))
    assert await keys(stores.main) == ["b"]
    await dedicated.close()


# -- databases that cannot be used ---------------------------------------------------------


@pytest.fixture
async def broken(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A store whose database is damaged (SQLite) or not there (PostgreSQL)."""
    if database == "sqlite":
        file = tmp_path / "broken.db"
        file.write_bytes(b"this was a database once " * 1000)
        store = Store("main", f"sqlite:///{file}")
    else:
        store = Store("main", f"postgresql://postgres@/postgres?host={tmp_path}")
    yield store
    await store.close()


async def test_a_database_that_cannot_be_used_is_storage_unavailable(broken: Store) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be read or written"), storage_errors():
        await broken.ping()
    with pytest.raises(StorageUnavailable, match="my words"), storage_errors("my words"):
        async with broken.write() as tx:
            await put(tx, "a")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_full_disk_is_storage_unavailable_until_there_is_room(stores: Stores) -> None:
    async with stores.main.write() as tx:
        await tx.execute(text("PRAGMA max_page_count = 1"))
    with pytest.raises(StorageUnavailable), storage_errors():
        async with stores.main.write() as tx:
            await put(tx, "a", "x" * 100_000)
    async with stores.main.write() as tx:
        await tx.execute(text("PRAGMA max_page_count = 1000000"))
        await put(tx, "b", "x" * 100_000)
    assert await keys(stores.main) == ["b"]


async def test_a_broken_rule_is_not_a_broken_database(stores: Stores) -> None:
    async with stores.main.write() as tx:
        await put(tx, "a")
    with pytest.raises(IntegrityError), storage_errors():
        async with stores.main.write() as tx:
            await put(tx, "a")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://localhost/x", "mysql is not a supported database; use sqlite:///"),
        ("nonsense", "not a database URL; write sqlite:///"),
        ("sqlite://", "databases in memory are not supported"),
        ("sqlite:///:memory:", "databases in memory are not supported"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_a_remedy(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Store("main", url)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(ValueError, match="not a supported") as refusal:
        Store("main", "mysql://user:hunter2@localhost/x")
    assert "hunter2" not in str(refusal.value)
