"""What an underlying is worth at the expiry of its options, as the options themselves tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np

from openalgo.domain.words import Word
from openalgo.options.normal import Floats

_STRIKES = 5
_WIDEST_TICKS = 5.0
_WIDEST_PART = 0.2


class ForwardSource(Word):
    """Where a forward comes from: put-call parity, a future of the same expiry, the spot price,
    or whoever asked."""

    PARITY = "parity"
    FUTURE = "future"
    SPOT = "spot"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Forward:
    """`price` in rupees."""

    price: float
    source: ForwardSource


class Pair(NamedTuple):
    """The call and the put of one strike: the middles of fair spreads (see `fair_mids`) and the
    last prices, NaN or 0 where there is none. Rupees."""

    strike: float
    call_mid: float
    put_mid: float
    call_last: float
    put_last: float


def has_price(price: float) -> bool:
    return math.isfinite(price) and price > 0


def fair_mids(bids: Floats, asks: Floats, ticks: Floats) -> Floats:
    """The middles of bid and ask, where both are there and near each other: 5 ticks apart, or a
    fifth of the middle; else NaN."""
    middles: Floats = (bids + asks) / 2.0
    # Prices on a grid are not exact floats, so five ticks may seem a little more.
    widest = np.maximum(_WIDEST_TICKS * ticks * (1 + 1e-9), _WIDEST_PART * middles)
    with np.errstate(invalid="ignore"):
        is_near = asks - bids <= widest
    is_fair = (bids > 0) & (bids <= asks) & is_near & np.isfinite(middles)
    return np.where(is_fair, middles, np.nan)


def parity_forward(pairs: Sequence[Pair], money: int, discount: float = 1.0) -> float | None:
    """The forward at which calls and puts of one strike agree, in rupees.

    `pairs` ascend by strike and `money` is the index of the one at the money; `discount` is what a
    rupee at expiry is worth now. The median over the five nearest strikes whose quotes have two
    sides; where there is none, what last prices say at the nearest strike that has both.
    """
    nearest = sorted(
        range(max(0, money - _STRIKES), min(len(pairs), money + _STRIKES + 1)),
        key=lambda index: (abs(index - money), index),
    )
    found: list[float] = []
    for index in nearest:
        pair = pairs[index]
        if has_price(pair.call_mid) and has_price(pair.put_mid):
            found.append(pair.strike + (pair.call_mid - pair.put_mid) / discount)
            if len(found) == _STRIKES:
                break
    for index in () if found else nearest:
        pair = pairs[index]
        if has_price(pair.call_last) and has_price(pair.put_last):
            found = [pair.strike + (pair.call_last - pair.put_last) / discount]
            break
    forward = median(found) if found else 0.0
    return forward if has_price(forward) else None
