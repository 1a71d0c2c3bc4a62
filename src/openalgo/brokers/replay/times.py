"""Reading the time of a recorded row, however it is written."""

import re
from datetime import UTC, date, datetime, timedelta

from openalgo.domain.clock import IST
from openalgo.instruments.symbols import MONTHS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2}|[A-Za-z]{3})[-/. ](?P<year>\d{4})(?P<rest>.*)"
)
_ONE_DIGIT_HOUR = re.compile(r"(?<=[T ])(?=\d:)")
# Digits of an epoch stamp → how many of its units make a microsecond, or the other way round.
_EPOCH_DIGITS = {10: 1_000_000, 13: 1_000, 16: 1}
_NANOSECOND_DIGITS = 19


class NeedsDate(ValueError):
    """The text is a time of day, and no date was given to go with it."""


def microseconds(text: str, day: date | None = None) -> int:
    """The instant `text` names, in microseconds since 1970-01-01 UTC.

    Understood are ISO 8601 in all its forms, days before months (`17-07-2026 09:15:00`,
    `17-Jul-2026`), and seconds, milliseconds, microseconds or nanoseconds since the epoch. A time
    without zone is IST. A time of day alone belongs to `day`. Raises `NeedsDate`, and
    `ValueError` for anything else.
    """
    whole = text.removesuffix(".0")
    if whole.isdecimal() and len(whole) in _EPOCH_DIGITS:
        return int(whole) * _EPOCH_DIGITS[len(whole)]
    if whole.isdecimal() and len(whole) == _NANOSECOND_DIGITS:
        return int(whole) // 1_000
    return (_instant(text, day) - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The inverse of `microseconds`."""
    return _EPOCH + micros * _MICROSECOND


def _instant(text: str, day: date | None) -> datetime:
    if _TIME_OF_DAY.fullmatch(text):
        if day is None:
            raise NeedsDate(text)
        text = f"{day.isoformat()} {text}"
    elif (day_first := _DAY_FIRST.fullmatch(text)) is not None:
        text = _iso(day_first)
    at = datetime.fromisoformat(_ONE_DIGIT_HOUR.sub("0", text))
    return at.replace(tzinfo=IST) if at.tzinfo is None else at


def _iso(day_first: re.Match[str]) -> str:
    name = day_first["month"].upper()
    month = int(name) if name.isdecimal() else MONTHS.index(name) + 1
    return f"{day_first['year']}-{month:02}-{int(day_first['day']):02}{day_first['rest']}"
