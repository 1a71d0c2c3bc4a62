"""The grammar of derivative symbols: `BASE` + `DDMMMYY` + (`FUT` | strike + `CE`/`PE`)."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openalgo.domain.instruments import InstrumentType

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

# Anchored at the end: a base may itself begin or end with digits (726GS2033, NIFTYNXT50).
_CONTRACT = re.compile(
    r"(?P<base>[A-Z0-9&-]+?)"
    rf"(?P<day>\d\d)(?P<month>{'|'.join(MONTHS)})(?P<year>\d\d)"
    r"(?:FUT|(?P<strike>[1-9]\d*(?:\.\d*[1-9])?|0\.\d*[1-9])(?P<right>CE|PE))"
)


@dataclass(frozen=True, slots=True)
class ParsedSymbol:
    """What a derivative symbol says. `strike` (rupees) is set for options only; `expiry` lies in
    2000 to 2099, which is all that two digits of a year can mean."""

    base: str
    expiry: date
    type: InstrumentType
    strike: Decimal | None = None


def parse(symbol: str) -> ParsedSymbol | None:
    """The parts of the future or option `symbol`; `None` when it is not spelled like one.

    The spelling alone decides, so a row of the symbol master is the better source where there is
    one. `format` gives back exactly what was parsed.
    """
    match = _CONTRACT.fullmatch(symbol)
    if match is None:
        return None
    month = MONTHS.index(match["month"]) + 1
    try:
        expiry = date(2000 + int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
    if match["right"] is None:
        return ParsedSymbol(match["base"], expiry, InstrumentType.FUTURE)
    return ParsedSymbol(
        match["base"], expiry, InstrumentType(match["right"]), Decimal(match["strike"])
    )


def format(parsed: ParsedSymbol) -> str:
    """The symbol of a contract: strikes without trailing zeros (`20800`, `292.5`)."""
    expiry = parsed.expiry
    stem = f"{parsed.base}{expiry.day:02}{MONTHS[expiry.month - 1]}{expiry.year % 100:02}"
    if parsed.strike is None:
        return f"{stem}FUT"
    return f"{stem}{parsed.strike.normalize():f}{parsed.type}"
