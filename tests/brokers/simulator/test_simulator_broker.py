import asyncio
from datetime import date, timedelta
from itertools import count

import pytest

from openalgo.brokers.base import DataBroker
from openalgo.brokers.simulator.broker import SimulatorBroker
from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import AcceleratedClock, ManualClock
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.instruments.master import Master
from tests.support.simulator import (
    EXCHANGE_HOURS,
    FRIDAY,
    FRIDAY_NOON,
    GOLD,
    KINDS,
    NIFTY,
    NIFTY_CALL,
    ONE_DAY,
    RELIANCE,
    RELIANCE_ON_BSE,
    row,
)


@pytest.fixture
def broker() -> SimulatorBroker:
    return SimulatorBroker(1, ManualClock(FRIDAY_NOON))


async def test_it_is_a_data_broker(broker: SimulatorBroker) -> None:
    plain: DataBroker = broker
    info = plain.info
    assert (info.id, info.trading, info.simulated) == ("simulator", False, True)
    assert {key.exchange for key in KINDS} <= info.exchanges
    assert isinstance(plain.calendar, AlwaysOpenCalendar)
    assert plain.intervals == ("1m", "3m", "5m", "10m", "15m", "30m", "1h", "D", "W", "M")


async def test_everything_listed_can_be_asked_for(broker: SimulatorBroker) -> None:
    rows = await broker.instruments()
    master = Master(rows)
    for key in KINDS:
        instrument = master.find(key)
        assert instrument is not None
        quote, depth = await broker.quote(instrument), await broker.depth(instrument, 20)
        assert quote.ltp == depth.ltp > 0
        found = await broker.candles(instrument, "5m", FRIDAY - ONE_DAY, FRIDAY)
        assert found[-1].close == quote.ltp


async def test_instruments_are_those_of_the_session_day() -> None:
    clock = ManualClock(FRIDAY_NOON.replace(day=26, hour=2))
    broker = SimulatorBroker(1, clock)
    expiry = date(2026, 8, 25)
    assert expiry in {r.expiry for r in await broker.instruments() if r.name == "NIFTY"}
    clock.advance(timedelta(hours=2))
    assert expiry not in {r.expiry for r in await broker.instruments() if r.name == "NIFTY"}


async def test_a_quote_agrees_with_the_book_and_the_candles(broker: SimulatorBroker) -> None:
    for key in KINDS:
        quote, depth = await broker.quote(row(key)), await broker.depth(row(key), 20)
        day = (await broker.candles(row(key), "D", FRIDAY, FRIDAY))[0]
        assert (day.open, day.high, day.low, day.close, day.volume, day.oi) == (
            quote.open,
            quote.high,
            quote.low,
            quote.ltp,
            quote.volume,
            quote.oi,
        )
        assert (depth.ltp, depth.bid, depth.ask, depth.oi) == (
            quote.ltp,
            quote.bid,
            quote.ask,
            quote.oi,
        )
        if depth.buy_levels:
            assert depth.buy_levels[0].price == quote.bid
            assert depth.total_buy_quantity > sum(level.quantity for level in depth.buy_levels)


@pytest.mark.parametrize("levels", [1, 5, 20])
async def test_depth_has_as_many_levels_as_asked_for(broker: SimulatorBroker, levels: int) -> None:
    depth = await broker.depth(row(RELIANCE), levels)
    assert len(depth.buy_levels) == len(depth.sell_levels) == levels
    assert (depth.last_quantity, depth.volume) > (0, 0)
    assert (await broker.depth(row(NIFTY), levels)).buy_levels == ()


async def test_speed_moves_the_clock_of_the_market() -> None:
    real = ManualClock(FRIDAY_NOON)
    broker = SimulatorBroker(1, real, speed=60)
    plain = SimulatorBroker(1, ManualClock(FRIDAY_NOON + timedelta(hours=1)))
    real.advance(timedelta(minutes=1))
    assert isinstance(broker.clock, AcceleratedClock)
    assert broker.clock.now() == plain.clock.now()
    assert await broker.quote(row(NIFTY_CALL)) == await plain.quote(row(NIFTY_CALL))


async def test_the_calendar_decides_when_the_market_moves() -> None:
    clock = ManualClock(FRIDAY_NOON.replace(hour=18))
    broker = SimulatorBroker(1, clock, calendar=EXCHANGE_HOURS)
    share, gold = await broker.quote(row(RELIANCE)), await broker.quote(row(GOLD))
    clock.advance(timedelta(hours=1))
    assert await broker.quote(row(RELIANCE)) == share
    assert (await broker.quote(row(GOLD))).at_ms == gold.at_ms + 3_600_000


async def test_what_is_not_listed_is_not_there(broker: SimulatorBroker) -> None:
    missing = row(InstrumentKey(Exchange.NSE, "NOTHING"))
    with pytest.raises(BrokerUnavailable, match="NSE:NOTHING is not listed"):
        await broker.quote(missing)
    with pytest.raises(BrokerUnavailable, match="NSE:NOTHING is not listed"):
        await broker.depth(missing)
    with pytest.raises(BrokerUnavailable, match="NSE:NOTHING is not listed"):
        await broker.candles(missing, "D", FRIDAY, FRIDAY)


async def test_intervals_it_does_not_have_are_refused(broker: SimulatorBroker) -> None:
    with pytest.raises(Unsupported, match=r"no 7m candles; use one of 1m, 3m, .*D, W, M"):
        await broker.candles(row(RELIANCE), "7m", FRIDAY, FRIDAY)


async def test_many_who_ask_at_once_take_turns(broker: SimulatorBroker) -> None:
    """Each first quote of a minute gets a turn of the loop to itself."""
    turn = 0

    async def turn_counter() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    answered: list[int] = []

    async def ask(key: InstrumentKey) -> None:
        await broker.quote(row(key))
        answered.append(turn)

    counting = asyncio.ensure_future(turn_counter())
    await asyncio.gather(*(ask(key) for key in KINDS))
    assert len(set(answered)) == len(KINDS)
    answered.clear()
    await asyncio.gather(*(ask(key) for key in KINDS))
    counting.cancel()
    assert len(set(answered)) == 1


async def test_requests_for_history_wait_for_each_other(broker: SimulatorBroker) -> None:
    found = await asyncio.gather(
        *(broker.candles(row(key), "15m", FRIDAY - ONE_DAY, FRIDAY) for key in KINDS)
    )
    fresh = SimulatorBroker(1, ManualClock(FRIDAY_NOON))
    for key, candles in zip(KINDS, found, strict=True):
        again = await fresh.candles(row(key), "15m", FRIDAY - ONE_DAY, FRIDAY)
        assert list(candles) == list(again)


async def test_a_long_history_lets_others_run_after_each_day() -> None:
    broker = SimulatorBroker(1, ManualClock(FRIDAY_NOON), timer=count().__next__)
    turns = 0

    async def turn_counter() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(turn_counter())
    await broker.candles(row(RELIANCE), "D", FRIDAY - 99 * ONE_DAY, FRIDAY)
    counting.cancel()
    assert turns >= 100


async def test_twins_have_their_own_candles(broker: SimulatorBroker) -> None:
    nse, bse = [
        list(await broker.candles(row(key), "1m", FRIDAY, FRIDAY))
        for key in (RELIANCE, RELIANCE_ON_BSE)
    ]
    assert [c.at_s for c in nse] == [c.at_s for c in bse]
    gaps = [round(abs(a.close - b.close), 2) for a, b in zip(nse, bse, strict=True)]
    assert set(gaps) == {0.0, 0.1}
