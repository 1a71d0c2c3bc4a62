"""Sessions end and begin; those who listen should not notice."""

import asyncio

import pytest
from structlog.testing import capture_logs

from openalgo.domain.market import Mode
from openalgo.streaming.feeds.line import HANDED_OVER_WITHIN
from openalgo.streaming.feeds.opening import LONGEST_PAUSE, REFUSED_PAUSE
from openalgo.streaming.feeds.session import GOOD_FOR, TRIED_AGAIN
from openalgo.streaming.feeds.status import ConnectionState, FeedState
from tests.streaming.feeds.bench import Bench, wanted
from tests.streaming.feeds.server import SESSION_OVER, FakeSocket

DEMAND = wanted(range(6))


async def test_without_a_login_nothing_is_dialled_until_there_is_one() -> None:
    bench = Bench()
    bench.token = None
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await asyncio.sleep(3600)
        assert bench.server.dialled == []
        assert bench.over == []
        assert bench.feed.status().state is FeedState.DISCONNECTED
        assert bench.feed.health().status == "warn"
        bench.login("two")
        assert await bench.until_right(DEMAND) < 0.2


async def test_a_refused_session_is_told_once_and_not_tried_for_minutes() -> None:
    bench = Bench()
    bench.server.valid.clear()
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await asyncio.sleep(TRIED_AGAIN - 10)
        assert bench.over == ["the broker refused the session (HTTP 403)"]
        assert len(bench.server.dialled) <= 4
        assert {c.state for c in bench.feed.status().connections[:2]} == {
            ConnectionState.LOGGED_OUT
        }
        bench.login("two")
        assert await bench.until_right(DEMAND) < 0.2
        assert len(bench.over) == 1


async def test_a_session_that_was_refused_by_mistake_is_tried_again() -> None:
    bench = Bench(connections=1)
    bench.server.script.extend(["403", "403"])
    async with bench.running():
        bench.feed.set_demand(wanted(range(4)))
        assert TRIED_AGAIN <= await bench.until_right(wanted(range(4)), 400) <= 310
        assert len(bench.over) == 1


async def test_refusals_of_a_session_that_is_good_are_mere_failures() -> None:
    bench = Bench(connections=1)
    bench.server.script.extend(["403"] * 9)
    async with bench.running():
        bench.feed.set_demand(wanted(range(4)))
        await bench.until_dialled(2)
        await asyncio.sleep(1)
        assert len(bench.over) == 1
        bench.feed.session_good()
        took = await bench.until_right(wanted(range(4)))
        assert bench.pauses[-1] == pytest.approx(LONGEST_PAUSE, abs=0.1)
        assert took < GOOD_FOR
        assert len(bench.over) == 1


async def test_a_feed_that_is_refused_for_minutes_is_seldom_tried_and_asks_again() -> None:
    bench = Bench(connections=1)
    bench.server.valid.clear()
    async with bench.running():
        bench.feed.set_demand(wanted(range(4)))
        for _ in range(30):
            await asyncio.sleep(GOOD_FOR)
            bench.feed.session_good()
        assert bench.pauses[-2] == pytest.approx(REFUSED_PAUSE, abs=0.1)
        assert 10 <= len(bench.over) <= 31


async def test_one_refused_connection_beside_one_that_is_up_is_no_end_of_the_session() -> None:
    bench = Bench(connections=2)
    async with bench.running():
        bench.feed.set_demand(wanted(range(4)))
        await bench.until_right(wanted(range(4)))
        bench.server.script.extend(["403"] * 5)
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        assert bench.over == []


async def test_a_notice_that_the_session_is_over_is_told_without_its_secrets() -> None:
    bench = Bench(connections=1)
    async with bench.running():
        bench.feed.set_demand(wanted(range(4)))
        await bench.until_right(wanted(range(4)))
        with capture_logs() as logs:
            bench.server.open[0].bring(SESSION_OVER)
            await asyncio.sleep(60)
        assert bench.over == ["token=*** is over"]
        assert "abcdef" not in str(logs)
        assert len(bench.server.dialled) == 1
        bench.login("two")
        assert await bench.until_right(wanted(range(4))) < 0.2


