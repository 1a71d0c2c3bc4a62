"""Schemas go up and down, and match the tables the code uses."""

import shutil
import subprocess
import sys
from pathlib import Path

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from openalgo.persistence import migrate as migrations
from openalgo.persistence.migrate import UnknownRevision, downgrade, migrate, revisions
from openalgo.persistence.schema import METADATA
from openalgo.persistence.stores import STORE_NAMES, Store, Stores, StoreUrls

ROOT = Path(__file__).parents[2]


async def tables(store: Store) -> set[str]:
    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with store.schema_change() as connection:
        return await connection.run_sync(names)


async def differences(store: Store) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, METADATA[store.name]))

    async with store.schema_change() as connection:
        return await connection.run_sync(compare)


async def test_the_migrated_schema_is_the_one_the_code_uses(store_urls: StoreUrls) -> None:
    stores = Stores.open(store_urls)
    await migrate(stores)
    for store in stores:
        assert await tables(store) == {*METADATA[store.name].tables, "alembic_version"}
        assert await differences(store) == []
    await stores.close()


async def test_every_store_goes_down_to_nothing_and_up_again(stores: Stores) -> None:
    for store in stores:
        await downgrade(store, "base")
        assert await tables(store) == {"alembic_version"}
    await migrate(stores)
    for store in stores:
        assert await differences(store) == []


async def test_the_engine_has_its_row_from_the_start(stores: Stores) -> None:
    async with stores.sandbox.read() as tx:
        rows = (await tx.execute(text("SELECT * FROM sandbox_engine"))).all()
    assert [tuple(row) for row in rows] == [(1, 0, 0, None, 0, 0, 0, None, 0)]


async def test_orders_that_wait_get_a_place_in_the_queue(stores: Stores) -> None:
    """Those made before there were places get one in the order they were made."""
    await downgrade(stores.sandbox, "0001")
    names = (
        "order_id, account_id, symbol, exchange, action, product, price_type, quantity, price, "
        "trigger_price, disclosed_quantity, status, filled_quantity, filled_value, reserved, "
        "reason, strategy, cause, created_at, updated_at"
    )
    rest = "1, 'SBIN', 'NSE', 'BUY', 'MIS', 'LIMIT', 1, 1, 0, 0, '{}', 0, '0', 0, '', '', '', 0, 0"
    rows = {"26071700000002": "open", "26071600000009": "open", "26071700000001": "complete"}
    async with stores.sandbox.write() as tx:
        for order_id, status in rows.items():
            values = f"'{order_id}', {rest.format(status)}"
            await tx.execute(text(f"INSERT INTO sandbox_orders ({names}) VALUES ({values})"))
    await migrate(stores)
    async with stores.sandbox.read() as tx:
        query = text("SELECT order_id, arrival FROM sandbox_orders ORDER BY arrival")
        places = [tuple(row) for row in await tx.execute(query)]
    assert places == [
        ("26071700000001", 0),
        ("26071600000009", 26071600000009),
        ("26071700000002", 26071700000002),
    ]


async def test_a_store_that_is_up_to_date_is_left_alone(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade(*_: object) -> None:
        pytest.fail("nothing to do")

    monkeypatch.setattr(alembic.command, "upgrade", upgrade)
    await migrate(stores)


async def test_a_store_from_the_future_is_refused(stores: Stores) -> None:
    async with stores.logs.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownRevision, match="logs database has revision 9999"):
        await migrate(stores)


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that main's next revision can be added to; its file."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.migrations_folder(), folder)
    monkeypatch.setattr(migrations, "migrations_folder", lambda: folder)
    return folder / "main" / "9998_next.py"


_LATEST = max((migrations.migrations_folder() / "main").glob("[0-9]*.py")).name[:4]
HEAD = f"""
from alembic import op
revision, down_revision = "9998", "{_LATEST}"
def upgrade() -> None:
"""
ONE_ACCOUNT = (
    "INSERT INTO accounts (id, user_id, name, broker, analyze_mode, order_mode, "
    "rehearse_approvals, created_at) VALUES (1, 1, 'a', 'b', true, 'auto', false, 0)"
)


