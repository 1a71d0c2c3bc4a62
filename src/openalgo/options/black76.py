"""Black's model of 1976: prices, greeks and implied volatility of options on a forward.

Everything is vectorised: arguments are arrays (or numbers) of one shape. `forward`, `strike` and
`price` are rupees, `years` is the time to expiry in years, `rate` the continuous annual interest
rate and `volatility` the annual volatility, both as decimals; `is_call` tells calls from puts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openalgo.options.normal import Floats, cumulative, density, scaled_erfc

Flags = NDArray[np.bool_]

DAYS_A_YEAR = 365.0

_SQRT_2 = np.sqrt(2.0)
_SQRT_2PI = np.sqrt(2.0 * np.pi)
_MOST_STEPS = 100
# Beyond this total volatility every price is its upper bound, to the last digit.
_LARGEST = 40.0
# A step leaves an error of its fourth power: one this small (of the value) was the last.
_CLOSE = 1e-4
# A bracket this narrow (of its lower end) leaves nothing to seek.
_NARROW = 1e-10
_HUGE = 1e300


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeks:
    """`theta` is per calendar day, `vega` per point of volatility, `rho` per point of rate."""

    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats
    rho: Floats


def price(
    is_call: Flags | bool,
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
) -> Floats:
    """What the option is worth. With no time or no volatility left that is its discounted
    intrinsic value."""
    call, f, k, t, r, s = _arrays(is_call, forward, strike, years, rate, volatility)
    d1, d2 = _d(f, k, s * np.sqrt(t))
    sign = np.where(call, 1.0, -1.0)
    worth: Floats = np.exp(-r * t) * sign * (f * cumulative(sign * d1) - k * cumulative(sign * d2))
    return worth


def greeks(
    is_call: Flags | bool,
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
) -> Greeks:
    """The sensitivities of `price`; `years` and `volatility` must be above 0."""
    call, f, k, t, r, s = _arrays(is_call, forward, strike, years, rate, volatility)
    root = np.sqrt(t)
    d1, d2 = _d(f, k, s * root)
    discount = np.exp(-r * t)
    sign = np.where(call, 1.0, -1.0)
    first, second = cumulative(np.stack((sign * d1, sign * d2)))
    worth = discount * sign * (f * first - k * second)
    peak = discount * density(d1)
    return Greeks(
        delta=sign * discount * first,
        gamma=peak / (f * s * root),
        theta=(-f * peak * s / (2.0 * root) + r * worth) / DAYS_A_YEAR,
        vega=f * peak * root / 100.0,
        rho=-t * worth / 100.0,
    )


def implied_volatility(
    is_call: Flags | bool,
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    price: ArrayLike,
) -> Floats:
    """The volatility at which the option is worth `price`.

    0 where the price is its discounted intrinsic value or less, NaN where it reaches what no
    volatility yields (the discounted forward of a call, the discounted strike of a put) and where
    an argument is not positive.
    """
    call, f, k, t, r, p = _arrays(is_call, forward, strike, years, rate, price)
    valid = (f > 0) & (k > 0) & (t > 0) & (p > 0)
    f, k, t, p = (np.where(valid, each, 1.0) for each in (f, k, t, p))
    undiscounted = p * np.exp(r * t)
    intrinsic = np.maximum(np.where(call, f - k, k - f), 0.0)
    # By parity the time value is the price of the option of this strike that is out of the money.
    scale = np.sqrt(f) * np.sqrt(k)
    time_value = (undiscounted - intrinsic) / scale
    x = -np.abs(np.log(f / k))
    total = _total_volatility(x, time_value)
    return np.where(valid, total / np.sqrt(t), np.nan)


def _total_volatility(x: Floats, target: Floats) -> Floats:
    """The `s` at which `_normalised(x, s)` is `target`, for `x` <= 0: volatility times the square
    root of time.

    Householder's method, from a close guess, on a transform of the price that is nearly straight:
    its inverse logarithm below the inflexion point, the logarithm of what is missing to the
    highest price above it. Steps that leave the bracket are replaced by bisection.
    """
    highest = np.exp(x / 2.0)
    result = np.where(target > 0, np.nan, 0.0)
    open_ = np.flatnonzero((target > 0) & (target < highest))
    x, target, highest = x[open_], target[open_], highest[open_]
    s = _guess(x, target)
    is_low = s < np.sqrt(-2.0 * x)
    worth = _normalised(x, s)
    low, high = np.zeros_like(s), np.full_like(s, _LARGEST)
    for _ in range(_MOST_STEPS):
        gap = worth - target
        low, high = np.where(gap < 0, s, low), np.where(gap > 0, s, high)
        step = _step(x, s, worth, target, highest, is_low)
        step = np.where(gap == 0, 0.0, step)
        done = (np.abs(step) <= _CLOSE * s) | (high - low <= _NARROW * low)
        moved = s - step
        s = np.where(done | ((moved > low) & (moved < high)), moved, 0.5 * (low + high))
        if done.any():
            result[open_[done]] = s[done]
            left = ~done
            if not left.any():
                return result
            open_, s, low, high = open_[left], s[left], low[left], high[left]
            x, target, highest, is_low = x[left], target[left], highest[left], is_low[left]
        worth = _normalised(x, s)
    result[open_] = s
    return result


def _guess(x: Floats, target: Floats) -> Floats:
    """Where to begin: what Bachelier's model says, in which the price in units of the distance to
    the strike depends on one number only, corrected for the skew of Black's."""
    distance = 2.0 * np.sinh(-0.5 * x)
    with np.errstate(divide="ignore", over="ignore"):
        logarithm = np.log(target) - np.log(distance)
    far = -x * np.exp(np.interp(logarithm, _LOG_WORTH, _LOG_SPREAD))
    near = (target + 0.5 * distance) * _SQRT_2PI
    s = np.where(logarithm < _LOG_WORTH[-1], far, near)
    result: Floats = np.clip(s * (1.0 + s * s / 24.0), 1e-12, 5.0)
    return result


