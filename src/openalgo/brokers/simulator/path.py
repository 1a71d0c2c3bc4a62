"""The mathematics of the simulated market: everything is a pure function of seed, symbol and time.

Randomness comes from hashing a position (SplitMix64's output function), not from a generator, so
any day can be looked at without the days before it, and looks the same every time.

A day's closing level is an autoregressive sum of daily shocks: it moves like a share from day to
day and stays near its base price over the years. Within a day, the path is a Brownian bridge from
the previous close to this one. Levels are logarithms, in standard deviations of a day's return.
"""

import hashlib
import math
from typing import NewType

import numpy as np
from numpy.typing import NDArray

Key = NewType("Key", int)
"""64 bits that name one independent sequence of random numbers."""

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = 31

_PULL = 0.99
_MEMORY_DAYS = 1_024
_WEIGHTS = _PULL ** np.arange(_MEMORY_DAYS)


def key_of(seed: int, *names: str | int) -> Key:
    """The sequence that belongs to `names` under `seed`."""
    text = "\x1f".join(map(str, (seed, *names)))
    return Key(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def uniform(key: Key, position: int) -> float:
    """The number at `position` of the sequence `key`: in [0, 1)."""
    bits = (key + position * _GAMMA) & _MASK
    for shift, factor in _MIX:
        bits = ((bits ^ (bits >> shift)) * factor) & _MASK
    bits ^= bits >> _LAST_SHIFT
    return (bits >> 11) / (1 << 53)


def shocks(key: Key, first: int, count: int) -> NDArray[np.float64]:
    """`count` numbers of the sequence `key` from position `first` on, close to standard normal.

    Each is the sum of four 16-bit uniforms of one hash, so none is beyond ±3.47.
    """
    positions = np.arange(first, first + count, dtype=np.int64).astype(np.uint64)
    bits = positions * np.uint64(_GAMMA) + np.uint64(key)
    for shift, factor in _MIX:
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    bits ^= bits >> np.uint64(_LAST_SHIFT)
    parts = bits.astype("<u8").view("<u2").reshape(count, 4).sum(axis=1, dtype=np.int64)
    numbers: NDArray[np.float64] = ((parts + 2) / 65_536 - 2) * math.sqrt(3)
    return numbers


def closing_level(key: Key, day: int) -> float:
    """Where the day with ordinal `day` closes.

    Summed exactly (`fsum`), so that it is the same number wherever it is computed.
    """
    recent = shocks(key, day - _MEMORY_DAYS + 1, _MEMORY_DAYS)[::-1]
    return math.fsum(recent * _WEIGHTS)


def day_levels(seed: int, symbol: str, day: int, steps: int) -> NDArray[np.float64]:
    """The path of `symbol` through the day with ordinal `day`: `steps + 1` levels, the first of
    which is the previous day's close and the last this day's."""
    closes = key_of(seed, symbol, "closes")
    start, end = closing_level(closes, day - 1), closing_level(closes, day)
    walk = np.zeros(steps + 1)
    np.cumsum(shocks(key_of(seed, symbol, "path", day), 1, steps), out=walk[1:])
    progress = np.arange(steps + 1) / steps
    levels: NDArray[np.float64] = (
        start + (end - start) * progress + (walk - progress * walk[-1]) / math.sqrt(steps)
    )
    levels[0], levels[-1] = start, end
    return levels


def prices(
    levels: NDArray[np.float64], base_price: float, volatility: float, tick: float
) -> NDArray[np.int32]:
    """`levels` as prices, in whole ticks of `tick` rupees and never below one."""
    return np.maximum(np.rint(np.exp(levels * volatility) * (base_price / tick)), 1).astype(
        np.int32
    )


def volume(key: Key, step: int, per_step: float) -> int:
    """Units traded in a day up to and including `step`; grows with every step, by `per_step` + 1
    on average. `key` names the day."""
    return step + 1 + int(per_step * (step + uniform(key, step)))
