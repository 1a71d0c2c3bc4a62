"""Prices of instants the feed was not there for."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.instruments import InstrumentType
from openalgo.domain.market import Candle, Exchange, InstrumentKey, Quote
from openalgo.domain.numbers import px
from openalgo.instruments.current import CurrentMaster
from openalgo.instruments.master import Master
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.needs import Needs
from openalgo.sandbox.past_prices import PastPrices
from tests.support.market import INFY, NIFTY, NIFTY_CALL, SBIN, derivative, tick

CLOSE = datetime(2026, 7, 17, 15, 30, tzinfo=IST)
EXPIRY = date(2026, 7, 28)
CALL = replace(NIFTY_CALL, expiry=EXPIRY, strike=Decimal(25000))
GOLD = replace(
    derivative("GOLD28JUL26FUT", InstrumentType.FUTURE, 100, Exchange.MCX),
    name="GOLD",
    expiry=EXPIRY,
)
GOLD_CALL = replace(
    derivative("GOLD28JUL2690000CE", InstrumentType.CALL, 100, Exchange.MCX),
    name="GOLD",
    expiry=EXPIRY,
    strike=Decimal(90000),
)
MASTERS = CurrentMaster(Master([SBIN, INFY, NIFTY, CALL, GOLD, GOLD_CALL]))


class Broker:
    """Quotes 100 of everything but INFY; every minute of a day closes at its number."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.fails = fails

    async def quote(self, key: InstrumentKey) -> Quote:
        if key == INFY.key:
            raise self.fails or BrokerUnavailable("closed")
        return Quote.of(tick(SBIN, 100.0, 99.95, 100.05))

    async def candles(
        self, key: InstrumentKey, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        assert (interval, start) == ("1m", end)
        if key == INFY.key:
            raise self.fails or BrokerUnavailable("closed")
        begin = datetime(start.year, start.month, start.day, 9, 15, tzinfo=IST).timestamp()
        return [
            Candle(int(begin) + 60 * number, 1.0, 1.0, 1.0, float(number), 0, 0)
            for number in range(375)
        ]


def prices(now: datetime, fails: Exception | None = None) -> PastPrices:
    broker = Broker(fails)
    return PastPrices(MASTERS, broker, broker, ManualClock(now))


async def test_what_is_due_now_is_asked_for_as_a_quote() -> None:
    marks, _ = await prices(CLOSE).find(Needs(CLOSE, (SBIN,)))
    assert (marks[SBIN.key].ltp, marks[SBIN.key].bid) == (px("100"), px("99.95"))
    assert marks[SBIN.key].age(CLOSE) == 0


async def test_of_the_past_it_is_the_last_minute_that_was_over() -> None:
    later = CLOSE + timedelta(days=2)
    at = datetime(2026, 7, 17, 15, 15, tzinfo=IST)
    marks, _ = await prices(later).find(Needs(at, (SBIN,)))
    assert marks[SBIN.key].ltp == px("359")
    assert marks[SBIN.key].at == at


@pytest.mark.parametrize("fails", [None, RuntimeError("a bug in an adapter")])
@pytest.mark.parametrize("late", [timedelta(), timedelta(days=2)])
async def test_what_cannot_be_had_is_left_out(late: timedelta, fails: Exception | None) -> None:
    marks, _ = await prices(CLOSE + late, fails).find(Needs(CLOSE, (INFY, SBIN)))
    assert list(marks) == [SBIN.key]


async def test_contracts_settle_against_their_index_or_their_future() -> None:
    later = CLOSE + timedelta(days=2)
    _, under = await prices(later).find(Needs(CLOSE, (), (CALL, GOLD_CALL, GOLD)))
    assert under == {
        CALL.key: Basis(NIFTY, px("374")),
        GOLD_CALL.key: Basis(GOLD, px("374")),
    }
