"""Long answers, sent piece by piece so that the loop is never held."""

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import msgspec
from pydantic import BaseModel

from openalgo.instruments.slices import Slices

T = TypeVar("T")

_CHUNK = 32 * 1024
_BATCH = 64
# The fastest level: at others, one chunk would take milliseconds.
_LEVEL = 1
_GZIP_FORMAT = 31

_encode = msgspec.json.Encoder().encode


async def paced(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """`pieces` joined to chunks, with a pause whenever making them took too long."""
    slices = Slices()
    chunk = bytearray()
    for piece in pieces:
        chunk += piece
        if len(chunk) >= _CHUNK:
            yield bytes(chunk)
            chunk.clear()
        if slices.over:
            await slices.pause()
    yield bytes(chunk)


async def gzipped(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """`chunks`, compressed."""
    gzip = zlib.compressobj(_LEVEL, wbits=_GZIP_FORMAT)
    async for chunk in chunks:
        if small := gzip.compress(chunk):
            yield small
    yield gzip.flush()


def json_list(
    rows: Iterable[object], message: str | None = None, name: str = "data"
) -> Iterator[bytes]:
    """A success with `rows` as the list `name`, in compact JSON."""
    said = b"" if message is None else b',"message":' + _encode(message)
    yield b'{"status":"success"' + said + b',"' + name.encode() + b'":'
    yield from line_list(rows)
    yield b"}"


def line_list(rows: Iterable[object]) -> Iterator[bytes]:
    """`rows` as a list in compact JSON, batch by batch."""
    comma = b"["
    for batch in batches(rows):
        yield comma + _encode(batch)[1:-1]
        comma = b","
    yield b"[]" if comma == b"[" else b"]"


def model_list(rows: Iterable[BaseModel]) -> Iterator[bytes]:
    """`rows` as a list in compact JSON, one at a time: models cost far more than what they hold."""
    comma = b"["
    for row in rows:
        yield comma + row.__pydantic_serializer__.to_json(row, by_alias=True)
        comma = b","
    yield b"[]" if comma == b"[" else b"]"


def batches(rows: Iterable[T]) -> Iterator[Sequence[T]]:
    """`rows` in lists that take well below a millisecond to encode."""
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch
