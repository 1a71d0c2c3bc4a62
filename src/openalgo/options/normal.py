"""The normal distribution, vectorised, to full double precision.

NumPy has no error function. These are W. J. Cody's rational approximations ("Rational Chebyshev
approximation for the error function", 1969), whose relative error stays below 1e-15 in the tails
too, where differences of probabilities are what prices are made of.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SQRT_2 = np.sqrt(2.0)
_SQRT_2PI = np.sqrt(2.0 * np.pi)
_INVERSE_SQRT_PI = 1.0 / np.sqrt(np.pi)

_NEAR = 0.46875
_FAR = 4.0

# erf(x) = x P(x^2) / Q(x^2) for |x| <= 0.46875.
_P_NEAR = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_Q_NEAR = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
# exp(x^2) erfc(x) = P(x) / Q(x) for 0.46875 <= x <= 4.
_P_MIDDLE = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_Q_MIDDLE = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
# exp(x^2) erfc(x) = (1/sqrt(pi) - z P(z) / Q(z)) / x, with z = 1/x^2, for x >= 4.
_P_TAIL = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_Q_TAIL = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)


def density(x: Floats) -> Floats:
    """n(x)."""
    result: Floats = np.exp(-0.5 * x * x) / _SQRT_2PI
    return result


def cumulative(x: Floats) -> Floats:
    """N(x)."""
    z = np.abs(x) / _SQRT_2
    tail = 0.5 * np.exp(-z * z) * scaled_erfc(z)
    result: Floats = np.where(x < 0, tail, 1.0 - tail)
    return result


def scaled_erfc(x: Floats) -> Floats:
    """exp(x^2) erfc(x). For x below -26 it overflows to infinity."""
    z = np.abs(x)
    result = np.empty_like(z)
    is_near, is_far = z <= _NEAR, z >= _FAR
    for where, approximation in (
        (is_near, _near),
        (~(is_near | is_far), _middle),
        (is_far, _tail),
    ):
        if where.any():
            result[where] = approximation(z[where])
    negative = x < 0
    if negative.any():
        below = z[negative]
        with np.errstate(over="ignore"):
            result[negative] = 2.0 * np.exp(below * below) - result[negative]
    return result


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Horner's scheme, the highest power first."""
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result *= x
        result += coefficient
    return result


def _near(z: Floats) -> Floats:
    square = z * z
    result: Floats = np.exp(square) * (
        1.0 - z * _polynomial(_P_NEAR, square) / _polynomial(_Q_NEAR, square)
    )
    return result


def _middle(z: Floats) -> Floats:
    return _polynomial(_P_MIDDLE, z) / _polynomial(_Q_MIDDLE, z)


def _tail(z: Floats) -> Floats:
    with np.errstate(over="ignore"):
        inverse = 1.0 / (z * z)
    rest = inverse * _polynomial(_P_TAIL, inverse) / _polynomial(_Q_TAIL, inverse)
    result: Floats = (_INVERSE_SQRT_PI - rest) / z
    return result
