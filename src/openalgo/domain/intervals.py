"""Candle intervals, as the API spells them: `1m`, `1h`, `D`. Upper and lower case differ."""

import re

INTERVALS = (
    *("1s", "5s", "10s", "15s", "30s", "45s"),
    *("1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m"),
    *("1h", "2h", "3h", "4h"),
    *("D", "W", "M", "Q", "Y"),
)
"""What clients may ask brokers for; each broker serves some of them."""

_MOST = {"m": 375, "h": 24}
_OF_ANY_LENGTH = re.compile(r"([1-9]\d{0,2})([mhDWMQY])", re.ASCII)


def is_intraday(interval: str) -> bool:
    """Whether several candles of `interval` fall on one day."""
    return interval[-1:] in {"s", "m", "h"}


def is_of_stored_candles(interval: str) -> bool:
    """Whether `interval` can be made of stored candles: also of other lengths, such as `25m`."""
    match = _OF_ANY_LENGTH.fullmatch(interval)
    custom = match is not None and int(match[1]) <= _MOST.get(match[2], 999)
    return custom or interval in INTERVALS
