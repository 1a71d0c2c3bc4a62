import asyncio
import selectors
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from openalgo.brokers.replay.broker import ReplayBroker
from openalgo.brokers.replay.pace import Pace
from openalgo.brokers.replay.reader import load
from openalgo.domain.clock import IST, ist_text
from openalgo.domain.errors import BrokerUnavailable, Unsupported
from openalgo.domain.market import Exchange, Tick

CANDLES = """date,open,high,low,close,volume,oi
2026-07-17 09:15,100,102,99,101,400,70
2026-07-17 09:16,101,103,101,102,40,71
2026-07-18 09:15,110,110,109,109.5,8,72
"""
LATER = """date,ltp
2026-07-17 09:15:50,500
2026-07-17 09:16:00,501
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "SBIN_1m.csv").write_text(CANDLES)
    (tmp_path / "INFY_ticks.csv").write_text(LATER)
    return [str(tmp_path / "SBIN_1m.csv"), str(tmp_path / "INFY_ticks.csv")]


@asynccontextmanager
async def streaming(broker: ReplayBroker) -> AsyncIterator[list[Tick]]:
    """The ticks `broker` publishes, while it streams."""
    ticks: list[Tick] = []
    task = asyncio.get_running_loop().create_task(broker.stream(ticks.append))
    try:
        yield ticks
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_stepped_it_moves_only_when_told(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    async with streaming(broker) as ticks:
        for _ in range(5):
            await asyncio.sleep(0)
        assert ticks == []
        assert broker.status().position == 0
        status = await broker.advance()
        assert [tick.ltp for tick in ticks] == [100]
        assert status.now == broker.clock.now() == at("2026-07-17 09:15:00")
        assert (status.position, status.total, status.finished) == (1, 14, False)
        assert status.next_at == at("2026-07-17 09:15:15")


async def test_advancing_to_a_time_includes_it_and_sets_the_clock(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    async with streaming(broker) as ticks:
        status = await broker.advance(until=at("2026-07-17 09:16:00"))
        assert [tick.ltp for tick in ticks] == [100, 99, 102, 101, 500, 101, 501]
        status = await broker.advance(until=datetime(2026, 7, 17, 9, 16, 7))  # noqa: DTZ001
        assert status.now == at("2026-07-17 09:16:07")
        assert len(ticks) == 7
        status = await broker.advance(until=at("2026-07-17 09:00:00"))
        assert status.now == at("2026-07-17 09:16:07")


async def test_advancing_by_ticks_stops_the_clock_at_the_last(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    async with streaming(broker) as ticks:
        status = await broker.advance(until=at("2026-07-17 09:16:00"), ticks=2)
        assert (len(ticks), status.now) == (2, at("2026-07-17 09:15:15"))
        status = await broker.advance(until=at("2026-07-17 09:15:31"), ticks=9)
        assert (len(ticks), status.now) == (3, at("2026-07-17 09:15:31"))
        assert (await broker.advance(ticks=0)).position == 3


async def test_at_the_end_prices_stand_and_the_clock_can_go_on(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    sbin = (await broker.instruments())[0]
    async with streaming(broker) as ticks:
        status = await broker.advance(ticks=1_000)
        assert (status.finished, status.next_at, status.position) == (True, None, 14)
        assert len(ticks) == 14
        evening = await broker.advance(until=at("2026-07-18 15:30:00"))
        assert evening.now == at("2026-07-18 15:30:00")
        assert (await broker.quote(sbin)).ltp == 109.5


async def test_a_tick_knows_its_day_so_far(files: list[str]) -> None:
    broker = ReplayBroker(load(files[:1]), speed=0)
    async with streaming(broker) as ticks:
        await broker.advance(ticks=100)
    third, last_of_friday, first_of_saturday = ticks[2], ticks[7], ticks[8]
    assert (third.open, third.high, third.low, third.volume) == (100, 102, 99, 300)
    assert (third.prev_close, third.last_quantity, third.oi) == (None, 100, 70)
    assert (last_of_friday.high, last_of_friday.low, last_of_friday.volume) == (103, 99, 440)
    assert (first_of_saturday.open, first_of_saturday.high) == (110, 110)
    assert (first_of_saturday.prev_close, first_of_saturday.volume) == (102, 2)
    assert first_of_saturday.exchange_ms == at("2026-07-18 09:15:00").timestamp() * 1000


async def test_a_quote_is_the_last_tick_played(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    sbin, infy = await broker.instruments()
    async with streaming(broker):
        await broker.advance(ticks=2)
        quote = await broker.quote(sbin)
        assert (quote.ltp, quote.open, quote.low, quote.volume, quote.oi) == (99, 100, 99, 200, 70)
        with pytest.raises(BrokerUnavailable) as none_yet:
            await broker.quote(infy)
    assert none_yet.value.message == "NSE:INFY has no price yet at 2026-07-17 09:15:15"


@pytest.mark.parametrize("speed", [0.0, 1e9])
async def test_each_step_is_settled_before_the_next(files: list[str], speed: float) -> None:
    broker = ReplayBroker(load(files), speed=speed)
    story: list[str] = []
    done = asyncio.Event()

    async def settle() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        story.append(f"settled {ist_text(broker.clock.now())}")
        if broker.status().finished:
            done.set()

    def publish(tick: Tick) -> None:
        story.append(f"tick {ist_text(broker.clock.now())}")

    broker.on_step(settle)
    task = asyncio.get_running_loop().create_task(broker.stream(publish))
    if not speed:
        await broker.advance(ticks=20)
    await done.wait()
    task.cancel()
    ticks = [place for place, line in enumerate(story) if line.startswith("tick")]
    assert len(ticks) == 14
    assert all(story[place].replace("tick", "settled") == story[place + 1] for place in ticks)


async def test_who_waits_for_a_time_acts_before_the_first_tick_after_it(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    story: list[str] = []

    async def alarm() -> None:
        await broker.clock.sleep_until(at("2026-07-17 09:15:20"))
        story.append("alarm")

    waiting = asyncio.get_running_loop().create_task(alarm())
    task = asyncio.get_running_loop().create_task(
        broker.stream(lambda tick: story.append(f"{tick.ltp:g}"))
    )
    await broker.advance(ticks=4)
    assert story == ["100", "99", "alarm", "102", "101"]
    task.cancel()
    await waiting


async def test_the_same_steps_give_the_same_ticks(files: list[str]) -> None:
    async def play(chunk: int) -> list[Tick]:
        broker = ReplayBroker(load(files), speed=0)
        async with streaming(broker) as ticks:
            while not broker.status().finished:
                await broker.advance(ticks=chunk)
        return ticks

    assert await play(1) == await play(5) == await play(100)


async def test_at_a_speed_it_plays_everything_by_itself(files: list[str]) -> None:
    stepped = ReplayBroker(load(files), speed=0)
    async with streaming(stepped) as expected:
        await stepped.advance(ticks=100)
    broker = ReplayBroker(load(files), speed=1e9)
    ticks: list[Tick] = []
    finished = asyncio.Event()

    def publish(tick: Tick) -> None:
        ticks.append(tick)
        if broker.status().finished:
            finished.set()

    task = asyncio.get_running_loop().create_task(broker.stream(publish))
    await finished.wait()
    await asyncio.sleep(0)
    assert ticks == expected
    assert not task.done()
    assert broker.clock.now() == at("2026-07-18 09:15:45")
    task.cancel()


async def test_at_a_speed_the_night_takes_no_time(tmp_path: Path) -> None:
    file = tmp_path / "SBIN.csv"
    file.write_text("date,ltp\n2026-07-17 15:29:59,1\n2026-07-20 09:15:00,2\n")
    broker = ReplayBroker(load([str(file)]), speed=1)
    monday = asyncio.Event()
    task = asyncio.get_running_loop().create_task(
        broker.stream(lambda tick: monday.set() if tick.ltp == 2 else None)
    )
    await monday.wait()
    assert broker.clock.now() == at("2026-07-20 09:15:00")
    task.cancel()


async def test_what_runs_by_itself_cannot_be_stepped(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=60)
    with pytest.raises(Unsupported, match="runs by itself at speed 60; start it with speed 0"):
        await broker.advance()


async def test_a_restarted_stream_goes_on_where_it_stopped(files: list[str]) -> None:
    broker = ReplayBroker(load(files), speed=0)
    async with streaming(broker) as before:
        await broker.advance(ticks=3)
    stepping = asyncio.get_running_loop().create_task(broker.advance(ticks=2))
    await asyncio.sleep(0)
    assert not stepping.done()
    async with streaming(broker) as after:
        assert (await stepping).position == 5
    assert (len(before), len(after)) == (3, 2)


async def test_it_carries_prices_only(files: list[str]) -> None:
    broker = ReplayBroker(load(files))
    assert (broker.info.id, broker.info.trading, broker.info.simulated) == ("replay", False, True)
    assert broker.clock.now() == at("2026-07-17 09:15:00")
    assert broker.calendar.is_open(Exchange.NSE, at("2026-07-18 23:00:00"))


class LeapingSelector(selectors.SelectSelector):
    """Adds up the time it is asked to wait, and does not wait."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.waited += timeout or 0.0
        return super().select(None if timeout is None else 0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers are due as soon as nothing else is to be done."""

    def __init__(self) -> None:
        self._leaping = LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.waited


def test_between_two_ticks_the_clock_moves_at_the_speed_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "SBIN.csv"
    file.write_text("date,ltp\n2026-07-17 09:15:00,1\n2026-07-17 09:17:00,2\n")
    story: list[tuple[str, float]] = []

    async def play() -> None:
        broker = ReplayBroker(load([str(file)]), speed=60)
        loop = asyncio.get_running_loop()
        second = asyncio.Event()

        def publish(tick: Tick) -> None:
            story.append((f"tick {tick.ltp:g}", loop.time()))
            if tick.ltp == 2:
                second.set()

        async def alarm() -> None:
            await broker.clock.sleep_until(at("2026-07-17 09:15:40"))
            story.append(("alarm", loop.time()))

        stream = loop.create_task(broker.stream(publish))
        await asyncio.gather(second.wait(), alarm())
        stream.cancel()

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(play())
    assert [what for what, _ in story] == ["tick 1", "alarm", "tick 2"]
    (_, first), (_, woken), (_, last) = story
    assert last - first == pytest.approx(2.0, abs=0.01)
    assert woken - first == pytest.approx(40 / 60, abs=0.26)


def test_pace_translates_both_ways() -> None:
    start = at("2026-07-17 09:15:00")
    pace = Pace(60, start, 1_000.0)
    assert pace.real_at(start + timedelta(minutes=2)) == 1_002.0
    assert pace.recorded_at(1_000.5) == start + timedelta(seconds=30)
    assert pace.recorded_at(1_000.51) == start + timedelta(seconds=30)
    assert Pace(0.5, start, 0.0).real_at(start + timedelta(seconds=3)) == 6.0
