"""Candle intervals, in the spelling of the API, and where their candles begin."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from openalgo.domain.clock import IST, epoch_ms
from openalgo.domain.market import Exchange

INTRADAY: Mapping[str, int] = {
    "1m": 1,
    "3m": 3,
    "5m": 5,
    "10m": 10,
    "15m": 15,
    "30m": 30,
    "1h": 60,
}
"""Minutes of each intraday interval."""

DAILY: Mapping[str, Callable[[date], date]] = {
    "D": lambda day: day,
    "W": lambda day: day - timedelta(days=day.weekday()),
    "M": lambda day: day.replace(day=1),
}
"""The first date of the candle a date belongs to. Weeks begin on Monday."""

_OPENS_AT_NINE = frozenset({Exchange.CDS, Exchange.BCD, Exchange.MCX, Exchange.NCDEX, Exchange.NCO})


def anchor_s(exchange: Exchange, day: date) -> int:
    """The instant (epoch seconds) from which the intraday candles of `day` are counted: when
    `exchange` usually opens.

    A market that trades longer has candles before it too, so that the one of 09:15 is the same in
    every market.
    """
    opens = time(9, 0) if exchange in _OPENS_AT_NINE else time(9, 15)
    if exchange is Exchange.CRYPTO:
        opens = time(0, 0)
    return epoch_ms(datetime.combine(day, opens, IST)) // 1_000


def day_label(day: date) -> int:
    """The `at_s` of a candle of days that begins on `day`: its midnight in UTC."""
    return epoch_ms(datetime.combine(day, time(), UTC)) // 1_000
