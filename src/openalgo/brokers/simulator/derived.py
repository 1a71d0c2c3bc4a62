"""How the price of an instrument follows from that of its underlying.

A `Pricing` turns prices of the underlying (whole ticks) into prices of the instrument (whole ticks
of its own), minute by minute. Within a minute it only ever rises, or only ever falls, with the
underlying: so the extremes of the one are the extremes of the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from openalgo.brokers.simulator import chance, pricing
from openalgo.brokers.simulator.chance import Floats, Ints
from openalgo.brokers.simulator.pricing import YEAR_MS
from openalgo.brokers.simulator.spot import CLOSE, HIGH, LOW, OPEN, SpotDay

VolatilityAt = Callable[[date, Ints], Floats]
"""The yearly implied volatility at the money in each minute (place on the axis) of a day."""

_LEAST_YEARS = 1_000 / YEAR_MS


class Pricing(Protocol):
    def prices(self, spot: SpotDay, ticks: Ints, minute: Ints) -> Ints:
        """The instrument's prices while its underlying is at `ticks`, each in the `minute` (place
        on the axis) of the same column."""
        ...


class Same:
    """The underlying itself."""

    def prices(self, spot: SpotDay, ticks: Ints, minute: Ints) -> Ints:  # noqa: ARG002
        return ticks


@dataclass(frozen=True, slots=True)
class Twin:
    """The same share on another exchange: for a minute at a time at the same price, a tick above
    or a tick below."""

    seed: int
    symbol: str

    def prices(self, spot: SpotDay, ticks: Ints, minute: Ints) -> Ints:
        key = chance.key_of(self.seed, self.symbol, "twin", spot.date.toordinal())
        aside = (chance.many_bits(key, minute) % np.uint64(3)).astype(np.int64) - 1
        beside: Ints = np.maximum(ticks + aside, 1)
        return beside


@dataclass(frozen=True, slots=True)
class Part:
    """A fixed part of an index, as a fund that follows it. `tick` in rupees."""

    ratio: float
    tick: float

    def prices(self, spot: SpotDay, ticks: Ints, minute: Ints) -> Ints:  # noqa: ARG002
        return _whole(ticks, spot.tick * self.ratio / self.tick)


@dataclass(frozen=True, slots=True)
class Forward:
    """A future: the underlying and the cost of carrying it until `expires_ms`."""

    expires_ms: int
    carry: float
    tick: float

    def prices(self, spot: SpotDay, ticks: Ints, minute: Ints) -> Ints:
        growth = np.exp(self.carry * _years(self.expires_ms, spot, minute))
        return _whole(ticks, growth * (spot.tick / self.tick))


@dataclass(frozen=True, slots=True)
class Option:
    """A European option on `forward`.

    Besides its Black-76 value it costs a tick more than it would earn if exercised, on both sides
    of the strike alike, so that parity holds down to the last tick.
    """

    forward: Forward
    expires_ms: int
    strike: float
    is_call: bool
    tick: float
    volatility_at: VolatilityAt

    def prices(self, spot: SpotDay, ticks: Ints, minute: Ints) -> Ints:
        forward_ticks = self.forward.prices(spot, ticks, minute)
        forward = forward_ticks.astype(np.float64) * (self.forward.tick / self.tick)
        strike = self.strike / self.tick
        years = np.maximum(_years(self.expires_ms, spot, minute), _LEAST_YEARS)
        discount = pricing.discount_factor(years)
        at_the_money = self.volatility_at(spot.date, minute) ** 2 * years
        variance = pricing.total_variance(at_the_money, pricing.log_ratio(strike, forward))
        call = pricing.black76_call(forward, strike, variance, discount)
        parity = discount * (forward - strike)
        call = np.maximum(call, np.maximum(1 + parity, 1))
        found: Ints = np.rint(call if self.is_call else call - parity).astype(np.int64)
        return found


def bars(pricing_of: Pricing, spot: SpotDay, minutes: Ints) -> Ints:
    """Open, high, low and close (rows) of the instrument in each of `minutes` (columns)."""
    found = pricing_of.prices(spot, spot.bars[:, minutes].astype(np.int64), minutes)
    high, low = found[HIGH], found[LOW]
    return np.stack((found[OPEN], np.maximum(high, low), np.minimum(high, low), found[CLOSE]))


def _years(expires_ms: int, spot: SpotDay, minute: Ints) -> Floats:
    return np.maximum(expires_ms - spot.starts_ms[minute], 0) / YEAR_MS


def _whole(ticks: Ints, factor: Floats | float) -> Ints:
    found: Ints = np.maximum(np.rint(ticks * factor), 1).astype(np.int64)
    return found
