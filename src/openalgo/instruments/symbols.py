"""The grammar of derivative symbols: `BASE` + `DDMMMYY` + (`FUT` | strike + `CE`/`PE`)."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from openalgo.domain.instruments import Instrument, InstrumentType

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_DATE = rf"(?P<day>\d\d){_MONTH}(?P<year>\d\d)"

# Anchored at the end: a base may itself begin or end with digits (726GS2033, NIFTYNXT50).
_CONTRACT = re.compile(
    rf"(?P<base>[A-Z0-9&-]+?){_DATE}"
    r"(?:FUT|(?P<strike>[1-9]\d*(?:\.\d*[1-9])?|0\.\d*[1-9])(?P<right>CE|PE))",
    re.ASCII,
)
_DATED = re.compile(rf"(?P<base>[A-Z0-9&-]+?){_DATE}(?:FUT)?", re.ASCII)
_EXPIRY = re.compile(rf"(?P<day>\d\d)(?P<dash>-?){_MONTH}(?P=dash)(?P<year>\d\d)", re.ASCII)


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
    one (`Master.parts`). `format` gives back exactly what was parsed.
    """
    match = _CONTRACT.fullmatch(symbol)
    if match is None:
        return None
    expiry = _day(match)
    if expiry is None:
        return None
    if match["right"] is None:
        return ParsedSymbol(match["base"], expiry, InstrumentType.FUTURE)
    return ParsedSymbol(
        match["base"], expiry, InstrumentType(match["right"]), Decimal(match["strike"])
    )


def format(parsed: ParsedSymbol) -> str:
    """The symbol of a contract: strikes without trailing zeros (`20800`, `292.5`)."""
    return symbol_of(parsed.base, parsed.type, parsed.expiry, parsed.strike)


def symbol_of(base: str, type: InstrumentType, expiry: date, strike: Decimal | None = None) -> str:
    """The symbol of the future, or with a `strike` the option, that a record describes."""
    if strike is None:
        return f"{stem_of(base, expiry)}FUT"
    return f"{stem_of(base, expiry)}{strike.normalize():f}{type}"


def stem_of(base: str, expiry: date) -> str:
    """What all symbols of one underlying and expiry begin with."""
    return f"{base}{compact_expiry(expiry)}"


def parts_of(instrument: Instrument) -> ParsedSymbol | None:
    """The parts of a record that is a dated contract: its own fields, whatever its spelling."""
    if instrument.expiry is None or not (instrument.is_future or instrument.is_option):
        return None
    return ParsedSymbol(instrument.name, instrument.expiry, instrument.type, instrument.strike)


def compact_expiry(day: date) -> str:
    """`28MAR24`, as symbols and requests spell it."""
    return f"{day.day:02}{MONTHS[day.month - 1]}{day.year % 100:02}"


def expiry_text(day: date) -> str:
    """`28-MAR-24`, as lists of expiries and instrument rows spell it."""
    return f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year % 100:02}"


def parse_expiry(text: str) -> date | None:
    """The date of `28MAR24` or `28-MAR-24` in any case; `None` for anything else."""
    match = _EXPIRY.fullmatch(text.upper())
    return None if match is None else _day(match)


def split_underlying(text: str) -> tuple[str, date | None]:
    """An underlying as option requests name it: its base, and the expiry when one is embedded.

    `NIFTY28NOV24FUT` and `NIFTY28NOV24` both name NIFTY with the expiry of 28 November 2024.
    """
    match = _DATED.fullmatch(text)
    expiry = None if match is None else _day(match)
    if match is None or expiry is None:
        return text, None
    return match["base"], expiry


def shortest(value: Decimal) -> Decimal:
    """`value` without trailing zeros and without an exponent. Raises `InvalidOperation` for
    infinities and what is not a number."""
    if not value.is_finite():
        raise InvalidOperation(f"{value} is not finite")
    return Decimal(f"{value.normalize():f}")


def _day(match: re.Match[str]) -> date | None:
    month = MONTHS.index(match["month"]) + 1
    try:
        return date(2000 + int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
