"""An option chain and its prices at one instant."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Quote
from openalgo.options.forward import Forward, ForwardSource, Pair, parity_forward
from openalgo.options.listing import Listing
from openalgo.options.prices import Prices
from openalgo.options.solving import Outcome, Solution, Solutions
from openalgo.options.underlyings import OptionUnderlying

NEAR_THE_MONEY = 5
"""Strikes on each side of the money that tell the forward."""
_NO_PRICES = (math.nan, math.nan, 0.0, 0.0)


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
    """What the options of a snapshot imply, in their order. `years` is the time to expiry it was
    found with, 0 where that was over and nothing was solved."""

    forward: Forward
    years: float
    symbols: Sequence[str]
    columns: Solutions

    def by_symbol(self) -> dict[str, Solution]:
        """The solutions of the options that had a price to invert."""
        found = zip(self.symbols, self.columns.rows(), strict=True)
        return {symbol: each for symbol, each in found if each.outcome is not Outcome.NO_PRICE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSnapshot:
    """The chain of one expiry at one instant.

    `quotes` and `prices` are those of the options listed, in their order; where a quote could not
    be had it is `None`. `money` is the row of the strike at the money. `spot` is what the
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
    listing: Listing
    quotes: Sequence[Quote | None]
    prices: Prices
    money: int
    width: int
    future: Quote | None = None
    solved: dict[float, ChainGreeks] = field(default_factory=dict)
    made: dict[Hashable, bytes] = field(default_factory=dict)

    @property
    def strike_at_the_money(self) -> Decimal:
        return self.listing.strikes[self.money]

    @property
    def newest_ms(self) -> int:
        """The time of the newest price, in milliseconds since the epoch."""
        return max(self.spot.at_ms, *self.prices.at_ms)

    def rows(self, each_side: int | None = None) -> range:
        """The rows of the listing at most so many strikes from the money, by default all."""
        end = len(self.listing.rows)
        if each_side is None:
            return range(end)
        return range(max(0, self.money - each_side), min(self.money + each_side + 1, end))

    def line(self, row: int) -> Line:
        """One strike with its quotes."""
        strike, call, put = self.listing.rows[row]
        place = self.listing.starts[row]
        return Line(
            strike,
            None if call is None else Leg(call, self.quotes[place]),
            None if put is None else Leg(put, self.quotes[place + (call is not None)]),
        )

    def pairs(self) -> tuple[list[Pair], int]:
        """The strikes that tell the forward, and which of them is at the money."""
        rows = self.rows(NEAR_THE_MONEY)
        return [self._pair(row) for row in rows], self.money - rows.start

    def _pair(self, row: int) -> Pair:
        strike, call, put = self.listing.rows[row]
        if call is None or put is None:
            return Pair(float(strike), *_NO_PRICES)
        place = self.listing.starts[row]
        mids, last = self.prices.mids, self.prices.ltp
        return Pair(
            float(strike), float(mids[place]), float(mids[place + 1]), last[place], last[place + 1]
        )

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
