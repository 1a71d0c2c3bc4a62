"""Random numbers that can be looked up: each is a hash of its sequence and its position.

The hash is SplitMix64's output function. Nothing is drawn from a generator, so any moment of the
market can be looked at without the moments before it, and looks the same every time.
"""

import hashlib
import math
from typing import NewType

import numpy as np
from numpy.typing import NDArray

Key = NewType("Key", int)
"""64 bits that name one independent sequence of random numbers."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHOCK_UNIT = math.sqrt(3) / 65_536
"""The standard deviation that one of `shock_parts` counts for."""

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = 31
_MEAN_OF_PARTS = 4 * 65_535 // 2
_VECTOR_MIX = tuple((np.uint64(shift), np.uint64(factor)) for shift, factor in _MIX)


def key_of(seed: int, *names: str | int) -> Key:
    """The sequence that belongs to `names` under `seed`."""
    text = "\x1f".join(map(str, (seed, *names)))
    return Key(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def bits(key: Key, position: int) -> int:
    """The 64 bits at `position` of the sequence `key`."""
    number = (key + position * _GAMMA) & _MASK
    for shift, factor in _MIX:
        number = ((number ^ (number >> shift)) * factor) & _MASK
    return number ^ (number >> _LAST_SHIFT)


def many_bits(key: Key, positions: Ints) -> NDArray[np.uint64]:
    """`bits` of all `positions`."""
    numbers = positions.astype(np.uint64) * np.uint64(_GAMMA) + np.uint64(key)
    for shift, factor in _VECTOR_MIX:
        numbers = (numbers ^ (numbers >> shift)) * factor
    mixed: NDArray[np.uint64] = numbers ^ (numbers >> np.uint64(_LAST_SHIFT))
    return mixed


def uniform(key: Key, position: int) -> float:
    """The number at `position` of the sequence `key`: in [0, 1)."""
    return (bits(key, position) >> 11) / (1 << 53)


def uniforms(key: Key, positions: Ints) -> Floats:
    """`uniform` of all `positions`."""
    return (many_bits(key, positions) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def shock_parts(key: Key, first: int, count: int) -> Ints:
    """`count` numbers of the sequence `key` from position `first` on, close to normal.

    Each is the sum of four 16-bit numbers of one hash, with the mean taken off; as whole numbers
    they can be added in any order with the same result.
    """
    hashes = many_bits(key, np.arange(first, first + count, dtype=np.int64))
    quarters = hashes.astype("<u8").view("<u2").reshape(count, 4)
    parts: Ints = quarters.sum(axis=1, dtype=np.int64) - _MEAN_OF_PARTS
    return parts


def shocks(key: Key, first: int, count: int) -> Floats:
    """`count` numbers of the sequence `key` from position `first` on, close to standard normal;
    none is beyond ±3.47."""
    return shock_parts(key, first, count).astype(np.float64) * SHOCK_UNIT
