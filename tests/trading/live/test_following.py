"""The broker's book is read while there is something to learn from it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from openalgo.domain.errors import BrokerSessionExpired, BrokerUnavailable
from openalgo.persistence.stores import Store
from tests.support.fake_broker import broker_of, raising
from tests.support.live import LiveDesk, limit


class Following:
    """The follower at work; `seconds` pass by its clock."""

    def __init__(self, live: LiveDesk) -> None:
        self.live = live

    async def reads(self, seconds: int) -> int:
        """How often the book was read meanwhile."""
        before = self.live.desk.reads
        await _settled()
        for _ in range(seconds):
            self.live.clock.advance(timedelta(seconds=1))
            await _settled()
        return self.live.desk.reads - before


@asynccontextmanager
async def following(live: LiveDesk) -> AsyncIterator[Following]:
    task = asyncio.ensure_future(live.venue.follow())
    try:
        yield Following(live)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _settled() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_a_broker_that_tells_of_orders_is_asked_while_some_work(live: LiveDesk) -> None:
    async with following(live) as follower:
        assert await follower.reads(30) == 1
        order_id = await live.place(limit())
        assert await follower.reads(30) == 6
        live.venue.take(live.desk.fill(order_id, 1))
        assert await follower.reads(30) <= 1
        assert live.told == [("accepted", order_id), ("filled", order_id)]


async def test_orders_that_fill_as_they_come_are_left_to_the_stream(live: LiveDesk) -> None:
    async with following(live) as follower:
        await follower.reads(0)
        before = live.desk.reads
        for number in range(30):
            order_id = await live.place(limit(name=f"quick {number}"))
            live.clock.advance(timedelta(seconds=0.5))
            await _settled()
            live.venue.take(live.desk.fill(order_id, 1))
        assert live.desk.reads == before
        await live.place(limit(name="resting"))
        assert await follower.reads(7) >= 1


async def test_a_broker_that_does_not_is_asked_always(main: Store) -> None:
    live = LiveDesk(main, 1)
    live.broker = broker_of(live.desk, order_updates=False)
    await live.start()
    async with following(live) as follower:
        assert await follower.reads(30) == 7
        live.desk.add(limit(name=None), "kiteapp")
        assert await follower.reads(5) == 1
        assert [kind for kind, _ in live.told] == ["accepted"]
        assert live.elsewhere == [1]


async def test_after_the_stream_was_away_it_is_asked_at_once(live: LiveDesk) -> None:
    async with following(live) as follower:
        await follower.reads(0)
        live.venue.look()
        assert await follower.reads(0) == 1


async def test_what_goes_wrong_is_tried_again(live: LiveDesk) -> None:
    async with following(live) as follower:
        live.desk.reading = raising(BrokerUnavailable("HTTP 502"))
        assert await follower.reads(10) == 3
        live.logged_out = BrokerSessionExpired()
        assert await follower.reads(10) == 0
        live.logged_out = None
        live.desk.reading = lambda: None
        assert await follower.reads(10) == 1