def _bachelier() -> tuple[Floats, Floats]:
    """Of an option one unit out of the money, the logarithm of its price by that of its spread
    (volatility times the square root of time), both ascending."""
    u = np.geomspace(38.0, 0.01, 600)
    tail = np.sqrt(0.5 * np.pi) * u * scaled_erfc(u / _SQRT_2)
    return np.log((1.0 - tail) / (_SQRT_2PI * u)) - 0.5 * u * u, -np.log(u)


_LOG_WORTH, _LOG_SPREAD = _bachelier()


def _step(
    x: Floats, s: Floats, worth: Floats, target: Floats, highest: Floats, is_low: Flags
) -> Floats:
    """Householder's step of the third order: Newton's, and what the second and third derivatives
    of the transform (as parts of its first) change about it."""
    with np.errstate(all="ignore"):
        h = x / s
        square = h * h
        slope = np.exp(-0.5 * (square + 0.25 * s * s)) / _SQRT_2PI
        # Of the price itself, the second and third derivative as parts of the first.
        second = square / s - 0.25 * s
        third = second * second - 3.0 * square / (s * s) - 0.25
        missing = highest - worth
        logarithm, log_target = np.log(worth), np.log(target)
        part = slope / np.where(is_low, worth, missing)
        newton = np.where(
            is_low,
            (logarithm - log_target) * logarithm / log_target,
            np.log((highest - target) / missing),
        )
        newton /= part
        # Of the logarithm of what is missing these are; its inverse needs some factors more.
        bend = np.where(is_low, -(1.0 + 2.0 / logarithm), 1.0)
        twist = np.where(is_low, 1.0 + 3.0 / logarithm * (1.0 + 1.0 / logarithm), 1.0)
        halley = second + part * bend
        last = third + 2.0 * part * part * twist + 3.0 * second * part * bend
        step = (
            newton * (1.0 - 0.5 * halley * newton) / (1.0 - newton * (halley - last * newton / 6.0))
        )
        # Far from the solution the correction may point the other way.
        step = np.where(step * newton > 0, step, newton)
    result: Floats = np.nan_to_num(step, nan=_HUGE, posinf=_HUGE, neginf=-_HUGE)
    return result


def _normalised(x: Floats, s: Floats) -> Floats:
    """The price of the out-of-the-money option over sqrt(F K): a difference of two tails, scaled
    so that it keeps its digits however small it is."""
    with np.errstate(over="ignore"):
        h = x / s
    t = s / 2.0
    tails = scaled_erfc(np.stack((-h - t, t - h)) / _SQRT_2)
    worth: Floats = 0.5 * np.exp(-0.5 * (h * h + t * t)) * (tails[0] - tails[1])
    return np.maximum(worth, 0.0)


def _d(forward: Floats, strike: Floats, total: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        d1 = np.log(forward / strike) / total + total / 2.0
    # No time or no volatility at the money: either side of the strike is as good.
    d1 = np.where(np.isnan(d1), 0.0, d1)
    return d1, d1 - total


def _arrays(
    is_call: Flags | bool, *numbers: ArrayLike
) -> tuple[Flags, Floats, Floats, Floats, Floats, Floats]:
    call, f, k, t, r, last = np.broadcast_arrays(
        np.atleast_1d(np.asarray(is_call, dtype=np.bool_)),
        *(np.asarray(number, dtype=np.float64) for number in numbers),
    )
    return call, f, k, t, r, last
