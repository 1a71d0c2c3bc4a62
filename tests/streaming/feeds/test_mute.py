"""A connection that lives but brings no prices is found out; a quiet market is left in peace."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import pytest

from openalgo.streaming.feeds.mute import ANSWERED_WITHIN, LONGEST_PATIENCE, PATIENCE
from tests.streaming.feeds.bench import Bench, key, wanted
from tests.streaming.feeds.server import FakeSocket

MANY = wanted(range(12))


def _bench(**kwargs: bool) -> Bench:
    return Bench(room=20, connections=1, a_message=5, **kwargs)


@contextlib.asynccontextmanager
async def _prices(bench: Bench, every: float = 1.0) -> AsyncIterator[None]:
    """The market moves."""

    async def move() -> None:
        price = 100.0
        while True:
            price += 1
            bench.server.tick(price)
            await asyncio.sleep(every)

    moving = asyncio.ensure_future(move())
    try:
        yield
    finally:
        moving.cancel()


async def test_lost_subscriptions_are_asked_for_again_on_the_same_connection() -> None:
    bench = _bench()
    async with bench.running(), _prices(bench):
        bench.feed.set_demand(MANY)
        await bench.until_right(MANY)
        await asyncio.sleep(60)
        (socket,) = bench.server.open
        socket.lose_subscriptions()
        took = await bench.until_right(MANY)
        assert PATIENCE <= took <= PATIENCE + 3
        assert bench.server.open == [socket]
        await asyncio.sleep(3)
        assert bench.feed.carries(key(1))
        before = len(bench.ticks)
        await asyncio.sleep(600)
        assert len(bench.ticks) >= before + 600 * len(MANY)
        assert bench.server.open == [socket]


async def test_a_connection_that_stays_without_prices_is_replaced_and_polled_for_meanwhile() -> (
    None
):
    bench = _bench()
    async with bench.running(), _prices(bench):
        bench.feed.set_demand(MANY)
        await bench.until_right(MANY)
        await asyncio.sleep(60)
        assert bench.polled == []
        (socket,) = bench.server.open
        socket.deaf = True
        await asyncio.sleep(PATIENCE - 2)
        assert bench.feed.carries(key(1))
        await asyncio.sleep(5)
        assert not bench.feed.carries(key(1))
        await asyncio.sleep(PATIENCE - 10)
        assert bench.server.open == [socket]
        assert {name for batch in bench.polled for name in batch} == {f"S{n}" for n in range(12)}
        assert bench.feed.status().polled == 12
        await asyncio.sleep(10)
        (successor,) = bench.server.open
        assert successor is not socket
        assert bench.feed.carries(key(1))
        bench.polled.clear()
        await asyncio.sleep(60)
        assert bench.polled == []


@pytest.mark.parametrize("snapshots", [False, True], ids=["silent", "answers with what it knows"])
async def test_a_quiet_market_is_asked_about_ever_less_often(
    snapshots: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = _bench()
    check = bench.server.check

    def answer(socket: FakeSocket, message: Mapping[str, list[object]]) -> None:
        check(socket, message)
        if not socket.asked_again:
            asyncio.get_running_loop().call_soon(socket.bring, b"1=7.5")

    if snapshots:
        monkeypatch.setattr(bench.server, "check", answer)
    async with bench.running():
        bench.feed.set_demand(MANY)
        await bench.until_right(MANY)
        await asyncio.sleep(6 * 3600)
        pauses = bench.pauses
        assert pauses[:3] == pytest.approx([60, 120, 240], abs=8)
        assert pauses[3:] == pytest.approx([480, *[960] * (len(pauses) - 4)], abs=8)
        assert 6 * 3600 / (2 * LONGEST_PATIENCE) <= len(pauses) + 1 <= 30


async def test_a_market_that_wakes_up_is_watched_closely_again() -> None:
    bench = _bench()
    async with bench.running():
        bench.feed.set_demand(MANY)
        await bench.until_right(MANY)
        await asyncio.sleep(3600)
        async with _prices(bench):
            await asyncio.sleep(ANSWERED_WITHIN + 60)
            assert bench.feed.carries(key(1))
            bench.server.open[0].lose_subscriptions()
            assert await bench.until_right(MANY) <= PATIENCE + 3


async def test_a_few_instruments_may_be_silent_for_longer() -> None:
    bench = _bench()
    async with bench.running():
        bench.feed.set_demand(wanted(range(1)))
        await bench.until_right(wanted(range(1)))
        (socket,) = bench.server.open
        async with _prices(bench, every=240):
            await asyncio.sleep(3 * 3600)
        assert socket.asked_again == []
        assert bench.server.open == [socket]
        assert bench.polled == []
        await asyncio.sleep(240)
        socket.lose_subscriptions()
        assert await bench.until_right(wanted(range(1)), within=400) <= 10 * PATIENCE


async def test_a_new_instrument_is_waited_for_from_when_it_was_asked_for() -> None:
    bench = _bench(order_updates=True)
    async with bench.running():
        await asyncio.sleep(3600)
        bench.feed.set_demand(MANY)
        await bench.until_right(MANY)
        await asyncio.sleep(PATIENCE - 2)
        assert bench.feed.carries(key(1))
        assert bench.server.open[0].asked_again == []


async def test_nothing_is_missed_while_markets_are_closed() -> None:
    bench = _bench()
    bench.hours.open = False
    async with bench.running():
        bench.feed.set_demand(MANY)
        await bench.until_right(MANY)
        await asyncio.sleep(3600)
        (socket,) = bench.server.open
        assert socket.asked_again == []
        assert bench.feed.carries(key(1))
        bench.hours.open = True
        await asyncio.sleep(PATIENCE - 2)
        assert socket.asked_again == []
        await asyncio.sleep(5)
        assert len(socket.asked_again) == 1
