"""What an underlying is worth at the expiry of its options, as the options themselves tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from openalgo.domain.market import Quote
from openalgo.domain.words import Word

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
    """The call and the put of one `strike` (rupees), and the tick of their prices."""

    strike: float
    call: Quote | None
    put: Quote | None
    tick: float


def has_price(price: float) -> bool:
    return math.isfinite(price) and price > 0


def fair_mid(quote: Quote, tick: float) -> float | None:
    """The middle of bid and ask, where both are there and near each other: 5 ticks apart, or a
    fifth of the middle."""
    bid, ask = quote.bid, quote.ask
    if not (has_price(bid) and has_price(ask) and bid <= ask):
        return None
    middle = (bid + ask) / 2.0
    # Prices on a grid are not exact floats, so five ticks may seem a little more.
    widest = max(_WIDEST_TICKS * tick * (1 + 1e-9), _WIDEST_PART * middle)
    return middle if ask - bid <= widest else None


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
        if pair.call is None or pair.put is None:
            continue
        call, put = fair_mid(pair.call, pair.tick), fair_mid(pair.put, pair.tick)
        if call is not None and put is not None:
            found.append(pair.strike + (call - put) / discount)
            if len(found) == _STRIKES:
                break
    for index in () if found else nearest:
        pair = pairs[index]
        if pair.call is None or pair.put is None:
            continue
        if has_price(pair.call.ltp) and has_price(pair.put.ltp):
            found = [pair.strike + (pair.call.ltp - pair.put.ltp) / discount]
            break
    forward = median(found) if found else 0.0
    return forward if has_price(forward) else None
