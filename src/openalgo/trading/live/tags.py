"""What orders of ours carry at a broker, so that we know them again."""

import secrets

SITE_LENGTH = 4

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MARK = "oa"


def new_site() -> str:
    """Letters and digits that tell this installation from others at the same broker account."""
    return "".join(secrets.choice(_DIGITS) for _ in range(SITE_LENGTH))


def tag_of(order_number: int, site: str, length: int) -> str:
    """The tag of our order `order_number` in at most `length` letters and digits, different for
    every order. Where there is little room it is the number that stays."""
    return f"{_MARK}{site}{_base36(order_number)}"[-length:]


def _base36(number: int) -> str:
    digits = []
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits)) or "0"
