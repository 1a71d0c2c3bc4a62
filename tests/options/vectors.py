"""Prices, implied volatilities and greeks computed elsewhere at 40 digits.

`seconds` to expiry (a year has 31,536,000), `rate` in percent, `volatility` as a decimal; theta is
per day, vega per point of volatility, rho per point of rate.
"""

import csv
from pathlib import Path
from typing import NamedTuple


class Vector(NamedTuple):
    name: str
    is_call: bool
    forward: float
    strike: float
    seconds: float
    rate: float
    price: float
    volatility: float
    delta: float
    gamma: float
    theta: float
    vega: float
    rho: float


def _read() -> tuple[Vector, ...]:
    with (Path(__file__).parent / "black76.csv").open() as file:
        _, *rows = csv.reader(file)
    return tuple(Vector(name, flag == "c", *map(float, rest)) for name, flag, *rest in rows)


VECTORS = _read()
