"""One day of one underlying: its minutes, and the way through each of them.

Prices are whole ticks. A minute's open and close lie on the path of the levels, its high and low
where a Brownian bridge between them would have had its extremes; the half-second steps inside it
are made when they are looked at, and touch exactly those four prices.
"""

import math
from datetime import date

import numpy as np
from numpy.typing import NDArray

from openalgo.brokers.simulator import chance
from openalgo.brokers.simulator.chance import Floats, Ints
from openalgo.brokers.simulator.hours import STEPS
from openalgo.brokers.simulator.levels import Factors
from openalgo.brokers.simulator.underlyings import Underlying
from openalgo.domain.numbers import px_float

OPEN, HIGH, LOW, CLOSE = range(4)

_STEP_NUMBERS = np.arange(STEPS, dtype=np.float64)
_CLOSE_NOISE = 1 / math.sqrt(STEPS)
# The extremes of a minute come in these places, apart from each other and from its ends.
_EARLY, _LATE, _ROOM = 12, 68, 42
_SMALLEST = np.finfo(np.float64).tiny


class SpotDay:
    """`bars` holds open, high, low and close (rows) of each minute of the axis (columns), in ticks
    of `tick` rupees; `starts_ms` says when each minute begins."""

    def __init__(
        self, seed: int, factors: Factors, underlying: Underlying, day: date, starts_ms: Ints
    ) -> None:
        group, minutes = underlying.group, len(starts_ms)
        levels = np.zeros(minutes + 1)
        for name, weight in underlying.weights:
            shared = name != underlying.symbol
            path = (factors.minutes if shared else factors.path)(group, name, day)
            levels += weight * path
        levels *= underlying.volatility
        noise = underlying.volatility * factors.minute_deviations(group, day)
        self.date = day
        self.starts_ms = starts_ms
        self.tick = px_float(underlying.tick)
        self.bars = _bars(
            chance.key_of(seed, underlying.symbol, "bars", day.toordinal()),
            levels,
            noise,
            float(underlying.price) / self.tick,
        )
        self._noise = noise
        self._key = chance.key_of(seed, underlying.symbol, "steps", day.toordinal())
        self._minute = -1
        self._steps = np.empty(0, np.int64)

    def steps(self, minute: int) -> Ints:
        """The prices (ticks) at each half second of `minute`, a place on the axis."""
        if minute != self._minute:
            self._steps = self._way_through(minute)
            self._minute = minute
        return self._steps

    def _way_through(self, minute: int) -> Ints:
        opens, high, low, closes = (int(price) for price in self.bars[:, minute])
        shocks = chance.shocks(self._key, minute * STEPS, STEPS)
        walk = np.cumsum(shocks * (opens * self._noise[minute] * _CLOSE_NOISE))
        bits = chance.bits(self._key, -1 - minute)
        knots = [0, _EARLY + bits % _ROOM, _LATE + (bits >> 16) % _ROOM, STEPS - 1]
        middle = [high, low] if bits >> 63 else [low, high]
        prices = [opens, *middle, closes]
        way = np.interp(_STEP_NUMBERS, knots, prices - walk[knots]) + walk
        # What would go beyond the extremes is thrown back.
        way = low + np.abs(high - np.abs(high - way) - low)
        steps: Ints = np.clip(np.rint(way), low, high).astype(np.int64)
        steps[knots] = prices
        return steps


def _bars(key: chance.Key, levels: Floats, noise: Floats, base_ticks: float) -> NDArray[np.int32]:
    minutes = len(noise)
    numbers = chance.uniforms(key, np.arange(3 * minutes, dtype=np.int64)).reshape(3, minutes)
    start, end = levels[:-1], levels[1:]
    # Where the maximum of a Brownian bridge lies with probability u, by the reflection principle.
    reach = np.log(np.maximum(numbers[:2], _SMALLEST)) * (-2 * noise * noise)
    spread = np.sqrt((end - start) ** 2 + reach)
    middle = start + end
    log_prices = np.stack(
        (
            start,
            (middle + spread[0]) / 2,
            (middle - spread[1]) / 2,
            end + noise * _CLOSE_NOISE * (2 * numbers[2] - 1),
        )
    )
    bars: NDArray[np.int32]
    bars = np.maximum(np.rint(np.exp(log_prices) * base_ticks), 1).astype(np.int32)
    np.maximum(bars[HIGH], np.maximum(bars[OPEN], bars[CLOSE]), out=bars[HIGH])
    np.minimum(bars[LOW], np.minimum(bars[OPEN], bars[CLOSE]), out=bars[LOW])
    return bars
