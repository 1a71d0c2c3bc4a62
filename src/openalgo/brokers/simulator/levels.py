"""How the forces behind prices move: closing levels from day to day, paths through each day.

A *factor* is one such force: the market, a sector, or what is a share's own. Its level is a
logarithm, in standard deviations of a day's change. A closing level is an autoregressive sum of
daily shocks: it moves like a share and stays near its base over the years. Within a day, the path
is a Brownian bridge from the last close to this one, wilder after the open and before the close.
"""

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from openalgo.brokers.simulator import chance
from openalgo.brokers.simulator.chance import SHOCK_UNIT, Floats
from openalgo.brokers.simulator.hours import MEMORY_DAYS, Group, TradingDays

_PULL = 0.985
_WEIGHT_SCALE = 1 << 24
_WEIGHTS = np.rint(_PULL ** np.arange(MEMORY_DAYS) * _WEIGHT_SCALE).astype(np.int64)

_OVERNIGHT_SHARE = 0.2
"""The part of a day's variance that comes as a gap when the market was closed for the night."""

_QUIET = 0.75
_BUSIER_EDGES = 1.25


@dataclass(frozen=True, slots=True)
class Profile:
    """How activity spreads over a day of `len(share)` minutes. `until` is what is done before a
    minute (from 0, one entry more than minutes, the last 1), `share` what falls into it."""

    until: Floats
    share: Floats


@lru_cache(maxsize=64)
def profile(minutes: int) -> Profile:
    """The usual day: busy at both ends, calm in the middle."""
    middle = (np.arange(minutes) + 0.5) / minutes
    share = _QUIET + _BUSIER_EDGES * (2 * middle - 1) ** 4
    until = np.concatenate(([0.0], np.cumsum(share)))
    until /= until[-1]
    until[-1] = 1.0
    return Profile(until, np.diff(until))


class Factors:
    """The levels of every factor of `group`s under one seed."""

    def __init__(self, seed: int, days: TradingDays) -> None:
        self._seed = seed
        self._days = days
        self.closing = lru_cache(maxsize=8_192)(self._closing)
        self.minutes = lru_cache(maxsize=64)(self.path)

    def _closing(self, group: Group, name: str, day: date) -> float:
        """Where `name` stands after the trading day `day`.

        Whole numbers are summed, so that it is the same wherever and however it is computed.
        """
        last = day.toordinal()
        key = chance.key_of(self._seed, name, "closes")
        parts = chance.shock_parts(key, last - MEMORY_DAYS + 1, MEMORY_DAYS)[::-1]
        total = int((parts * _WEIGHTS * self._days.memory(group, day)).sum())
        return total / _WEIGHT_SCALE * SHOCK_UNIT

    def path(self, group: Group, name: str, day: date) -> Floats:
        """The levels at the beginning of each minute of `day`'s axis, and at its end."""
        ordinal = day.toordinal()
        steps = len(self._days.axis(group, day))
        start = self.closing(group, name, self._days.previous(group, day))
        end = self.closing(group, name, day)
        rest = 1.0
        if self._days.overnight(group, day):
            rest -= _OVERNIGHT_SHARE
            shock = chance.shocks(chance.key_of(self._seed, name, "gap"), ordinal, 1)[0]
            start += (end - start) * _OVERNIGHT_SHARE
            start += math.sqrt(_OVERNIGHT_SHARE * rest) * float(shock)
        usual = profile(steps)
        walk = np.zeros(steps + 1)
        shocks = chance.shocks(chance.key_of(self._seed, name, "path", ordinal), 0, steps)
        np.cumsum(shocks * np.sqrt(usual.share), out=walk[1:])
        levels: Floats = (
            start + (end - start) * usual.until + math.sqrt(rest) * (walk - usual.until * walk[-1])
        )
        levels[0], levels[-1] = start, end
        return levels

    def minute_deviations(self, group: Group, day: date) -> Floats:
        """The standard deviation of a level's change over each minute of `day`'s axis."""
        rest = 1.0 - (_OVERNIGHT_SHARE if self._days.overnight(group, day) else 0.0)
        return np.sqrt(profile(len(self._days.axis(group, day))).share * rest)
