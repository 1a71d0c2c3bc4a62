"""Prices, money and quantities.

Three kinds of number, never mixed:

* a **price** that is compared with another (limit, trigger, mark) is `Px`, an `int` of 1e-6 rupee;
* **money** in a ledger is a `Decimal` with four decimal places;
* a **quantity** is a `Decimal` of shares, units or (on CRYPTO) fractions of a contract.

Floats exist in `Tick` and in JSON only.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Px = NewType("Px", int)

PX_SCALE = 1_000_000
ZERO = Decimal(0)
ONE = Decimal(1)

_PX_UNIT = Decimal("0.000001")
_MONEY_UNIT = Decimal("0.0001")
_PAISA = Decimal("0.01")
_LAKHS = re.compile(r"(?<=\d)(?=(?:\d\d)*\d{3}$)")


def px(value: Decimal | float | int | str, tick: Px | None = None) -> Px:
    """The price `value` (rupees, not negative) in 1e-6 rupee, rounded half up to `tick`.

    Rounding a broker's float to its tick is what makes 100.05 touch a limit of 100.05.
    """
    if isinstance(value, float):
        micro = round(value * PX_SCALE)
    else:
        micro = int((Decimal(value) * PX_SCALE).to_integral_value(ROUND_HALF_UP))
    if tick:
        micro = (micro + tick // 2) // tick * tick
    return Px(micro)


def px_decimal(price: Px) -> Decimal:
    """`price` in rupees, exact."""
    return Decimal(price) * _PX_UNIT


def px_float(price: Px) -> float:
    """`price` in rupees, as JSON carries it."""
    return price / PX_SCALE


def money(value: Decimal | int | str) -> Decimal:
    """`value` (rupees) with four decimal places, rounded half up."""
    return Decimal(value).quantize(_MONEY_UNIT, ROUND_HALF_UP)


def traded_value(price: Px, quantity: Decimal) -> Decimal:
    """What `quantity` units at `price` are worth, in rupees."""
    return (price * quantity * _PX_UNIT).quantize(_MONEY_UNIT, ROUND_HALF_UP)


def plain_number(value: Decimal) -> int | float:
    """`value` as JSON carries it: an int when whole."""
    whole = int(value)
    return whole if whole == value else float(value)


def grouped(value: Decimal | int) -> str:
    """`value` as sentences have it, by lakh and crore, with the decimals it has: 12,34,567.5."""
    whole, point, rest = f"{Decimal(value):f}".partition(".")
    return _LAKHS.sub(",", whole) + point + rest


def rupees(amount: Decimal) -> str:
    """`amount` as sentences have it, to the paisa: ₹12,34,567.50."""
    sign = "-" if amount < 0 else ""
    return f"{sign}₹{grouped(abs(amount).quantize(_PAISA))}"
