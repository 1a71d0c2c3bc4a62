"""Files of rows and columns, as text: CSV, gzipped CSV and Parquet."""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from openalgo.brokers.replay.errors import ReplayError

_PARQUET = (".parquet", ".pq")
_FETCH_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` is its line in the file, as an editor counts (in Parquet: the row)."""

    file: str
    number: int
    header: Sequence[str]
    cells: Sequence[str]

    def text(self, column: int) -> str:
        return self.cells[column].strip()

    def price(self, column: int) -> float:
        """A price in rupees, above 0."""
        value = self._float(column)
        if value is None or value <= 0:
            raise self.error(column, "must be a price above 0")
        return value

    def optional_price(self, column: int | None) -> float | None:
        """A price, `None` where the cell is empty or 0."""
        return (self._float(column) or None) if column is not None else None

    def count(self, column: int | None) -> int | None:
        """A quantity in whole units, `None` where the cell is empty."""
        value = self._float(column) if column is not None else None
        return None if value is None else int(value)

    def error(self, column: int, must: str) -> ReplayError:
        return ReplayError(
            f"{self.file}, line {self.number}: {self.header[column]} is '{self.text(column)}' "
            f"but {must}; correct the value or remove the line."
        )

    def _float(self, column: int) -> float | None:
        text = self.text(column)
        try:
            value = float(text) if text else math.nan
        except ValueError:
            raise self.error(column, "must be a number") from None
        if math.isnan(value):
            return None
        if value < 0 or math.isinf(value):
            raise self.error(column, "must be a number, 0 or above")
        return value


@dataclass(frozen=True, slots=True)
class Table:
    """A header in lower case, and the rows below it."""

    file: str
    header: Sequence[str]
    rows: Iterator[Row]


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """The table in `path`; its rows can be read inside the `with`. Raises `ReplayError`."""
    if not path.is_file():
        raise ReplayError(f"There is no file {path}; check the path.")
    if path.suffix.lower() in _PARQUET:
        with _parquet(path) as table:
            yield table
        return
    try:
        with _open_text(path) as file:
            yield _csv(path.name, file)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise ReplayError(f"{path.name} cannot be read ({error}); is it a CSV file?") from error


def _open_text(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(name: str, file: IO[str]) -> Table:
    reader = csv.reader(file, skipinitialspace=True)
    header = _header(next(reader, []))

    def rows() -> Iterator[Row]:
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise ReplayError(
                    f"{name}, line {reader.line_num}: there are {len(cells)} values but the "
                    f"header names {len(header)} columns; correct or remove the line."
                )
            yield Row(name, reader.line_num, header, cells)

    return Table(name, header, rows())


@contextmanager
def _parquet(path: Path) -> Iterator[Table]:
    import duckdb

    try:
        with duckdb.connect() as connection:
            # Everything as text, so that one set of rules reads every kind of file.
            result = connection.execute(
                "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(?)", [str(path)]
            )
            header = _header([column[0] for column in result.description or ()])
            batches = iter(lambda: result.fetchmany(_FETCH_ROWS), [])
            rows = (
                Row(path.name, number, header, ["" if cell is None else cell for cell in cells])
                for number, cells in enumerate(chain.from_iterable(batches), start=1)
            )
            yield Table(path.name, header, rows)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ReplayError(
            f"{path.name} cannot be read ({reason}); is it a Parquet file?"
        ) from error


def _header(names: Sequence[str]) -> Sequence[str]:
    return [name.strip().lower() for name in names]
