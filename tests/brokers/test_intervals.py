from datetime import UTC, date, datetime

import pytest

from openalgo.brokers.intervals import DAILY, INTRADAY, anchor_s, day_label
from openalgo.domain.clock import IST
from openalgo.domain.market import Exchange

FRIDAY = date(2026, 8, 21)


@pytest.mark.parametrize(
    ("exchange", "opens"),
    [
        (Exchange.NSE, "09:15"),
        (Exchange.NFO, "09:15"),
        (Exchange.BSE_INDEX, "09:15"),
        (Exchange.MCX, "09:00"),
        (Exchange.CDS, "09:00"),
        (Exchange.CRYPTO, "00:00"),
    ],
)
def test_intraday_candles_are_counted_from_the_usual_open(exchange: Exchange, opens: str) -> None:
    at = datetime.fromtimestamp(anchor_s(exchange, FRIDAY), IST)
    assert at.isoformat(timespec="minutes") == f"2026-08-21T{opens}+05:30"


def test_days_are_named_by_their_midnight_in_utc() -> None:
    assert datetime.fromtimestamp(day_label(FRIDAY), UTC) == datetime(2026, 8, 21, tzinfo=UTC)


def test_weeks_begin_on_monday_and_months_with_their_first_day() -> None:
    assert {name: first(FRIDAY) for name, first in DAILY.items()} == {
        "D": FRIDAY,
        "W": date(2026, 8, 17),
        "M": date(2026, 8, 1),
    }
    assert DAILY["W"](date(2026, 8, 17)) == date(2026, 8, 17)


def test_no_interval_has_two_meanings() -> None:
    assert not set(INTRADAY) & set(DAILY)
    assert list(INTRADAY.values()) == sorted(INTRADAY.values())
