"""What the broker is asked for follows what is wanted."""

import asyncio
import random

import msgspec

from openalgo.domain.instruments import Instrument
from openalgo.domain.market import Mode
from openalgo.streaming.feeds.line import LINGERS
from openalgo.streaming.feeds.status import ConnectionState, FeedState
from tests.streaming.feeds.bench import Bench, key, wanted


async def test_connections_fill_one_after_the_other_in_batches() -> None:
    bench = Bench(room=4, connections=3, a_message=3)
    demand = wanted(range(6))
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        assert [list(socket.subscribed) for socket in bench.server.open] == [[0, 1, 2, 3], [4, 5]]
        assert [[len(m["sub"]) for m in s.messages] for s in bench.server.open] == [[3, 1], [2]]
        status = bench.feed.status()
        assert (status.wanted, status.subscribed, status.capacity) == (6, 6, 12)
        assert [c.state for c in status.connections] == [
            ConnectionState.CONNECTED,
            ConnectionState.CONNECTED,
            ConnectionState.IDLE,
        ]
        assert status.message == "6 instruments streamed, 0 polled"
        assert bench.feed.health().status == "pass"


async def test_modes_go_up_and_down_where_the_instrument_is() -> None:
    bench = Bench()
    async with bench.running():
        for mode in (Mode.LTP, Mode.DEPTH, Mode.QUOTE, Mode.LTP):
            demand = wanted(range(6)) | wanted((5,), mode)
            bench.feed.set_demand(demand)
            await bench.until_right(demand)
        first, second = bench.server.open
        assert len(first.messages) == 2
        assert second.messages == [
            {"sub": [[4, 2], [5, 1]]},
            {"sub": [[5, 3]]},
            {"sub": [[5, 2]]},
            {"sub": [[5, 1]]},
        ]


async def test_who_stays_is_never_moved() -> None:
    bench = Bench(room=4, connections=3, listed=100)
    chance = random.Random(5)
    numbers: set[int] = set()
    places: dict[int, object] = {}
    async with bench.running():
        for _ in range(200):
            before = places
            numbers -= set(chance.sample(sorted(numbers), min(len(numbers), 3)))
            numbers |= set(chance.sample(range(100), 3))
            numbers = set(sorted(numbers)[:12])
            bench.feed.set_demand(wanted(numbers))
            await bench.until_right(wanted(numbers))
            places = {n: s for s in bench.server.open for n in s.subscribed}
            for number in before.keys() & places.keys():
                assert before[number] is places[number]


async def test_what_does_not_fit_is_polled_and_promoted_when_there_is_room() -> None:
    bench = Bench(room=2, connections=2)
    async with bench.running():
        bench.feed.set_demand(wanted(range(8)))
        await bench.until_right(wanted(range(4)))
        await asyncio.sleep(4.5)
        assert bench.polled[:4] == [
            ["S4", "S5", "S6"],
            ["S7", "S4", "S5"],
            ["S6", "S7"],
            ["S4", "S5", "S6"],
        ]
        polled = next(tick for tick in bench.ticks if tick.key == key(4))
        assert (polled.ltp, polled.bid, polled.ask, polled.exchange_ms) == (50.0, 49.0, None, 7)
        assert bench.feed.status().polled == 4
        bench.feed.set_demand(wanted((2, 3, 4, 5, 6, 7)))
        await bench.until_right(wanted((2, 3, 4, 5)))
        bench.polled.clear()
        await asyncio.sleep(3)
        assert {name for batch in bench.polled for name in batch} == {"S6", "S7"}


async def test_the_more_important_takes_the_place_of_the_less() -> None:
    bench = Bench(room=2, connections=1)
    async with bench.running():
        bench.feed.set_demand(wanted((0, 1)))
        await bench.until_right(wanted((0, 1)))
        bench.feed.set_demand(wanted((2, 1, 0)))
        await bench.until_right(wanted((2, 1)))
        assert bench.feed.status().polled == 1


async def test_thousands_of_changes_in_a_moment_make_few_messages() -> None:
    bench = Bench(room=2000, connections=1, a_message=500, listed=2000)
    async with bench.running():
        for count in range(1000):
            bench.feed.set_demand(wanted(range(count)))
        for count in range(999, 1500):
            bench.feed.set_demand(wanted(range(count), Mode.DEPTH))
            await asyncio.sleep(0)
        final = wanted(range(100, 1100), Mode.DEPTH)
        bench.feed.set_demand(final)
        assert await bench.until_right(final) < 0.5
        messages = len(bench.server.open[0].messages)
        assert messages <= 10


async def test_a_feed_nobody_wants_closes_its_connections_after_a_while() -> None:
    bench = Bench()
    async with bench.running():
        await asyncio.sleep(5)
        assert bench.server.dialled == []
        assert bench.feed.status().state is FeedState.IDLE
        bench.feed.set_demand(wanted(range(4)))
        await bench.until_right(wanted(range(4)))
        bench.feed.set_demand({})
        await bench.until_right({})
        await asyncio.sleep(LINGERS / 2)
        assert len(bench.server.open) == 1
        bench.feed.set_demand(wanted(range(2)))
        await bench.until_right(wanted(range(2)))
        bench.feed.set_demand({})
        await asyncio.sleep(LINGERS + 1)
        assert bench.server.open == []
        assert len(bench.server.dialled) == 1
        assert bench.server.sockets[0].said_goodbye
        assert bench.feed.status().state is FeedState.IDLE


async def test_what_is_not_listed_waits_until_it_is() -> None:
    bench = Bench(listed=4)
    async with bench.running():
        bench.feed.set_demand(wanted(range(6)))
        await bench.until_right(wanted(range(4)))
        assert bench.feed.status().unknown == 2
        bench.listing.rows.update(Bench(listed=6).listing.rows)
        bench.feed.relist()
        await bench.until_right(wanted(range(6)))
        assert bench.feed.status().unknown == 0


async def test_an_instrument_listed_under_another_token_is_asked_for_anew() -> None:
    bench = Bench()
    async with bench.running():
        bench.feed.set_demand(wanted(range(3)))
        await bench.until_right(wanted(range(3)))
        listed = bench.listing.rows
        listed[key(1)] = _with_token(listed[key(1)], "77")
        bench.feed.relist()
        await bench.until_right(wanted(range(3)))
        assert bench.server.open[0].subscribed == {0: 2, 2: 2, 77: 2}
        bench.server.tick(9.0)
        await asyncio.sleep(0.01)
        assert {tick.symbol for tick in bench.ticks} == {"S0", "S1", "S2"}


async def test_a_broker_without_a_stream_is_polled_in_turns() -> None:
    bench = Bench(streams=False)
    async with bench.running():
        bench.feed.set_demand(wanted(range(5)))
        await asyncio.sleep(10)
        assert bench.server.dialled == []
        assert bench.feed.status().polled == 5
        assert {tick.key for tick in bench.ticks} == wanted(range(5)).keys()


async def test_while_markets_are_closed_each_is_polled_once() -> None:
    bench = Bench(streams=False)
    bench.hours.open = False
    async with bench.running():
        bench.feed.set_demand(wanted(range(5)))
        await asyncio.sleep(60)
        assert [name for batch in bench.polled for name in batch] == ["S0", "S1", "S2", "S3", "S4"]
        bench.feed.set_demand(wanted(range(6)))
        await asyncio.sleep(60)
        assert bench.polled[-1] == ["S5"]


def _with_token(instrument: Instrument, token: str) -> Instrument:
    return msgspec.structs.replace(instrument, token=token)
