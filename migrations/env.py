"""Runs migrations: on the connection the server passes, or from the `alembic` command."""

import asyncio
import logging
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from openalgo.persistence.schema import METADATA
from openalgo.persistence.stores import STORE_NAMES, Store


def plain_types(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are in the database: migrations outlive the code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA[context.config.config_ini_section],
        render_as_batch=True,
        render_item=plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()


def configured_url(name: str) -> str:
    """The database the server would use."""
    from openalgo.config import load_settings

    settings = load_settings()
    return {
        "main": settings.database_url,
        "sandbox": settings.sandbox_database_url,
        "logs": settings.logs_database_url,
        "latency": settings.latency_database_url,
    }[name].get_secret_value()


async def run_from_command_line() -> None:
    name = context.config.config_ini_section
    if name not in STORE_NAMES:
        raise CommandError(f"Name a store: alembic -n {'|'.join(STORE_NAMES)} ...")
    if context.is_offline_mode():
        raise CommandError("Migrations run on a database only; --sql is not supported")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given = context.get_x_argument(as_dictionary=True).get("url")
    store = Store(name, str(given) if given else configured_url(name))
    try:
        async with store.schema_change() as connection:
            await connection.run_sync(run)
    finally:
        await store.close()


passed: Connection | None = context.config.attributes.get("connection")
if passed is None:
    asyncio.run(run_from_command_line())
else:
    run(passed)
