"""Implied volatility and greeks of many options at once, with an answer for each that has none."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from openalgo.options import black76
from openalgo.options.black76 import Flags
from openalgo.options.normal import Floats

_LEAST_TIME_VALUE = 0.01
_MOST, _LEAST = 5.0, 0.001


class Outcome(IntEnum):
    """How the inversion of a price ended."""

    SOLVED = 0
    NO_TIME_VALUE = 1
    ABOVE_BOUND = 2
    NO_PRICE = 3


class Priced(NamedTuple):
    """One option and its price: prices in rupees, `rate` a decimal, `tick` 0 where unknown.
    `years` and all prices are above 0."""

    is_call: bool
    forward: float
    strike: float
    years: float
    rate: float
    price: float
    tick: float


class Solution(NamedTuple):
    """`volatility` is a decimal; the greeks are those of `black76.Greeks`, all 0 above the bound.
    `intrinsic` is the discounted intrinsic value in rupees."""

    outcome: Outcome
    volatility: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float
    intrinsic: float

    @property
    def is_extreme(self) -> bool:
        """Whether the volatility is a solution, but beyond what markets mean."""
        solved = self.outcome is Outcome.SOLVED
        return solved and not _LEAST <= self.volatility <= _MOST


_OUTCOMES = tuple(Outcome)


class Solutions(NamedTuple):
    """Solutions of many options by column; without a price every number is 0."""

    outcome: NDArray[np.int64]
    volatility: Floats
    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats
    rho: Floats
    intrinsic: Floats

    @classmethod
    def without_prices(cls, count: int) -> Self:
        return cls(np.full(count, Outcome.NO_PRICE), *np.zeros((7, count)))

    def rows(self) -> list[Solution]:
        columns = [column.tolist() for column in self]
        return [Solution(_OUTCOMES[first], *rest) for first, *rest in zip(*columns, strict=True)]


def solve(options: Sequence[Priced]) -> list[Solution]:
    """The solution of each option, in their order; see `solve_columns`."""
    if not options:
        return []
    columns = np.asarray(options, dtype=np.float64).T
    forward, strike, years, rate, price, tick = columns[1:]
    return solve_columns(columns[0] > 0, forward, strike, years, rate, price, tick).rows()


def solve_columns(
    call: Flags,
    forward: Floats,
    strike: Floats,
    years: Floats,
    rate: Floats,
    price: Floats,
    tick: Floats,
) -> Solutions:
    """What `price` implies, with the terms of `Priced` by column.

    An option in the money whose price is its discounted intrinsic value, or less than 0.01 rupee
    (a fifth of a tick, where that is less) above it, has no time value: volatility 0, delta +1 or
    -1. A price no volatility yields is above the bound.
    """
    sign = np.where(call, 1.0, -1.0)
    discount = np.exp(-rate * years)
    intrinsic = discount * np.maximum(sign * (forward - strike), 0.0)
    least = np.where(tick > 0, np.minimum(_LEAST_TIME_VALUE, tick / 5.0), _LEAST_TIME_VALUE)
    in_the_money = intrinsic > 0
    volatility = black76.implied_volatility(call, forward, strike, years, rate, price)
    spent = (price <= intrinsic) | (in_the_money & (price - intrinsic < least))
    spent |= volatility == 0
    above = ~spent & (np.isnan(volatility) | (price >= discount * np.where(call, forward, strike)))
    outcome = np.where(spent, Outcome.NO_TIME_VALUE, np.where(above, Outcome.ABOVE_BOUND, 0))
    solved = outcome == Outcome.SOLVED
    # The greeks of the others are computed at some volatility and thrown away.
    usable = np.where(solved, volatility, 1.0)
    greeks = black76.greeks(call, forward, strike, years, rate, usable)
    return Solutions(
        outcome,
        np.where(solved, volatility, 0.0),
        np.where(solved, greeks.delta, np.where(spent & in_the_money, sign, 0.0)),
        np.where(solved, greeks.gamma, 0.0),
        np.where(solved, greeks.theta, 0.0),
        np.where(solved, greeks.vega, 0.0),
        np.where(solved, greeks.rho, 0.0),
        intrinsic,
    )
