"""Many rows of one table in few statements.

A driver that inserts row by row gives up the interpreter lock and fights for it again with every
row, which under load takes far longer than the insert. One statement of many rows does it once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from openalgo.persistence.columns import OwnColumn
from openalgo.persistence.dedicated import Statement

# Statements are prepared per number of rows, so there are few sizes: all of the small ones, which
# come often and should be one statement, then powers of two.
_SMALL = 16
_MOST_ROWS = 64

_Encode = Callable[[Any], object]


class _Bulk(ABC):
    """Writes objects: `columns` of each, taken from the attributes of their names, or from those
    (dotted, if need be) that `attributes` names."""

    def __init__(
        self, columns: Sequence[Column[Any]], attributes: Mapping[str, str] | None
    ) -> None:
        self._columns = columns
        names = [column.name for column in columns]
        self._names = ", ".join(names)
        self._values_of: Callable[[object], tuple[object, ...]] = attrgetter(
            *(attributes.get(name, name) if attributes else name for name in names)
        )
        self._encoders: dict[str, list[tuple[int, _Encode]]] = {}
        self._sql: dict[tuple[str, int], str] = {}

    def prepare(self, dialect: Dialect, rows: Iterable[object]) -> Iterator[Statement]:
        """The statements that write `rows`, each well below a millisecond's work. Raises
        `ValueError` for a value that does not fit its column."""
        encoders = self._encoders_for(dialect)
        for chunk in _chunks(list(rows)):
            # Column by column: three times as fast as row by row.
            columns: list[Iterable[object]] = list(zip(*map(self._values_of, chunk), strict=True))
            for at, encode in encoders:
                columns[at] = map(encode, columns[at])
            values = tuple(chain.from_iterable(zip(*columns, strict=True)))
            yield self._statement(dialect, len(chunk)), values

    async def run(self, tx: AsyncConnection, rows: Iterable[object]) -> None:
        """Write `rows` in the transaction `tx`."""
        for sql, values in self.prepare(tx.dialect, rows):
            await tx.exec_driver_sql(sql, values)

    def _encoders_for(self, dialect: Dialect) -> list[tuple[int, _Encode]]:
        """The columns, by number, whose values the driver does not take as they are."""
        known = self._encoders.get(dialect.name)
        if known is None:
            encoders = [_encoder(column.type, dialect) for column in self._columns]
            known = self._encoders[dialect.name] = [
                (at, encode) for at, encode in enumerate(encoders) if encode is not None
            ]
        return known

    def _statement(self, dialect: Dialect, count: int) -> str:
        key = (dialect.name, count)
        sql = self._sql.get(key)
        if sql is None:
            width = len(self._columns)
            marks = [
                f"${number}" if dialect.paramstyle == "numeric_dollar" else "?"
                for number in range(1, count * width + 1)
            ]
            rows = [marks[at : at + width] for at in range(0, len(marks), width)]
            sql = self._sql[key] = self._written(dialect, rows)
        return sql

    @abstractmethod
    def _written(self, dialect: Dialect, rows: Sequence[Sequence[str]]) -> str:
        """The SQL for as many rows as these, of which the placeholders are given."""


class BulkInsert(_Bulk):
    """Inserts objects into `table`; with `replace`, a row of the same primary key gives way.

    A column takes the attribute of its name, or the one (dotted, if need be) that `attributes`
    names. A column the database numbers itself is left out, unless the objects are `numbered`. With
    `only_if_same`, a row gives way only to one that is equal in that column.
    """

    def __init__(
        self,
        table: Table,
        *,
        replace: bool = False,
        only_if_same: str | None = None,
        numbered: bool = False,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        left_out = None if numbered else table.autoincrement_column
        super().__init__([c for c in table.columns if c is not left_out], attributes)
        self._table = table.name
        self._conflict = _on_conflict(table) if replace else ""
        if only_if_same:
            self._conflict += f" WHERE {table.name}.{only_if_same} = excluded.{only_if_same}"

    def _written(self, dialect: Dialect, rows: Sequence[Sequence[str]]) -> str:  # noqa: ARG002
        into = f"{self._table} ({self._names})"
        return f"INSERT INTO {into} VALUES {_listed(rows)}{self._conflict}"  # noqa: S608 - our own


class BulkUpdate(_Bulk):
    """Sets the columns `changed` of the rows of `table` that have the primary keys of the objects,
    which must differ. Objects without a row are passed over. For `attributes` see `BulkInsert`."""

    def __init__(
        self,
        table: Table,
        changed: Sequence[str],
        *,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        columns = [*table.primary_key, *(table.columns[name] for name in changed)]
        super().__init__(columns, attributes)
        keys = [column.name for column in table.primary_key]
        self._table = table.name
        self._set = ", ".join(f"{name} = new.{name}" for name in changed)
        self._same = " AND ".join(f"{table.name}.{name} = new.{name}" for name in keys)

    def _written(self, dialect: Dialect, rows: Sequence[Sequence[str]]) -> str:
        # PostgreSQL takes values of no known type for text; the first row says what they are.
        first = [
            f"CAST({mark} AS {column.type.compile(dialect)})"
            for mark, column in zip(rows[0], self._columns, strict=True)
        ]
        return (
            f"WITH new ({self._names}) AS (VALUES {_listed([first, *rows[1:]])}) "  # noqa: S608 - our own names
            f"UPDATE {self._table} SET {self._set} FROM new WHERE {self._same}"
        )


def _encoder(type_: TypeEngine[Any], dialect: Dialect) -> _Encode | None:
    # What SQLAlchemy would wrap around ours costs more than most of them do themselves.
    if isinstance(type_, OwnColumn):
        return type_.encode
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _on_conflict(table: Table) -> str:
    key = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def _listed(rows: Iterable[Iterable[str]]) -> str:
    return ", ".join(f"({', '.join(row)})" for row in rows)


def _chunks(rows: Sequence[object]) -> Iterator[Sequence[object]]:
    start, left = 0, len(rows)
    while left:
        size = left if left <= _SMALL else min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        yield rows[start : start + size]
        start, left = start + size, left - size
