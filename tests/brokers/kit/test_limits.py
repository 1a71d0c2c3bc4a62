"""Rate limits, on a loop whose time passes by itself."""

import asyncio

import pytest

from openalgo.brokers.limits import Lane, Limiter, LimitReached, RateLimit, Scopes
from tests.brokers.kit.virtual import now, settle

pytestmark = pytest.mark.asyncio(loop_factories=["virtual"])

SECOND = RateLimit("api", ((2, 1.0),))


async def take(
    limiter: Limiter,
    lane: Lane = Lane.READ,
    *,
    scopes: Scopes = ("api",),
    within: float = 100,
    weight: int = 1,
) -> float:
    """Wait for a place; the loop time at which it was given."""
    await limiter.acquire(scopes, lane, weight=weight, within=within)
    return now()


async def test_calls_go_at_once_until_the_window_is_full() -> None:
    limiter = Limiter([SECOND])
    start = now()
    times = await asyncio.gather(*(take(limiter) for _ in range(5)))
    assert [at - start for at in times] == [0, 0, 1, 1, 2]


async def test_every_window_holds() -> None:
    limiter = Limiter([RateLimit("api", ((2, 1.0), (3, 60.0)))])
    start = now()
    times = await asyncio.gather(*(take(limiter) for _ in range(4)))
    assert [at - start for at in times] == [0, 0, 1, 60]


async def test_a_call_counts_against_all_its_scopes() -> None:
    limiter = Limiter([RateLimit("quote", ((1, 1.0),)), RateLimit("all", ((3, 10.0),))])
    start = now()
    quotes = [take(limiter, scopes=("quote", "all")) for _ in range(2)]
    others = [take(limiter, scopes=("all",)) for _ in range(2)]
    times = await asyncio.gather(*quotes, *others)
    # The second quote finds `all` used up when it could have gone, after a second.
    assert [at - start for at in times] == [0, 10, 0, 0]


async def test_who_waits_for_one_limit_does_not_hold_up_another() -> None:
    limiter = Limiter([RateLimit("quote", ((1, 60.0),)), RateLimit("history", ((1, 60.0),))])
    start = now()
    first, second = take(limiter, scopes=("quote",)), take(limiter, scopes=("quote",))
    waiting = asyncio.gather(first, second)
    await settle()
    assert await take(limiter, scopes=("history",)) == start
    assert [at - start for at in await waiting] == [0, 60]


async def test_exits_go_before_orders_and_orders_before_reads() -> None:
    limiter = Limiter([RateLimit("api", ((1, 1.0),))])
    gone: list[str] = []

    async def call(name: str, lane: Lane) -> None:
        await take(limiter, lane)
        gone.append(name)

    await take(limiter)
    calls = [
        *(("read 1", Lane.READ), ("order 1", Lane.ORDER), ("read 2", Lane.READ)),
        *(("exit 1", Lane.EXIT), ("order 2", Lane.ORDER), ("exit 2", Lane.EXIT)),
    ]
    await asyncio.gather(*(call(*one) for one in calls))
    assert gone == ["exit 1", "exit 2", "order 1", "order 2", "read 1", "read 2"]


async def test_within_a_lane_the_first_comes_first_whatever_its_scopes() -> None:
    limiter = Limiter([RateLimit("quote", ((1, 1.0),)), RateLimit("all", ((1, 2.0),))])
    gone: list[int] = []

    async def call(number: int, *scopes: str) -> None:
        await take(limiter, scopes=scopes)
        gone.append(number)

    await asyncio.gather(call(0, "all"), call(1, "quote", "all"), call(2, "all"), call(3, "all"))
    assert gone == [0, 1, 2, 3]


async def test_the_reserve_is_for_exits() -> None:
    limiter = Limiter([RateLimit("orders", ((10, 60.0),), reserve=2)])
    start = now()
    orders = asyncio.gather(
        *(take(limiter, Lane.ORDER, scopes=("orders",)) for _ in range(9)),
    )
    await settle()
    for _ in range(2):
        assert await take(limiter, Lane.EXIT, scopes=("orders",)) == start
    assert [at - start for at in await orders] == [0] * 8 + [60]


async def test_waiting_ends_with_the_callers_patience_and_takes_no_place() -> None:
    limiter = Limiter([RateLimit("api", ((1, 10.0),))])
    await take(limiter)
    patient = asyncio.create_task(take(limiter, Lane.ORDER, within=11))
    await settle()
    start = now()
    with pytest.raises(LimitReached) as caught:
        # There is a place in ten seconds, but the other one gets it.
        await take(limiter, within=10.5)
    assert now() - start == 10.5
    assert caught.value.retry_after == pytest.approx(9.5)
    assert await patient == start + 10
    assert limiter.waiting == 0
    assert await take(limiter) == start + 20


