import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.errors import BrokerUnavailable, SymbolNotFound
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Level, Tick
from openalgo.domain.numbers import px
from openalgo.instruments.master import Master
from openalgo.marketdata.depth import Depths
from openalgo.marketdata.history import History, ticker_start
from openalgo.streaming.latest import LatestPrices

SBIN = Instrument(
    exchange=Exchange.NSE,
    symbol="SBIN",
    name="State Bank of India",
    type=InstrumentType.EQUITY,
    broker_symbol="SBIN-EQ",
    broker_exchange="NSE",
    token="3045",
    tick_size=px("0.05"),
)
NOW = datetime(2026, 8, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 8, 21)
BOOK = Depth(key=SBIN.key, at_ms=epoch_ms(NOW), ltp=803.0)


class FakeBroker:
    """Lets go of its answers when `open` is set."""

    info = BrokerInfo(
        id="fake", name="Fake broker", exchanges=frozenset({Exchange.NSE}), trading=False
    )
    intervals = ("1m", "D")

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.open = asyncio.Event()
        self.open.set()
        self.asked: list[object] = []
        self.failure: Exception | None = None

    async def depth(self, instrument: Instrument, levels: int = 5) -> Depth:
        await self._answer(levels)
        return BOOK

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        await self._answer((interval, start, end))
        return [Candle(0, 1.0, 1.0, 1.0, 1.0, 1, 0)]

    async def _answer(self, asked: object) -> None:
        self.asked.append(asked)
        await self.open.wait()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker()


def tick(*, seconds_ago: float, high: float | None = 805.0, levels: int = 7) -> Tick:
    return Tick(
        exchange=Exchange.NSE,
        symbol="SBIN",
        received_ms=epoch_ms(NOW - timedelta(seconds=seconds_ago)),
        ltp=800.0,
        last_quantity=3,
        open=791.0,
        high=high,
        low=789.0,
        prev_close=790.0,
        total_buy_quantity=40,
        buy_levels=tuple(Level(800.0 - n, n) for n in range(levels)),
    )


# --- depth


async def test_an_order_book_comes_from_the_feed_while_that_sends_it(broker: FakeBroker) -> None:
    latest = LatestPrices()
    depths = Depths(Master([SBIN]), latest, broker)
    latest.merge(tick(seconds_ago=4.9))
    book = await depths.depth(SBIN.key)
    assert (book.ltp, book.last_quantity, book.total_buy_quantity) == (800.0, 3, 40)
    assert [level.price for level in book.buy_levels] == [800.0, 799.0, 798.0, 797.0, 796.0]
    assert book.sell_levels == ()
    assert broker.asked == []


@pytest.mark.parametrize(
    "seen",
    [None, tick(seconds_ago=5), tick(seconds_ago=0, high=None), tick(seconds_ago=0, levels=0)],
)
async def test_else_the_broker_is_asked(broker: FakeBroker, seen: Tick | None) -> None:
    latest = LatestPrices()
    if seen is not None:
        latest.merge(seen)
    assert await Depths(Master([SBIN]), latest, broker).depth(SBIN.key) is BOOK
    assert broker.asked == [5]


async def test_order_books_asked_for_together_are_one_request(broker: FakeBroker) -> None:
    depths = Depths(Master([SBIN]), LatestPrices(), broker)
    broker.open.clear()
    asked = [asyncio.create_task(depths.depth(SBIN.key)) for _ in range(5)]
    await asyncio.sleep(0)
    broker.open.set()
    assert await asyncio.gather(*asked) == [BOOK] * 5
    assert len(broker.asked) == 1


async def test_an_order_book_needs_a_listed_symbol_and_a_sound_broker(broker: FakeBroker) -> None:
    depths = Depths(Master([SBIN]), LatestPrices(), broker)
    with pytest.raises(SymbolNotFound, match="Symbol 'SBIN' not found for exchange 'BSE'"):
        await depths.depth(InstrumentKey(Exchange.BSE, "SBIN"))
    broker.failure = ConnectionResetError("peer 10.0.0.7")
    with capture_logs() as logs, pytest.raises(BrokerUnavailable) as refused:
        await depths.depth(SBIN.key)
    assert refused.value.message == "Fake broker gave no depth for NSE:SBIN"
    assert [log["event"] for log in logs] == ["broker_depth_failed"]


# --- history


async def test_the_same_candles_asked_for_together_are_one_request(broker: FakeBroker) -> None:
    history = History(Master([SBIN]), broker)
    broker.open.clear()
    ends = [TODAY, TODAY, date(2026, 12, 31), date(2026, 8, 20)]
    asked = [
        asyncio.create_task(history.candles(SBIN.key, "1m", date(2026, 8, 1), end)) for end in ends
    ]
    await asyncio.sleep(0)
    broker.open.set()
    first, second, third, other = await asyncio.gather(*asked)
    assert first is second is third
    assert other is not first
    assert len(broker.asked) == 2


async def test_today_is_the_session_day(broker: FakeBroker) -> None:
    """At 02:00 in India the session day before still runs."""
    broker.clock.set(datetime(2026, 8, 21, 20, 30, tzinfo=UTC))
    await History(Master([SBIN]), broker).candles(SBIN.key, "1m", TODAY, date(2026, 8, 22))
    assert broker.asked == [("1m", TODAY, TODAY)]


async def test_a_broken_broker_has_no_history(broker: FakeBroker) -> None:
    broker.failure = ValueError("odd")
    with capture_logs() as logs, pytest.raises(BrokerUnavailable, match="gave no history for"):
        await History(Master([SBIN]), broker).candles(SBIN.key, "D", TODAY, TODAY)
    assert [log["event"] for log in logs] == ["broker_history_failed"]


@given(st.dates(), st.dates(), st.sampled_from(["1m", "1h", "D", "W", "M"]))
def test_a_ticker_is_never_longer_than_allowed(start: date, end: date, interval: str) -> None:
    begins = ticker_start(interval, start, end)
    longest = 30 if interval in {"1m", "1h"} else 3_650
    assert begins >= start
    assert begins == start or (end - begins).days == longest
    if (end - start).days <= longest:
        assert begins == start
