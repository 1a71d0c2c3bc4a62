from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.replay.times import NeedsDate, instant, microseconds
from openalgo.domain.clock import IST

QUARTER_PAST_NINE = datetime(2026, 7, 17, 9, 15, tzinfo=IST)


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-17 09:15:00",
        "2026-07-17 09:15",
        "2026-07-17 9:15:00",
        "2026-07-17T09:15:00.000000000",
        "2026-07-17 09:15:00+05:30",
        "2026-07-17T03:45:00Z",
        "2026-07-17 03:45:00+00",
        "20260717 09:15",
        "20260717 0915",
        "17-07-2026 09:15:00",
        "17/07/2026 09:15",
        "17/7/2026 9:15",
        "17-Jul-2026 09:15:00",
        "17 JUL 2026 09:15:00",
        "1784259900",
        "1784259900.0",
        "1784259900000",
        "1784259900000000",
        "1784259900000000000",
    ],
)
def test_ways_to_write_a_time(text: str) -> None:
    assert instant(microseconds(text)) == QUARTER_PAST_NINE


def test_a_date_alone_is_its_midnight() -> None:
    assert instant(microseconds("20260717")) == datetime(2026, 7, 17, tzinfo=IST)


def test_a_time_of_day_belongs_to_the_day_given() -> None:
    assert instant(microseconds("9:15:00.5", date(2026, 7, 17))) == QUARTER_PAST_NINE + timedelta(
        milliseconds=500
    )
    with pytest.raises(NeedsDate):
        microseconds("09:15:00")


@pytest.mark.parametrize(
    "text", ["", "soon", "32-07-2026 09:15", "17-Foo-2026", "2026-13-01", "12345", "25:00:00"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - callers make the sentence
        microseconds(text, date(2026, 7, 17))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001
def test_microseconds_survive(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    assert instant(microseconds(at.isoformat())) == at
