"""Bringing stores to the schema this version needs.

Revisions are files `migrations/<store>/<revision>_<what>.py`, numbered 0001, 0002, ... within a
store, so a store that is up to date is recognised without loading Alembic.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from openalgo.persistence.stores import Store, Stores

_PACKAGE = Path(__file__).resolve().parents[1]


class UnknownRevision(Exception):
    """A store was written by a newer version. The message says which and what to do."""


async def migrate(stores: Stores) -> None:
    """Upgrade every store to the newest revision. Call it under the owner lock.

    Each store changes in one transaction, or not at all. Raises `UnknownRevision`.
    """
    for store in stores:
        current = await stored_revision(store)
        known = revisions(store.name)
        if current == known[-1]:
            continue
        if current is not None and current not in known:
            raise UnknownRevision(
                f"The {store.name} database has revision {current}, but this version of OpenAlgo "
                f"knows only {known[-1]}. Install the newer version again, or restore a backup."
            )
        await _move(store, "upgrade", "head")


async def stored_revision(store: Store) -> str | None:
    """The schema revision of a store, `None` for an empty database."""

    def read(connection: Connection) -> str | None:
        if not inspect(connection).has_table("alembic_version"):
            return None
        stored: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return stored

    async with store.read() as connection:
        return await connection.run_sync(read)


async def downgrade(store: Store, revision: str) -> None:
    """Take `store` back to `revision`, or to nothing with `base`."""
    await _move(store, "downgrade", revision)


def migrations_folder() -> Path:
    """Inside the package when installed from a wheel, else at the root of the repository."""
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "migrations"


def revisions(store: str) -> tuple[str, ...]:
    """All revisions of a store, oldest first."""
    files = (migrations_folder() / store).glob("[0-9]*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


async def _move(store: Store, direction: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(ini_section=store.name)
    folder = migrations_folder()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", _escaped(folder))
    config.set_main_option("version_locations", _escaped(folder / store.name))

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        step = command.upgrade if direction == "upgrade" else command.downgrade
        step(config, revision)

    async with store.schema_change() as connection:
        await connection.run_sync(run)


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
