"""What settings of the paper exchange may be, and the one spelling of each value.

A reader takes what a user wrote and returns that spelling; it raises `ValueError` with what the
value must be.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

CAPITALS = tuple(
    Decimal(each) for each in (100_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000)
)
TRUE, FALSE = "true", "false"

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MOST = 1000
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)


def time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("must be a time HH:MM, from 00:00 to 23:59")
    return text


def time_or_empty(text: str) -> str:
    return text and time(text)


def capital(text: str) -> str:
    amount = _decimal(text)
    if amount not in CAPITALS:
        raise ValueError(f"must be one of {', '.join(map(str, CAPITALS))}")
    return f"{amount:.2f}"


def leverage(text: str) -> str:
    times = _decimal(text)
    if times is None or not 1 <= times <= 50 or times != round(times, 2):
        raise ValueError("must be a number from 1 to 50, with at most two decimal places")
    return f"{times.normalize():f}"


def no_leverage(text: str) -> str:
    if _decimal(text) != 1:
        raise ValueError("must be 1: shares for delivery are paid in full")
    return "1"


def whole(least: int, most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return str(int(text))

    return read


def number(text: str) -> str:
    value = _decimal(text)
    if value is None or not 0 <= value <= _MOST or value != round(value, 2):
        raise ValueError(f"must be a number from 0 to {_MOST}, with at most two decimal places")
    return f"{value.normalize():f}"


def word(*words: str) -> Callable[[str], str]:
    known = {each.lower(): each for each in words}

    def read(text: str) -> str:
        found = known.get(text.lower())
        if found is None:
            raise ValueError(f"must be one of {', '.join(words)}")
        return found

    return read


flag = word(TRUE, FALSE)


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
