"""What a connection for one task alone does besides its transactions."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from openalgo.persistence import dedicated
from openalgo.persistence.dedicated import SqliteDedicated
from openalgo.persistence.engines import parse_url, sqlite_blocking

_PAGE = 4096
_WRITES = 600


def start(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)"))
    connection.execute(text("INSERT INTO t VALUES (1, '')"))


async def test_the_log_of_a_busy_store_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedicated, "_COMMITS_A_CHECKPOINT", 8)
    path = tmp_path / "busy.db"
    store = SqliteDedicated(sqlite_blocking(parse_url(f"sqlite:///{path}"), "NORMAL"), "busy")
    await store.run(start)
    for number in range(_WRITES):
        value = f"{number:>3000}"
        assert await store.write(("UPDATE t SET v = ? WHERE id = 1", (value,)), [])
    size = path.with_name("busy.db-wal").stat().st_size
    assert await store.run(lambda c: c.execute(text("SELECT v FROM t")).scalar_one()) == value
    await store.close()
    assert size < _WRITES * _PAGE / 2
