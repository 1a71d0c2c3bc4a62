"""An option chain and its prices at one instant."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain as joined
from typing import NamedTuple

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Quote
from openalgo.domain.numbers import px_float
from openalgo.options.forward import (
    Forward,
    ForwardSource,
    Pair,
    fair_mid,
    has_price,
    parity_forward,
)
from openalgo.options.solving import Solution
from openalgo.options.underlyings import OptionUnderlying

STALE_AFTER_MS = 60_000
"""How far (market time) a last price may lag the newest of its chain and still count."""
NEAR_THE_MONEY = 5
"""Strikes on each side of the money that tell the forward."""


class Leg(NamedTuple):
    """One option; without a `quote` its price could not be had."""

    option: Instrument
    quote: Quote | None


class Line(NamedTuple):
    """One strike; a side that is not listed is `None`."""

    strike: Decimal
    call: Leg | None
    put: Leg | None


class ChainGreeks(NamedTuple):
    """Solutions by symbol; a leg without a price to invert has none. `years` is the time to expiry
    they were found with, 0 where that was over and nothing was solved."""

    forward: Forward
    years: float
    solutions: dict[str, Solution]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSnapshot:
    """The chain of one expiry at one instant.

    `lines` ascend by strike; `money` is the index of the one at the money. `spot` is what the
    underlying costs, a future where there is no spot market; `future` that of the same expiry, if
    it had to be asked. `solved` keeps what it implies by interest rate, `made` what was made of it
    by what was asked for.
    """

    underlying: OptionUnderlying
    expiry: date
    expires: datetime
    at: datetime
    spot: Quote
    spot_is_future: bool
    lines: Sequence[Line]
    money: int
    width: int
    future: Quote | None = None
    solved: dict[float, ChainGreeks] = field(default_factory=dict)
    made: dict[Hashable, bytes] = field(default_factory=dict)

    @property
    def strike_at_the_money(self) -> Decimal:
        return self.lines[self.money].strike

    @property
    def newest_ms(self) -> int:
        """The time of the newest price, in milliseconds since the epoch."""
        return max(self.spot.at_ms, *(leg.quote.at_ms for leg in self.legs() if leg.quote))

    def legs(self) -> list[Leg]:
        sides = joined.from_iterable((line.call, line.put) for line in self.lines)
        return [leg for leg in sides if leg is not None]

    def window(self, each_side: int | None) -> tuple[Sequence[Line], int]:
        """The lines at most so many strikes from the money, and where the first of them stands
        from it: -2 is two strikes below."""
        if each_side is None:
            return self.lines, -self.money
        first = max(0, self.money - each_side)
        return self.lines[first : self.money + each_side + 1], first - self.money

    def pairs(self) -> tuple[list[Pair], int]:
        """The lines that tell the forward, and which of them is at the money."""
        lines, first = self.window(NEAR_THE_MONEY)
        return [_pair(line) for line in lines], -first

    def forward(self, rate: float, years: float) -> Forward:
        """What the underlying is worth at the expiry in `years`, at the interest `rate`."""
        parity = parity_forward(*self.pairs(), math.exp(-rate * years))
        if parity is not None:
            return Forward(parity, ForwardSource.PARITY)
        if self.future is not None:
            return Forward(self.future.ltp, ForwardSource.FUTURE)
        if self.spot_is_future:
            return Forward(self.spot.ltp, ForwardSource.FUTURE)
        return Forward(self.spot.ltp * math.exp(rate * years), ForwardSource.SPOT)


def _pair(line: Line) -> Pair:
    side = line.call or line.put
    tick = px_float(side.option.tick_size) if side is not None else 0.0
    return Pair(
        float(line.strike),
        line.call.quote if line.call else None,
        line.put.quote if line.put else None,
        tick,
    )


def is_stale(quote: Quote | None, newest_ms: int) -> bool:
    """Whether `quote` lags the newest price of its chain too far, or is not there."""
    return quote is None or newest_ms - quote.at_ms > STALE_AFTER_MS


def price_to_invert(quote: Quote | None, tick: float, newest_ms: int) -> float | None:
    """The price of an option that its volatility is sought for: the middle of a fair spread, else
    a last price that is not stale, else none."""
    if quote is None:
        return None
    middle = fair_mid(quote, tick)
    if middle is not None:
        return middle
    return quote.ltp if has_price(quote.ltp) and not is_stale(quote, newest_ms) else None
