import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from openalgo.brokers.base import DataBroker
from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.brokers.replay.reader import load
from openalgo.domain.clock import IST
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Candle, Level, Mode

FRIDAY, SATURDAY, MONDAY = date(2026, 7, 17), date(2026, 7, 18), date(2026, 7, 20)

CANDLES = """date,open,high,low,close,volume,oi
2026-07-17 09:15,100,102,99,101,400,70
2026-07-17 09:16,101,103,101,102,40,71
2026-07-17 09:30,102,104,101,103,80,72
2026-07-18 09:15,110,110,109,109.5,8,73
2026-07-20 09:15,111,112,111,112,4,74
"""
TICKS = (
    "date,ltp,volume_traded,last_traded_quantity,best_bid,best_bid_qty,best_ask,best_ask_qty,"
    "total_buy_qty,total_sell_qty\n"
    "2026-07-17 09:15:10,500,9000,5,499.95,30,500.05,40,700,800\n"
    "2026-07-17 09:15:40,501,9010,6,,,,,,\n"
    "2026-07-17 09:16:01,499,9030,7,498.95,31,,,,\n"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def epoch(text: str) -> int:
    return int(at(text).timestamp())


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@pytest.fixture
def broker(tmp_path: Path) -> ReplayBroker:
    (tmp_path / "SBIN_1m.csv").write_text(CANDLES)
    (tmp_path / "INFY_ticks.csv").write_text(TICKS)
    return ReplayBroker(
        load([str(tmp_path / "SBIN_1m.csv"), str(tmp_path / "INFY_ticks.csv")]), speed=0
    )


async def played(broker: ReplayBroker, until: str) -> tuple[Instrument, Instrument]:
    """SBIN and INFY after everything up to `until` was played."""
    task = asyncio.ensure_future(broker.stream(lambda _tick: None))
    await broker.advance(until=at(until))
    task.cancel()
    rows = {row.symbol: row for row in await broker.instruments()}
    return rows["SBIN"], rows["INFY"]


async def test_played_candles_come_back_as_they_were_recorded(broker: ReplayBroker) -> None:
    sbin, _ = await played(broker, "2026-07-20 10:00")
    assert await broker.candles(sbin, "1m", FRIDAY, SATURDAY) == [
        Candle(epoch("2026-07-17 09:15"), 100, 102, 99, 101, 400, 70),
        Candle(epoch("2026-07-17 09:16"), 101, 103, 101, 102, 40, 71),
        Candle(epoch("2026-07-17 09:30"), 102, 104, 101, 103, 80, 72),
        Candle(epoch("2026-07-18 09:15"), 110, 110, 109, 109.5, 8, 73),
    ]


async def test_longer_candles_hold_the_shorter_ones(broker: ReplayBroker) -> None:
    sbin, _ = await played(broker, "2026-07-20 10:00")
    assert await broker.candles(sbin, "15m", FRIDAY, FRIDAY) == [
        Candle(epoch("2026-07-17 09:15"), 100, 103, 99, 102, 440, 71),
        Candle(epoch("2026-07-17 09:30"), 102, 104, 101, 103, 80, 72),
    ]
    assert await broker.candles(sbin, "D", FRIDAY, MONDAY) == [
        Candle(midnight(FRIDAY), 100, 104, 99, 103, 520, 72),
        Candle(midnight(SATURDAY), 110, 110, 109, 109.5, 8, 73),
        Candle(midnight(MONDAY), 111, 112, 111, 112, 4, 74),
    ]
    assert await broker.candles(sbin, "W", FRIDAY, MONDAY) == [
        Candle(midnight(date(2026, 7, 13)), 100, 110, 99, 109.5, 528, 73),
        Candle(midnight(MONDAY), 111, 112, 111, 112, 4, 74),
    ]


async def test_what_is_not_played_yet_has_not_happened(broker: ReplayBroker) -> None:
    sbin, _ = await played(broker, "2026-07-17 09:16:20")
    assert await broker.candles(sbin, "1m", FRIDAY, MONDAY) == [
        Candle(epoch("2026-07-17 09:15"), 100, 102, 99, 101, 400, 70),
        Candle(epoch("2026-07-17 09:16"), 101, 101, 101, 101, 20, 71),
    ]
    assert await broker.candles(sbin, "1m", MONDAY, MONDAY) == []


async def test_the_volume_of_ticks_is_what_was_added_since_the_recording_began(
    broker: ReplayBroker,
) -> None:
    _, infy = await played(broker, "2026-07-17 09:17")
    assert await broker.candles(infy, "1m", FRIDAY, FRIDAY) == [
        Candle(epoch("2026-07-17 09:15"), 500, 501, 500, 501, 15, 0),
        Candle(epoch("2026-07-17 09:16"), 499, 499, 499, 499, 20, 0),
    ]


async def test_a_long_recording_is_looked_at_in_slices(tmp_path: Path) -> None:
    rows = "\n".join(
        f"2026-07-17 {9 + n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},{100 + n % 7}"
        for n in range(2_000)
    )
    (tmp_path / "TCS_ticks.csv").write_text(f"date,ltp\n{rows}\n")
    broker = ReplayBroker(load([str(tmp_path / "TCS_ticks.csv")]), speed=0)
    task = asyncio.ensure_future(broker.stream(lambda _tick: None))
    await broker.advance(until=at("2026-07-17 23:00"))
    task.cancel()
    turns = 0

    async def turn_counter() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(turn_counter())
    (tcs,) = await broker.instruments()
    found = await broker.candles(tcs, "D", FRIDAY, FRIDAY)
    counting.cancel()
    assert len(found) == 1
    assert turns >= 8


async def test_an_interval_it_cannot_make_is_refused(broker: ReplayBroker) -> None:
    plain: DataBroker = broker
    sbin, _ = await played(broker, "2026-07-17 09:16")
    assert "2h" not in plain.intervals
    with pytest.raises(Unsupported, match=r"no 2h candles; use one of 1m, .*M"):
        await plain.candles(sbin, "2h", FRIDAY, FRIDAY)


async def test_depth_is_the_best_recorded_prices(broker: ReplayBroker) -> None:
    _, infy = await played(broker, "2026-07-17 09:15:15")
    depth = await broker.depth(infy)
    assert (depth.buy_levels, depth.sell_levels) == ((Level(499.95, 30),), (Level(500.05, 40),))
    assert (depth.bid, depth.total_buy_quantity, depth.total_sell_quantity) == (499.95, 700, 800)
    assert depth.last_quantity == 5


async def test_depth_without_a_recorded_book_has_no_levels(broker: ReplayBroker) -> None:
    sbin, infy = await played(broker, "2026-07-17 09:15")
    assert (await broker.depth(sbin)).buy_levels == ()
    with pytest.raises(BrokerUnavailable, match="NSE:INFY has no price yet"):
        await broker.depth(infy)


async def test_demand_changes_nothing(broker: ReplayBroker) -> None:
    seen: list[str] = []
    task = asyncio.ensure_future(broker.stream(lambda tick: seen.append(tick.symbol)))
    rows = await broker.instruments()
    broker.set_demand({rows[0].key: Mode.LTP})
    await broker.advance(until=at("2026-07-17 09:17"))
    task.cancel()
    assert set(seen) == {"SBIN", "INFY"}