async def test_what_cannot_be_had_in_time_fails_at_once() -> None:
    limiter = Limiter([RateLimit("api", ((1, 86_400.0),))])
    await take(limiter)
    start = now()
    with pytest.raises(LimitReached, match="the next call is allowed in 86400"):
        await take(limiter, within=10)
    assert now() == start


async def test_who_gives_up_leaves_the_queue() -> None:
    limiter = Limiter([RateLimit("api", ((1, 1.0),))])
    await take(limiter)
    start = now()
    impatient = asyncio.create_task(take(limiter, Lane.EXIT))
    next_one = asyncio.create_task(take(limiter))
    await settle()
    assert limiter.waiting == 2
    impatient.cancel()
    await settle()
    assert limiter.waiting == 1
    assert await next_one == start + 1


async def test_a_cancelled_call_that_held_others_lets_them_go_at_once() -> None:
    limiter = Limiter([RateLimit("api", ((5, 60.0),))])
    start = await take(limiter, weight=4)
    heavy = asyncio.create_task(take(limiter, Lane.ORDER, weight=2))
    light = asyncio.create_task(take(limiter, weight=1))
    await settle()
    assert limiter.waiting == 2
    heavy.cancel()
    assert await light == start


async def test_weights_count() -> None:
    limiter = Limiter([RateLimit("api", ((10, 300.0),))])
    start = now()
    times = [await take(limiter, weight=5), await take(limiter, weight=5)]
    assert [at - start for at in times] == [0, 0]
    assert await take(limiter, weight=1, within=301) - start == 300
    with pytest.raises(LimitReached):
        await take(limiter, weight=11, within=1e9)


async def test_a_break_closes_the_lane_and_those_behind_it() -> None:
    limiter = Limiter([RateLimit("all", ())])
    start = now()
    limiter.pause(("all",), Lane.ORDER, 30)
    assert await take(limiter, Lane.EXIT, scopes=("all",)) == start
    order = asyncio.create_task(take(limiter, Lane.ORDER, scopes=("all",)))
    read = asyncio.create_task(take(limiter, Lane.READ, scopes=("all",)))
    assert [await order, await read] == [start + 30, start + 30]


async def test_a_break_holds_those_already_waiting() -> None:
    limiter = Limiter([RateLimit("all", ((1, 1.0),))])
    start = now()
    await take(limiter, scopes=("all",))
    waiting = asyncio.create_task(take(limiter, scopes=("all",)))
    await settle()
    limiter.pause(("all",), Lane.READ, 5)
    assert await waiting == start + 5


async def test_breaks_without_a_length_double_until_a_call_is_accepted() -> None:
    limiter = Limiter([RateLimit("all", ())])
    pauses = [limiter.pause(("all",), Lane.READ) for _ in range(4)]
    assert pauses == [1, 2, 4, 8]
    limiter.accepted(("all",))
    assert limiter.pause(("all",), Lane.READ) == 1


async def test_no_break_is_longer_than_a_quarter_of_an_hour() -> None:
    limiter = Limiter([RateLimit("all", ())])
    assert limiter.pause(("all",), Lane.READ, 1e9) == 900
    assert [limiter.pause(("all",), Lane.READ) for _ in range(20)][-1] == 900


async def test_a_scope_nobody_declared_is_a_mistake() -> None:
    limiter = Limiter([SECOND])
    with pytest.raises(ValueError, match="There is no rate limit 'orders'"):
        await limiter.acquire(("api", "orders"), Lane.READ, within=1)
    assert await limiter.acquire((), Lane.READ, within=0) == 0


async def test_says_when_one_more_call_would_find_room() -> None:
    limiter = Limiter([SECOND, RateLimit("all", ((3, 10.0),))])
    both = ("api", "all")
    assert limiter.room_in(both, Lane.READ) == 0
    await take(limiter, scopes=both)
    await take(limiter, scopes=both)
    assert limiter.room_in(both, Lane.READ) == 1
    assert limiter.room_in(("all",), Lane.READ) == limiter.room_in((), Lane.READ) == 0
    await take(limiter, scopes=both)
    assert limiter.room_in(both, Lane.READ) == 9
    with pytest.raises(ValueError, match="no rate limit"):
        limiter.room_in(("other",), Lane.READ)


async def test_orders_of_before_count_against_the_limits_of_orders_alone() -> None:
    orders = RateLimit("orders", ((2, 10.0), (4, 100.0)), of_orders=True)
    limiter = Limiter([orders, RateLimit("quote", ((1, 100.0),))])
    start = now()
    limiter.sent_before([120.0, 95.0, 50.0, 4.0])
    times = await asyncio.gather(*(take(limiter, scopes=("orders",)) for _ in range(3)))
    # 3 of them are younger than 100 s, of which one is younger than 10.
    assert [round(at - start) for at in times] == [0, 6, 50]
    assert await take(limiter, scopes=("quote",)) == now()
