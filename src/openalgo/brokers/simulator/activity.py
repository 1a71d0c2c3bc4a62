"""How much of an instrument is traded, and how much of it is open."""

from collections.abc import Callable
from datetime import date

import numpy as np

from openalgo.brokers.simulator import chance
from openalgo.brokers.simulator.chance import Ints
from openalgo.brokers.simulator.hours import STEPS
from openalgo.brokers.simulator.levels import profile

LotsOn = Callable[[date], float]

_QUIETEST_DAY = 0.6
_BUSIEST_DAY = 1.4
_LATENESS = 0.7
"""How much of a minute's volume may come a minute late."""
_OI_NOISE = 0.12
_STEP_NUMBERS = np.arange(STEPS, dtype=np.int64)


class Activity:
    """Volume and open interest of one instrument.

    `lots_on` and `open_on` say what is traded and what is open, in lots, on an average day like
    the one given; `open_on` is `None` for what has no open interest.
    """

    def __init__(
        self, seed: int, name: str, lot: int, lots_on: LotsOn, open_on: LotsOn | None
    ) -> None:
        self._seed = seed
        self._name = name
        self._lot = lot
        self._lots_on = lots_on
        self._open_on = open_on
        self._busy = chance.key_of(seed, name, "busy")
        self._held = chance.key_of(seed, name, "open interest")

    @property
    def has_open_interest(self) -> bool:
        return self._open_on is not None

    def lots(self, day: date) -> float:
        """What `day` trades besides one lot in each minute."""
        busy = chance.uniform(self._busy, day.toordinal())
        return self._lots_on(day) * (_QUIETEST_DAY + busy * (_BUSIEST_DAY - _QUIETEST_DAY))

    def until(self, day: date, total: float, minutes: int, minute: Ints) -> Ints:
        """The units traded on `day` before each `minute` (place among the instrument's `minutes`),
        where `total` is `lots(day)`. Grows by a lot a minute at least."""
        usual = profile(minutes)
        key = chance.key_of(self._seed, self._name, "volume", day.toordinal())
        lateness = chance.uniforms(key, minute) * _LATENESS
        edge = (minute == 0) | (minute == minutes)
        lateness *= np.where(edge, 0.0, usual.share[minute - 1])
        traded = (usual.until[minute] - lateness) * total
        return (traded.astype(np.int64) + minute) * self._lot

    def within(self, day: date, minute: int, traded: int) -> Ints:
        """How `traded` units spread over the steps of `minute`: the sum after each."""
        key = chance.key_of(self._seed, self._name, "steps", day.toordinal())
        lateness = chance.uniforms(key, minute * STEPS + _STEP_NUMBERS) * _LATENESS
        lateness[-1] = 0.0
        share = (_STEP_NUMBERS + 1 - lateness) / STEPS
        return (share * (traded // self._lot)).astype(np.int64) * self._lot

    def open_interest(self, before: date, day: date, minutes: int, minute: Ints) -> Ints:
        """The units that are open in each `minute` of `day`, the trading day after `before`."""
        if self._open_on is None:
            return np.zeros(len(minute), np.int64)
        start, end = self._lots_at_close(before), self._lots_at_close(day)
        share = profile(minutes).until[minute + 1]
        return np.rint(start + (end - start) * share).astype(np.int64) * self._lot

    def open_at_close(self, day: date) -> int:
        """The units that are open when `day` is over."""
        return round(self._lots_at_close(day)) * self._lot

    def _lots_at_close(self, day: date) -> float:
        if self._open_on is None:
            return 0.0
        noise = 2 * chance.uniform(self._held, day.toordinal()) - 1
        return self._open_on(day) * (1 + _OI_NOISE * noise)