async def test_new_connections_take_over_without_a_gap_and_without_a_tick_twice() -> None:
    bench = Bench(room=4, connections=3)
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        old = bench.server.open
        prices = 1.0
        bench.login("two")
        for _ in range(100):
            prices += 1
            bench.server.tick(prices)
            await asyncio.sleep(0.1)
            # The old connection goes on with old prices, the new one has newer.
            assert {t.key for t in bench.ticks if t.ltp == prices} == DEMAND.keys()
        assert {socket.token for socket in bench.server.open} == {"two"}
        assert all(socket.said_goodbye for socket in old)
        assert bench.is_right(DEMAND)
        assert bench.over == []
        # While two brought it, an instrument came twice once at most.
        assert len(bench.ticks) <= 101 * len(DEMAND)
        assert set(bench.states) == {FeedState.CONNECTING, FeedState.CONNECTED}
        assert bench.states[-1] is FeedState.CONNECTED


async def test_after_the_new_connection_brought_a_price_the_old_one_is_not_heard() -> None:
    bench = Bench(room=4, connections=2)
    demand = wanted(range(4))
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        bench.login("two")
        await asyncio.sleep(0.2)
        old, new = bench.server.open
        new.bring(b"1=20")
        await asyncio.sleep(0.01)
        old.bring(b"1=10,2=10")
        await asyncio.sleep(0.01)
        assert [(t.symbol, t.ltp) for t in bench.ticks] == [("S1", 20), ("S2", 10)]


async def test_in_the_quiet_the_old_connection_leaves_after_seconds() -> None:
    bench = Bench(room=4, connections=2)
    demand = wanted(range(4))
    bench.hours.open = False
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        bench.login("two")
        await asyncio.sleep(HANDED_OVER_WITHIN / 2)
        assert [socket.token for socket in bench.server.open] == ["one", "two"]
        await asyncio.sleep(HANDED_OVER_WITHIN / 2 + 0.5)
        assert [socket.token for socket in bench.server.open] == ["two"]


async def test_where_no_connection_is_to_spare_they_change_one_after_the_other() -> None:
    bench = Bench(room=2, connections=3)
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        bench.login("two")
        await asyncio.sleep(1)
        assert {socket.token for socket in bench.server.open} == {"two"}
        assert bench.is_right(DEMAND)


@pytest.mark.parametrize(
    "script", [["refuse"], ["close"], ["slow"], ["403"], ["half-open"]], ids=" ".join
)
async def test_a_login_that_begins_badly_leaves_the_old_connection_in_service(
    script: list[str],
) -> None:
    bench = Bench(room=6, connections=2)
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        old = bench.server.open[0]
        bench.server.script.extend(script)
        bench.login("two")
        price = 100.0
        while old.is_open:
            price += 1
            bench.server.tick(price)
            await asyncio.sleep(0.1)
            assert {t.key for t in bench.ticks if t.ltp == price} == DEMAND.keys()
        assert await bench.until_right(DEMAND) <= 10
        assert {socket.token for socket in bench.server.open} == {"two"}
        assert bench.over == []


async def test_churn_during_a_roll_over_ends_right() -> None:
    bench = Bench(room=4, connections=3)
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        bench.login("two")
        for turn in range(60):
            demand = wanted(range(turn % 7, turn % 7 + 5), Mode(turn % 3 + 1))
            bench.feed.set_demand(demand)
            await asyncio.sleep(0.1)
        assert await bench.until_right(demand) < 1
        await asyncio.sleep(3 * HANDED_OVER_WITHIN)
        assert {socket.token for socket in bench.server.open} == {"two"}
        assert bench.is_right(demand)


async def test_a_broker_that_ends_old_sockets_at_a_login_is_followed_at_once() -> None:
    bench = Bench()
    async with bench.running():
        bench.feed.set_demand(DEMAND)
        await bench.until_right(DEMAND)
        bench.server.valid.clear()
        for socket in bench.server.open:
            socket.break_off()
        bench.login("two")
        assert await bench.until_right(DEMAND) <= 1
        assert bench.over == []


async def test_a_notice_of_the_old_session_says_nothing_of_the_new() -> None:
    bench = Bench(room=4, connections=2)
    demand = wanted(range(4))
    async with bench.running():
        bench.feed.set_demand(demand)
        await bench.until_right(demand)
        old: FakeSocket = bench.server.open[0]
        bench.login("two")
        old.bring(SESSION_OVER)
        assert await bench.until_right(demand) <= 1
        await asyncio.sleep(1)
        assert {socket.token for socket in bench.server.open} == {"two"}
        assert bench.over == []
