import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.brokers.simulator.instruments import LISTINGS, instruments, nse_tick_size
from openalgo.domain.calendar import session_date
from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.errors import BrokerUnavailable
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey, Tick
from openalgo.domain.numbers import Px, px
from openalgo.instruments.master import Master

FRIDAY_NOON = datetime(2026, 8, 21, 12, 0, tzinfo=IST)
MASTER = Master(instruments())


class LeapingClock(ManualClock):
    """Jumps to whatever time is waited for."""

    async def sleep_until(self, at: datetime) -> None:
        self.set(at)
        await asyncio.sleep(0)


class EnoughError(Exception):
    pass


async def stream(broker: SimulatorBroker, count: int) -> list[Tick]:
    ticks: list[Tick] = []

    def publish(tick: Tick) -> None:
        ticks.append(tick)
        if len(ticks) == count:
            raise EnoughError

    with pytest.raises(EnoughError):
        await broker.stream(publish)
    return ticks


def instrument(exchange: Exchange, symbol: str) -> Instrument:
    found = MASTER.find(InstrumentKey(exchange, symbol))
    assert found is not None
    return found


async def test_same_seed_same_ticks() -> None:
    first = await stream(SimulatorBroker(7, LeapingClock(FRIDAY_NOON)), 200)
    again = await stream(SimulatorBroker(7, LeapingClock(FRIDAY_NOON)), 200)
    other = await stream(SimulatorBroker(8, LeapingClock(FRIDAY_NOON)), 200)
    assert first == again
    assert [t.ltp for t in first] != [t.ltp for t in other]


async def test_every_instrument_ticks_twice_a_second_in_turn() -> None:
    ticks = await stream(SimulatorBroker(1, LeapingClock(FRIDAY_NOON)), len(LISTINGS) * 20)
    for listing in LISTINGS:
        own = [t for t in ticks if t.key == listing.key]
        assert len(own) == 20
        assert {b.received_ms - a.received_ms for a, b in pairwise(own)} <= {499, 500, 501}
    assert len({t.key for t in ticks[: len(LISTINGS)]}) == len(LISTINGS)


async def test_ticks_are_consistent() -> None:
    ticks = await stream(SimulatorBroker(1, LeapingClock(FRIDAY_NOON)), len(LISTINGS) * 40)
    for tick in ticks:
        assert None not in (tick.low, tick.high, tick.open, tick.prev_close, tick.exchange_ms)
        assert (tick.low or 0) <= min(tick.ltp, tick.open or 0)
        assert (tick.high or 0) >= max(tick.ltp, tick.open or 0)
        assert (tick.exchange_ms or 0) <= tick.received_ms
    for listing in LISTINGS:
        own = [t for t in ticks if t.key == listing.key]
        assert all((a.high or 0) <= (b.high or 0) for a, b in pairwise(own))
        assert all((a.low or 0) >= (b.low or 0) for a, b in pairwise(own))
        assert all(px(t.ltp) % listing.tick_size == 0 for t in own)


async def test_shares_have_a_book_and_trades_and_indices_have_neither() -> None:
    for tick in await stream(SimulatorBroker(1, LeapingClock(FRIDAY_NOON)), len(LISTINGS) * 2):
        if tick.exchange is Exchange.NSE_INDEX:
            assert (tick.bid, tick.ask, tick.volume, tick.last_quantity) == (None,) * 4
            continue
        step = instrument(tick.exchange, tick.symbol).tick_size
        assert px(tick.bid or 0) == px(tick.ltp) - step
        assert px(tick.ask or 0) == px(tick.ltp) + step
        assert min(tick.bid_quantity or 0, tick.ask_quantity or 0, tick.last_quantity or 0) > 0


async def test_volume_is_the_sum_of_the_trades() -> None:
    ticks = await stream(SimulatorBroker(1, LeapingClock(FRIDAY_NOON)), len(LISTINGS) * 30)
    own = [t for t in ticks if t.symbol == "TCS"]
    for earlier, later in pairwise(own):
        assert (later.volume or 0) - (earlier.volume or 0) == later.last_quantity


async def test_a_quote_agrees_with_the_tick_of_the_same_instant() -> None:
    clock = LeapingClock(FRIDAY_NOON)
    broker = SimulatorBroker(1, clock)
    tick = (await stream(broker, 30))[-1]
    quote = await broker.quote(instrument(tick.exchange, tick.symbol))
    assert (quote.ltp, quote.high, quote.low, quote.bid, quote.volume) == (
        tick.ltp,
        tick.high,
        tick.low,
        tick.bid or 0,
        tick.volume or 0,
    )


