"""Tables that spreadsheets open."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from fastapi.responses import StreamingResponse

from openalgo.api.schemas.errors import describe, example
from openalgo.domain.errors import NotFound

CSV = "text/csv"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvResponse(StreamingResponse):
    media_type = CSV


class NothingToExport(NotFound):
    code = "nothing_to_export"
    default = "There is nothing to export"


def csv_responses(errors: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation that answers with a table, with its other errors. Its
    `response_class` is `Response`, so that errors are described as the JSON they are."""
    nothing = example(NothingToExport.default, NothingToExport.code)
    table = {"description": "A table.", "content": {CSV: {"schema": {"type": "string"}}}}
    return {200: table, **errors, **describe({NothingToExport.status: nothing})}


async def csv_reply(
    file_name: str, header: Sequence[str], tables: AsyncIterator[Iterable[Sequence[object]]]
) -> CsvResponse:
    """The rows as an attachment, sent as they come. Raises `NothingToExport` if none does, and what
    reading the first ones raises."""
    first = await anext(tables, None)
    if first is None:
        raise NothingToExport

    async def text() -> AsyncIterator[bytes]:
        yield _lines([header]) + _lines(first)
        async for rows in tables:
            yield _lines(rows)

    return CsvResponse(
        text(), headers={"Content-Disposition": f'attachment; filename="{file_name}"'}
    )


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula is marked as text; numbers may be
    negative."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
