import gzip
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.bodies import BodyUnusable, unpacked

LARGE = bytes(range(256)) * 4096


async def chunked(data: bytes, sizes: Sequence[int]) -> AsyncIterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


async def read(
    data: bytes, encoding: str = "", *, sizes: Sequence[int] = (), file: bool = False
) -> bytes:
    pieces = [p async for p in unpacked(chunked(data, sizes), encoding, 1 << 22, file=file)]
    return b"".join(pieces)


@given(
    body=st.binary(max_size=2000) | st.just(LARGE),
    sizes=st.lists(st.integers(0, 50), max_size=20),
    members=st.integers(1, 3),
)
async def test_gzip_is_unpacked_however_it_is_cut(
    body: bytes, sizes: list[int], members: int
) -> None:
    packed = gzip.compress(body) * members
    assert await read(packed, "gzip", sizes=sizes) == body * members
    assert await read(packed, sizes=sizes, file=True) == body * members
    assert await read(gzip.compress(packed), "gzip", sizes=sizes, file=True) == body * members


@given(body=st.binary(max_size=300), sizes=st.lists(st.integers(0, 5), max_size=20))
async def test_what_is_not_gzip_stays_as_it_is(body: bytes, sizes: list[int]) -> None:
    assert await read(body, sizes=sizes) == body
    if body[:2] != b"\x1f\x8b":
        assert await read(body, "identity", sizes=sizes, file=True) == body


@pytest.mark.parametrize("cut", [1, 5, 100])
async def test_gzip_that_is_cut_off_is_no_body(cut: int) -> None:
    with pytest.raises(BodyUnusable, match="it was cut off"):
        await read(gzip.compress(LARGE)[:-cut], "gzip")


async def test_damaged_gzip_is_no_body() -> None:
    packed = bytearray(gzip.compress(LARGE))
    packed[-6] ^= 0xFF  # in the checksum
    with pytest.raises(BodyUnusable, match="its gzip is damaged"):
        await read(bytes(packed), "gzip")


async def test_a_body_that_unpacks_to_more_than_allowed_is_stopped_early() -> None:
    bomb = gzip.compress(bytes(1 << 26))
    assert len(bomb) < 1 << 17
    sizes: list[int] = []

    async def take() -> None:
        pieces = unpacked(chunked(bomb, ()), "gzip", 1_000_000)
        while piece := await anext(pieces):
            sizes.append(len(piece))

    with pytest.raises(BodyUnusable, match="it is larger than 1000000 bytes"):
        await take()
    assert sum(sizes) <= 1_000_000
    assert max(sizes) <= 64 * 1024


async def test_a_packing_nobody_asked_for_is_refused() -> None:
    with pytest.raises(BodyUnusable, match="packed in a way nobody asked for"):
        await read(b"", "br")
