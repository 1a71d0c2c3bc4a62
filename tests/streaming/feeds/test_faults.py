"""Whatever happens to its connections, a feed is whole again within ten seconds."""

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs

from openalgo.domain.market import Mode
from openalgo.streaming.feeds.opening import LONGEST_PAUSE
from openalgo.streaming.feeds.status import ConnectionState, FeedState
from tests.streaming.feeds.bench import Bench, key, wanted

BAR = 10.0
DEMAND = wanted(range(9)) | wanted((3, 8), Mode.DEPTH)


@pytest.mark.parametrize(
    "script",
    [
        ["refuse"],
        ["refuse"] * 3,
        ["close", "close"],
        ["slow"],
        ["mute"],
        ["half-open"],
        ["drop while subscribing"],
        ["drop while subscribing", "refuse", "close"],
        ["403"],
    ],
    ids=" ".join,
)
async def test_a_connection_that_comes_back_badly_is_whole_within_ten_seconds(
    script: list[str],
) -> None:
    bench = Bench()
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        await asyncio.sleep(30)
        bench.server.script.extend(script)
        bench.server.open[0].break_off()
        await asyncio.sleep(0.01)
        assert await bench.until_right(DEMAND) <= BAR
        assert bench.server.script == type(bench.server.script)()
        assert bench.over == []
        bench.server.tick(5.0)
        await asyncio.sleep(0.01)
        assert {tick.key for tick in bench.ticks if tick.ltp == 5.0} == DEMAND.keys()


@pytest.mark.parametrize("fault", ["mute", "half_open"])
async def test_a_connection_that_goes_quiet_is_replaced_within_ten_seconds(fault: str) -> None:
    bench = Bench()
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        await asyncio.sleep(30)
        setattr(bench.server.open[1], fault, True)
        assert await bench.until_right(DEMAND) <= BAR
        assert bench.feed.status().connections[1].reconnects == 1


async def test_a_quiet_night_is_no_fault() -> None:
    bench = Bench()
    bench.hours.open = False
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        for socket in bench.server.open:
            socket.mute = True
        await asyncio.sleep(3600)
        assert len(bench.server.dialled) == 3
        bench.hours.open = True
        await asyncio.sleep(3)
        assert len(bench.server.dialled) == 3
        assert await bench.until_right(DEMAND) <= BAR


async def test_a_broker_that_answers_no_pings_is_left_in_peace() -> None:
    bench = Bench()
    bench.hours.open = False
    bench.server.answers_pings = False
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        for socket in bench.server.open:
            socket.mute = True
        await asyncio.sleep(3600)
        assert len(bench.server.dialled) == 3


async def test_a_broker_that_is_away_is_tried_ever_less_often_and_found_again_soon() -> None:
    bench = Bench(connections=1)
    demand = wanted(range(4))
    bench.server.script.extend(["refuse"] * 40)
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_dialled(40)
        pauses = bench.pauses
        assert pauses[:5] == pytest.approx([0.25, 0.5, 1, 2, 4])
        assert pauses[5:] == pytest.approx([LONGEST_PAUSE] * 34)
        assert bench.feed.status().state is FeedState.ERROR
        assert bench.feed.status().message == "Connecting: nobody there"
        assert await bench.until_right(demand) <= BAR
        assert bench.feed.status().state is FeedState.CONNECTED
    assert bench.states == [
        FeedState.CONNECTING,
        FeedState.ERROR,
        *(FeedState.CONNECTING, FeedState.ERROR) * 39,
        FeedState.CONNECTING,
        FeedState.CONNECTED,
    ]


async def test_a_steady_connection_that_breaks_is_opened_again_at_once() -> None:
    bench = Bench(connections=1)
    demand = wanted(range(4))
    bench.server.script.extend(["refuse"] * 6)
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        await asyncio.sleep(60)
        bench.server.open[0].break_off()
        await asyncio.sleep(0)
        assert await bench.until_right(demand) <= 0.1


async def test_garbage_is_skipped_and_no_sign_of_life() -> None:
    bench = Bench(connections=1)
    demand = wanted(range(4))
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        socket = bench.server.open[0]
        with capture_logs() as logs:
            for _ in range(1000):
                socket.bring(b"\xff\xfe")
            socket.bring(b"1=7.5")
            await asyncio.sleep(1)
        assert [tick.ltp for tick in bench.ticks] == [7.5]
        assert len([log for log in logs if "could not be read" in log["event"]]) == 10
        assert bench.server.open == [socket]
        socket.mute = True
        for _ in range(8):
            socket.mute = False
            socket.bring(b"\xff")
            socket.mute = True
            await asyncio.sleep(1)
        assert socket not in bench.server.open


async def test_a_connection_that_stays_away_is_polled_for() -> None:
    bench = Bench(room=4, connections=2)
    demand = wanted(range(8))
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        await asyncio.sleep(30)
        assert bench.polled == []
        bench.server.script.extend(["refuse"] * 100)
        bench.server.open[1].break_off()
        await asyncio.sleep(20)
        assert {name for batch in bench.polled for name in batch} == {"S4", "S5", "S6", "S7"}
        assert bench.feed.status().polled == 4
        assert not bench.feed.carries(key(4))
        assert bench.feed.carries(key(3))
        bench.server.script.clear()
        await bench.until_right(demand)
        bench.polled.clear()
        await asyncio.sleep(20)
        assert bench.polled == []
        assert bench.feed.carries(key(4))


async def test_nothing_is_told_anew_after_a_fault() -> None:
    bench = Bench()
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        bench.server.tick(5.0)
        await asyncio.sleep(30)
        told = len(bench.ticks)
        for socket in bench.server.open:
            socket.break_off()
        await asyncio.sleep(0.01)
        await bench.until_right(DEMAND)
        await asyncio.sleep(30)
        assert len(bench.ticks) == told == len(DEMAND)


async def test_an_adapter_that_fails_costs_its_connection_only() -> None:
    bench = Bench(connections=1)
    demand = wanted(range(2))
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)

        def broken(_: object) -> list[str]:
            raise KeyError("token")

        right = bench.stream.subscribe
        bench.stream.subscribe = broken  # type: ignore[method-assign, assignment]
        bench.feed.set_demand(wanted(range(3)))
        await asyncio.sleep(3)
        assert bench.feed.status().connections[0].state in (
            ConnectionState.CONNECTING,
            ConnectionState.WAITING,
            ConnectionState.CONNECTED,
        )
        bench.stream.subscribe = right  # type: ignore[method-assign]
        assert await bench.until_right(wanted(range(3))) <= BAR


async def test_one_odd_instrument_is_polled_and_hurts_nobody() -> None:
    bench = Bench()
    listed = bench.listing.rows
    listed[key(2)] = msgspec.structs.replace(listed[key(2)], token="none")
    async with bench.running():
        bench.feed.set_demand(wanted(range(4)))
        await bench.until_right(wanted((0, 1, 3)))
        await asyncio.sleep(1)
        assert bench.polled == [["S2"]]