async def test_a_migration_that_fails_changes_nothing(stores: Stores, next_revision: Path) -> None:
    next_revision.write_text(f"{HEAD}    op.execute('CREATE TABLE half (id INT)')\n    1 / 0\n")
    before = await tables(stores.main)
    with pytest.raises(ZeroDivisionError):
        await migrate(stores)
    assert await tables(stores.main) == before
    next_revision.unlink()
    await migrate(stores)


async def test_a_migration_that_orphans_rows_is_refused(
    stores: Stores, next_revision: Path
) -> None:
    async with stores.main.write() as tx:
        await tx.execute(text("INSERT INTO users VALUES (1, 'u', 'u', NULL, 'h', false, 0)"))
        await tx.execute(text(ONE_ACCOUNT))
    next_revision.write_text(f"{HEAD}    op.execute('DELETE FROM users')\n")
    with pytest.raises((RuntimeError, IntegrityError), match="accounts"):
        await migrate(stores)
    async with stores.main.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM users"))).scalar() == 1


async def test_a_table_others_refer_to_can_be_rebuilt(stores: Stores, next_revision: Path) -> None:
    async with stores.main.write() as tx:
        await tx.execute(text("INSERT INTO users VALUES (1, 'u', 'u', NULL, 'h', false, 0)"))
        await tx.execute(text(ONE_ACCOUNT))
    next_revision.write_text(
        f"import sqlalchemy as sa\n{HEAD}"
        "    with op.batch_alter_table('users') as users:\n"
        "        users.alter_column('email', existing_type=sa.Text(), new_column_name='mail')\n"
    )
    await migrate(stores)
    async with stores.main.read() as tx:
        rows = await tx.execute(text("SELECT mail, name FROM users JOIN accounts ON user_id = 1"))
        assert [tuple(row) for row in rows] == [(None, "a")]


async def test_one_key_that_had_to_ask_makes_its_account_ask(stores: Stores) -> None:
    await downgrade(stores.main, "0002")
    async with stores.main.write() as tx:
        await tx.execute(text("INSERT INTO users VALUES (1, 'u', 'u', NULL, 'h', false, 0)"))
        for account in (1, 2, 3):
            await tx.execute(
                text(f"INSERT INTO accounts VALUES ({account}, 1, 'a{account}', 'b', true, 0)")
            )
        for key, account, mode, revoked in (
            (1, 1, "auto", "NULL"),
            (2, 1, "semi_auto", "NULL"),
            (3, 2, "auto", "NULL"),
            (4, 3, "semi_auto", "7"),
        ):
            await tx.execute(
                text(
                    "INSERT INTO api_keys (id, user_id, account_id, name, digest, ciphertext, "
                    "scopes, order_mode, created_at, revoked_at) VALUES "
                    f"({key}, 1, {account}, 'k', 'd{key}', 'c', 'read', '{mode}', 0, {revoked})"
                )
            )
    await migrate(stores)
    async with stores.main.read() as tx:
        modes = await tx.execute(text("SELECT order_mode FROM accounts ORDER BY id"))
        assert list(modes.scalars()) == ["semi_auto", "auto", "auto"]
        default = await tx.execute(text("SELECT id FROM api_keys WHERE is_default"))
        assert list(default.scalars()) == [1]
    await downgrade(stores.main, "0002")
    async with stores.main.read() as tx:
        modes = await tx.execute(text("SELECT order_mode FROM api_keys ORDER BY id"))
        assert list(modes.scalars()) == ["semi_auto", "semi_auto", "auto", "auto"]


@pytest.mark.parametrize("name", STORE_NAMES)
def test_file_names_tell_the_newest_revision(name: str) -> None:
    config = Config()
    folder = migrations.migrations_folder()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", str(folder))
    config.set_main_option("version_locations", str(folder / name))
    walk = ScriptDirectory.from_config(config).walk_revisions()
    assert list(revisions(name)) == [script.revision for script in walk][::-1]


async def test_the_alembic_command_moves_one_store(store_urls: StoreUrls) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "alembic", "-n", "sandbox"]
        url = ["-x", f"url={store_urls.sandbox}"]
        done = subprocess.run(
            [*command, *url, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("upgrade", "head")
    assert "0003 (head)" in run("current")
    run("check")
    run("downgrade", "base")
    assert "0002" not in run("current")
