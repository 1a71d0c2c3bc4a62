"""Bodies as they come in: unpacked piece by piece, and never more than allowed."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from typing import Protocol

from openalgo.instruments.slices import Slices

_PIECE = 64 * 1024
_GZIP = 31  # zlib's number for a gzip wrapper
_GZIP_MAGIC = b"\x1f\x8b"


class BodyUnusable(Exception):
    """The body cannot be read to its end; the text says why, and holds nothing of it."""


async def whole(chunks: AsyncIterable[bytes], encoding: str, limit: int) -> bytes:
    """The whole body, at most `limit` bytes. `encoding` is the reply's Content-Encoding. Raises
    `BodyUnusable`."""
    if encoding:
        return b"".join([piece async for piece in unpacked(chunks, encoding, limit)])
    pieces, left = [], limit
    async for piece in chunks:
        left -= len(piece)
        if left < 0:
            raise _too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


async def unpacked(
    chunks: AsyncIterable[bytes], encoding: str, limit: int, *, file: bool = False
) -> AsyncGenerator[bytes, None]:
    """The body in pieces, at most `limit` bytes in all.

    `encoding` is the reply's Content-Encoding. A `file` that is gzip itself is unpacked too. Other
    tasks get their turn between the pieces. Raises `BodyUnusable`.
    """
    outer = _layer(encoding)
    inner: _Layer = _PerhapsGunzip() if file else _Plain()
    left = limit
    slices = Slices()
    async for chunk in chunks:
        for part in outer.feed(chunk):
            for piece in inner.feed(part):
                left -= len(piece)
                if left < 0:
                    raise _too_large(limit)
                yield piece
                if slices.over:
                    await slices.pause()
    for layer in (outer, inner):
        for piece in layer.end():
            yield piece


def _too_large(limit: int) -> BodyUnusable:
    return BodyUnusable(f"it is larger than {limit} bytes")


class _Layer(Protocol):
    def feed(self, packed: bytes) -> Iterator[bytes]:
        """What comes out when this goes in."""
        ...

    def end(self) -> Iterator[bytes]:
        """What is left when nothing more goes in. Raises `BodyUnusable` when a part is missing."""
        ...


def _layer(encoding: str) -> _Layer:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gunzip()
        case _:
            # We said that we take gzip only.
            raise BodyUnusable("it is packed in a way nobody asked for")


class _Plain:
    def feed(self, packed: bytes) -> Iterator[bytes]:
        yield packed

    def end(self) -> Iterator[bytes]:
        yield from ()


class _Gunzip:
    """Unpacks gzip, several members included, in pieces of at most 64 KiB."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            self._begun = True
            try:
                piece = self._member.decompress(packed, _PIECE)
            except zlib.error:
                raise BodyUnusable("its gzip is damaged") from None
            packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                yield piece

    def end(self) -> Iterator[bytes]:
        if self._begun and not self._member.eof:
            raise BodyUnusable("it was cut off")
        yield from ()


class _PerhapsGunzip:
    """Gzip or not, as the first two bytes say."""

    def __init__(self) -> None:
        self._first = b""
        self._layer: _Layer | None = None

    def feed(self, packed: bytes) -> Iterator[bytes]:
        if self._layer is None:
            self._first += packed
            if len(self._first) < len(_GZIP_MAGIC):
                return
            packed, self._first = self._first, b""
            self._layer = _Gunzip() if packed.startswith(_GZIP_MAGIC) else _Plain()
        yield from self._layer.feed(packed)

    def end(self) -> Iterator[bytes]:
        if self._first:
            yield self._first
        if self._layer is not None:
            yield from self._layer.end()
