"""Option prices: Black-76 with a smile that leaves no arbitrage.

All functions take and give arrays, element by element.
"""

import math

import numpy as np

from openalgo.brokers.simulator.chance import Floats

YEAR_MS = 365 * 86_400_000
INTEREST = 0.065
"""The yearly rate at which an option's price is discounted."""

# Total variance over log-moneyness, in the SSVI form of Gatheral and Jacquier. With the skew ρ and
# the curvature η, φ(θ) = η/√θ, there is no butterfly arbitrage while η²(1 + |ρ|) <= 4, and none
# between expiries while the variance at the money grows with time. The prices are homogeneous in
# forward and strike, so calls rise and puts fall with the forward.
_SKEW = -0.35
_CURVATURE = 0.75

# Hart's rational approximation of the normal distribution, as published by West (2005): highest
# power first, good to 1e-15.
_ABOVE = (
    3.52624965998911e-02,
    0.700383064443688,
    6.37396220353165,
    33.912866078383,
    112.079291497871,
    221.213596169931,
    220.206867912376,
)
_BELOW = (
    8.83883476483184e-02,
    1.75566716318264,
    16.064177579207,
    86.7807322029461,
    296.564248779674,
    637.333633378831,
    793.826512519948,
    440.413735824752,
)
_FARTHEST = 7.0


def normal_cdf(x: Floats) -> Floats:
    """The standard normal distribution function. Beyond ±7 it stays at its value there, which is
    within 1e-11 of 0 or 1."""
    size = np.minimum(np.abs(x), _FARTHEST)
    tail: Floats = np.exp(-0.5 * size * size) * _polynomial(_ABOVE, size)
    tail /= _polynomial(_BELOW, size)
    return np.where(x > 0, 1.0 - tail, tail)


def total_variance(at_the_money: Floats, log_moneyness: Floats) -> Floats:
    """The implied variance times the time to expiry, given that `at_the_money` and ln(K/F)."""
    slope = _CURVATURE / np.sqrt(at_the_money) * log_moneyness
    root = np.sqrt((slope + _SKEW) ** 2 + (1 - _SKEW**2))
    variance: Floats = at_the_money / 2 * (1 + _SKEW * slope + root)
    return variance


def black76_call(forward: Floats, strike: float, variance: Floats, discount: Floats) -> Floats:
    """The price of a call, in the unit of `forward` and `strike`.

    `variance` is volatility² times years to expiry, above 0; `discount` what a rupee at expiry is
    worth now.
    """
    deviation = np.sqrt(variance)
    first = np.log(forward / strike) / deviation + deviation / 2
    chances = normal_cdf(np.stack((first, first - deviation)))
    value: Floats = discount * (forward * chances[0] - strike * chances[1])
    return value


def discount_factor(years: Floats) -> Floats:
    return np.exp(-INTEREST * years)


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    value = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    value += coefficients[-1]
    return value


def log_ratio(strike: float, forward: Floats) -> Floats:
    """ln(K/F)."""
    return math.log(strike) - np.log(forward)