async def test_a_jump_of_the_clock_causes_no_burst() -> None:
    clock = ManualClock(FRIDAY_NOON)
    broker = SimulatorBroker(1, clock)
    published: asyncio.Queue[Tick] = asyncio.Queue()
    streaming = asyncio.get_running_loop().create_task(broker.stream(published.put_nowait))
    await published.get()
    clock.advance(timedelta(hours=3))
    tick = await published.get()
    assert datetime.fromtimestamp(tick.received_ms / 1000, UTC) == clock.now()
    for _ in range(10):
        await asyncio.sleep(0)
    assert published.qsize() <= 1
    streaming.cancel()


async def test_the_market_rests_ten_minutes_a_day() -> None:
    before_close = datetime(2026, 8, 22, 2, 54, 59, tzinfo=IST)
    ticks = await stream(SimulatorBroker(1, LeapingClock(before_close)), len(LISTINGS) * 4)
    times = [datetime.fromtimestamp(t.received_ms / 1000, IST) for t in ticks]
    last_today = [at for at in times if session_date(at) == date(2026, 8, 21)]
    tomorrow = [at for at in times if session_date(at) == date(2026, 8, 22)]
    assert last_today[-1] < datetime(2026, 8, 22, 2, 55, tzinfo=IST)
    assert tomorrow[0] == datetime(2026, 8, 22, 3, 5, tzinfo=IST)
    assert len(last_today) == len(tomorrow) == len(LISTINGS) * 2


async def test_between_sessions_the_close_stands_and_becomes_the_previous_close() -> None:
    clock = ManualClock(datetime(2026, 8, 22, 2, 57, tzinfo=IST))
    broker = SimulatorBroker(1, clock)
    reliance = instrument(Exchange.NSE, "RELIANCE")
    close = (await broker.quote(reliance)).ltp
    clock.set(datetime(2026, 8, 22, 3, 1, tzinfo=IST))
    early = await broker.quote(reliance)
    assert (early.ltp, early.prev_close, early.open) == (close, close, close)
    clock.set(datetime(2026, 8, 22, 12, 0, tzinfo=IST))
    assert (await broker.quote(reliance)).prev_close == close


async def test_it_trades_on_a_sunday() -> None:
    sunday = datetime(2026, 8, 23, 0, 10, tzinfo=IST)
    broker = SimulatorBroker(1, LeapingClock(sunday))
    assert broker.calendar.is_open(Exchange.NSE, sunday)
    assert len(await stream(broker, 3)) == 3


async def test_what_is_not_listed_has_no_quote() -> None:
    broker = SimulatorBroker(1, ManualClock(FRIDAY_NOON))
    unlisted = instrument(Exchange.NSE, "SBIN")
    wrong = Instrument(
        exchange=Exchange.BSE,
        symbol="SBIN",
        name="",
        type=unlisted.type,
        broker_symbol="",
        broker_exchange="",
        token="",
        tick_size=unlisted.tick_size,
    )
    with pytest.raises(BrokerUnavailable, match="BSE:SBIN is not listed"):
        await broker.quote(wrong)


async def test_the_master_lists_shares_and_indices() -> None:
    broker = SimulatorBroker()
    rows = await broker.instruments()
    assert {row.symbol for row in rows} >= {"RELIANCE", "SBIN", "INFY", "TCS", "NIFTY", "M&M"}
    assert len({row.key for row in rows}) == len({row.token for row in rows}) == len(LISTINGS)
    assert instrument(Exchange.NSE_INDEX, "NIFTY").type is InstrumentType.INDEX
    assert instrument(Exchange.NSE, "BAJAJ-AUTO").tick_size == px("0.50")
    assert (broker.info.id, broker.info.trading, broker.info.simulated) == (
        "simulator",
        False,
        True,
    )


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("249.99", "0.01"),
        ("250", "0.05"),
        ("1000", "0.05"),
        ("1000.05", "0.10"),
        ("5000", "0.10"),
        ("5000.10", "0.50"),
        ("10000.50", "1.00"),
        ("20000", "1.00"),
        ("20001", "5.00"),
    ],
)
def test_tick_sizes_follow_the_price(price: str, tick: str) -> None:
    expected: Px = px(tick)
    assert nse_tick_size(Decimal(price)) == expected
