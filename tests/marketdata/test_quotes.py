import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from openalgo.brokers.base import BrokerInfo
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock, epoch_ms
from openalgo.domain.errors import BrokerSessionExpired, BrokerUnavailable, SymbolNotFound
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Candle, Depth, Exchange, InstrumentKey, Mode, Quote, Tick
from openalgo.domain.numbers import px
from openalgo.instruments.master import Master
from openalgo.marketdata.quotes import Quotes
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


class FakeBroker:
    """Answers each request when the test says so."""

    info = BrokerInfo(
        id="fake", name="Fake broker", exchanges=frozenset({Exchange.NSE}), trading=False
    )
    calendar = AlwaysOpenCalendar()
    intervals = ("D",)

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.requests: list[asyncio.Future[Quote]] = []
        self.asked = asyncio.Condition()

    async def instruments(self) -> Sequence[Instrument]:
        return [SBIN]

    async def quote(self, instrument: Instrument) -> Quote:
        answer: asyncio.Future[Quote] = asyncio.get_running_loop().create_future()
        async with self.asked:
            self.requests.append(answer)
            self.asked.notify_all()
        return await answer

    async def depth(self, instrument: Instrument, levels: int = 5) -> Depth:
        raise NotImplementedError

    async def candles(
        self, instrument: Instrument, interval: str, start: date, end: date
    ) -> Sequence[Candle]:
        raise NotImplementedError

    def set_demand(self, wanted: Mapping[InstrumentKey, Mode]) -> None:
        raise NotImplementedError

    async def stream(self, publish: Callable[[Tick], None]) -> None:
        raise NotImplementedError

    async def requested(self, times: int) -> None:
        async with self.asked:
            await self.asked.wait_for(lambda: len(self.requests) == times)


class Market:
    def __init__(self) -> None:
        self.broker = FakeBroker()
        self.latest = LatestPrices()
        self.quotes = Quotes(Master([SBIN]), self.latest, self.broker)

    def tick(self, *, seconds_ago: float, prev_close: float | None = 790.0) -> None:
        at = epoch_ms(NOW - timedelta(seconds=seconds_ago))
        self.latest.merge(
            Tick(
                exchange=Exchange.NSE,
                symbol="SBIN",
                received_ms=at,
                ltp=800.0,
                open=791.0,
                high=805.0,
                low=789.0,
                prev_close=prev_close,
                bid=799.95,
                volume=12_000,
            )
        )

    def ask(self) -> asyncio.Task[Quote]:
        return asyncio.get_running_loop().create_task(self.quotes.quote(SBIN.key))


@pytest.fixture
def market() -> Market:
    return Market()


def answer(ltp: float) -> Quote:
    return Quote(key=SBIN.key, at_ms=epoch_ms(NOW), ltp=ltp)


async def test_an_unknown_symbol_is_refused(market: Market) -> None:
    with pytest.raises(SymbolNotFound) as refused:
        await market.quotes.quote(InstrumentKey(Exchange.BSE, "SBIN"))
    assert refused.value.message == (
        "Symbol 'SBIN' not found for exchange 'BSE'. Please verify the symbol name and ensure "
        "master contracts are downloaded."
    )


async def test_a_fresh_tick_answers_without_the_broker(market: Market) -> None:
    market.tick(seconds_ago=4.9)
    assert await market.quotes.quote(SBIN.key) == Quote(
        key=SBIN.key,
        at_ms=epoch_ms(NOW) - 4_900,
        ltp=800.0,
        open=791.0,
        high=805.0,
        low=789.0,
        prev_close=790.0,
        bid=799.95,
        volume=12_000,
    )
    assert market.broker.requests == []


@pytest.mark.parametrize(("age", "prev_close"), [(5.0, 790.0), (0.0, None)])
async def test_an_old_or_incomplete_tick_does_not_answer(
    market: Market, age: float, prev_close: float | None
) -> None:
    market.tick(seconds_ago=age, prev_close=prev_close)
    asked = market.ask()
    await market.broker.requested(1)
    market.broker.requests[0].set_result(answer(803.0))
    assert (await asked).ltp == 803.0


async def test_requests_that_overlap_share_one_answer(market: Market) -> None:
    asked = [market.ask() for _ in range(5)]
    await market.broker.requested(1)
    market.broker.requests[0].set_result(answer(803.0))
    assert {quote.ltp for quote in await asyncio.gather(*asked)} == {803.0}
    assert len(market.broker.requests) == 1

    later = market.ask()
    await market.broker.requested(2)
    market.broker.requests[1].set_result(answer(804.0))
    assert (await later).ltp == 804.0


async def test_when_the_first_asker_leaves_another_asks(market: Market) -> None:
    first, second, third = market.ask(), market.ask(), market.ask()
    await market.broker.requested(1)
    first.cancel()
    await market.broker.requested(2)
    market.broker.requests[1].set_result(answer(803.0))
    assert (await second).ltp == (await third).ltp == 803.0
    assert first.cancelled()
    assert len(market.broker.requests) == 2


async def test_when_a_follower_leaves_the_others_are_answered(market: Market) -> None:
    first, second = market.ask(), market.ask()
    await market.broker.requested(1)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    market.broker.requests[0].set_result(answer(803.0))
    assert (await first).ltp == 803.0


async def test_a_broken_broker_is_unavailable_for_all_who_asked(market: Market) -> None:
    asked = [market.ask(), market.ask()]
    await market.broker.requested(1)
    with capture_logs() as logs:
        market.broker.requests[0].set_exception(ConnectionResetError("peer 10.0.0.7"))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(outcome, BrokerUnavailable) for outcome in outcomes)
    assert str(outcomes[0]) == "Fake broker gave no quote for NSE:SBIN"
    assert [log["event"] for log in logs] == ["broker_quote_failed"]


async def test_what_the_broker_says_is_passed_on(market: Market) -> None:
    asked = market.ask()
    await market.broker.requested(1)
    market.broker.requests[0].set_exception(BrokerSessionExpired())
    with pytest.raises(BrokerSessionExpired):
        await asked


async def test_many_quotes_keep_their_order_and_their_errors(market: Market) -> None:
    market.tick(seconds_ago=1)
    unknown = InstrumentKey(Exchange.BSE, "SBIN")
    tick = market.latest.get(SBIN.key)
    assert tick is not None
    outcomes = await market.quotes.quotes([unknown, SBIN.key, unknown, SBIN.key])
    assert [isinstance(outcome, SymbolNotFound) for outcome in outcomes] == [True, False] * 2
    assert outcomes[1] == outcomes[3] == Quote.of(tick)
    assert await market.quotes.quotes([]) == []


async def test_many_quotes_are_asked_for_at_the_same_time() -> None:
    market = Market()
    listed = [replace(SBIN, symbol=f"S{n}", token=str(n)) for n in range(40)]
    market.quotes = Quotes(Master(listed), market.latest, market.broker)
    keys = [row.key for row in listed]
    asked = asyncio.get_running_loop().create_task(market.quotes.quotes([*keys, *keys]))
    for begun in range(32, 41):
        await market.broker.requested(begun)
        if begun < 40:
            market.broker.requests[begun - 32].set_result(answer(float(begun - 32)))
    for place in range(8, 40):
        market.broker.requests[place].set_result(answer(float(place)))
    prices = [outcome.ltp for outcome in await asked if isinstance(outcome, Quote)]
    assert prices == [float(place) for place in range(40)] * 2
