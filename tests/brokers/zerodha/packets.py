"""Frames of KiteTicker, put together after the broker's documentation."""

import random
import struct
from collections.abc import Iterable, Sequence

SEGMENTS = (1, 2, 3, 4, 5, 6, 7, 8, 12)
INDICES = 9
LENGTHS = (8, 44, 184)
INDEX_LENGTHS = (8, 28, 32)


def frame(packets: Iterable[bytes]) -> bytes:
    listed = list(packets)
    return struct.pack(">H", len(listed)) + b"".join(
        struct.pack(">H", len(packet)) + packet for packet in listed
    )


def packet(
    length: int, token: int, numbers: Sequence[int] = (), orders: Sequence[int] = ()
) -> bytes:
    """`numbers` are the 32-bit fields after the token, in their order; `orders` those of the ten
    levels."""
    if length < 184:
        return struct.pack(f">{length // 4}I", token, *numbers)
    made = struct.pack(">16I", token, *numbers[:15])
    for level in range(10):
        quantity, price = numbers[15 + 2 * level : 17 + 2 * level]
        made += struct.pack(">IIH2x", quantity, price, orders[level])
    return made


def any_packet(chance: random.Random, token: int, length: int) -> bytes:
    """With values of every size a field can have."""

    def number() -> int:
        return chance.choice(
            (
                0,
                chance.randrange(1, 10_000_000),
                chance.randrange(1 << 31, 1 << 32),
                (1 << 32) - 1,
            )
        )

    count = 35 if length == 184 else length // 4 - 1
    numbers = [number() for _ in range(count)]
    if length == 184:
        # What is a time must be one that every platform can show.
        numbers[10] = chance.randrange(1 << 31)
        numbers[14] = chance.choice((0, chance.randrange(1, 1 << 31)))
    if length == 32:
        numbers[6] = chance.choice((0, chance.randrange(1, 1 << 31)))
    return packet(length, token, numbers, [chance.randrange(1 << 16) for _ in range(10)])
