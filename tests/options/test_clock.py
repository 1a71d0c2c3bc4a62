"""When options expire."""

from datetime import UTC, date, datetime, time

import pytest

from openalgo.domain.market import Exchange
from openalgo.options.clock import LEAST_YEARS, days_left, expiry_instant, years_left

DAY = date(2025, 12, 30)
END = datetime(2025, 12, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exchange", "at"),
    [
        (Exchange.NFO, (10, 0)),
        (Exchange.BFO, (10, 0)),
        (Exchange.MCX, (18, 0)),
        (Exchange.NCO, (18, 0)),
        (Exchange.NCDEX, (11, 30)),
        (Exchange.CDS, (7, 0)),
        (Exchange.BCD, (7, 0)),
        (Exchange.CRYPTO, (12, 0)),
    ],
)
def test_each_exchange_has_its_cut_off(exchange: Exchange, at: tuple[int, int]) -> None:
    assert expiry_instant(exchange, DAY) == datetime(2025, 12, 30, *at, tzinfo=UTC)


def test_a_cut_off_may_be_given_in_indian_time() -> None:
    at = expiry_instant(Exchange.MCX, DAY, time(19, 0))
    assert at == datetime(2025, 12, 30, 13, 30, tzinfo=UTC)


def test_time_is_counted_by_the_second_in_years_of_365_days() -> None:
    now = datetime(2025, 12, 29, 10, 0, tzinfo=UTC)
    assert days_left(now, END) == 1.0
    assert years_left(now, END) == 1 / 365


@pytest.mark.parametrize(
    ("minutes", "years"), [(52, LEAST_YEARS), (1, LEAST_YEARS), (0, 0.0), (-60, 0.0)]
)
def test_the_last_hour_stands_still_until_it_is_over(minutes: int, years: float) -> None:
    now = datetime.fromtimestamp(END.timestamp() - minutes * 60, UTC)
    assert years_left(now, END) == years


def test_the_last_hour_runs_where_nobody_expects_it_to_stand_still() -> None:
    now = datetime.fromtimestamp(END.timestamp() - 60, UTC)
    assert years_left(now, END, 0.0) == pytest.approx(60 / 31_536_000)
