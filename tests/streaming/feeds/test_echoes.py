"""Order updates come over every connection and are told once."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from openalgo.brokers.rows import OrderRow
from openalgo.domain.market import Exchange
from openalgo.domain.numbers import px
from openalgo.domain.orders import Action, OrderStatus, PriceType
from openalgo.streaming.feeds.echoes import Echoes
from openalgo.streaming.feeds.status import FeedState
from tests.streaming.feeds.bench import Bench, wanted

AT = datetime(2026, 8, 21, 4, 0, tzinfo=UTC)
ROW = OrderRow(
    order_id="1",
    exchange=Exchange.NSE,
    symbol="S1",
    action=Action.BUY,
    product="MIS",
    price_type=PriceType.LIMIT,
    quantity=Decimal(1),
    status=OrderStatus.OPEN,
    placed_at=AT,
    updated_at=AT,
    price=px("10"),
)


def at(price: int) -> OrderRow:
    return msgspec.structs.replace(ROW, price=px(price))


@given(st.lists(st.integers(1, 3)), st.lists(st.integers(0, 2)))
def test_each_update_is_told_once_whichever_connection_is_first(
    prices: list[int], turns: list[int]
) -> None:
    echoes = Echoes()
    waiting = {connection: list(prices) for connection in range(3)}
    told = []
    for connection in [*turns, *(c for c in range(3) for _ in prices)]:
        if waiting[connection]:
            price = waiting[connection].pop(0)
            if echoes.is_news(at(price), connection):
                told.append(price)
    assert sorted(told) == sorted(prices)


def test_an_order_that_returns_to_an_earlier_state_is_news() -> None:
    echoes = Echoes()
    told = [
        (connection, price)
        for connection in ("a", "b")
        for price in (10, 11, 10)
        if echoes.is_news(at(price), connection)
    ]
    assert told == [("a", 10), ("a", 11), ("a", 10)]


async def test_a_feed_wanted_for_order_updates_alone_has_one_connection() -> None:
    bench = Bench(order_updates=True)
    bench.stream.orders[b"order"] = ROW
    async with bench.running():
        await asyncio.sleep(60)
        assert len(bench.server.dialled) == 1
        assert bench.feed.status().state is FeedState.CONNECTED
        bench.server.open[0].bring(b"order")
        await asyncio.sleep(0.01)
        assert bench.orders == [ROW]
        bench.server.open[0].break_off()
        await asyncio.sleep(1)
        assert len(bench.server.open) == 1


async def test_an_update_over_two_connections_is_told_once() -> None:
    bench = Bench(order_updates=True)
    bench.stream.orders[b"order"] = ROW
    async with bench.running():
        bench.feed.set_demand(wanted(range(6)))
        await bench.until_right(wanted(range(6)))
        for socket in bench.server.open:
            socket.bring(b"order")
        await asyncio.sleep(0.01)
        assert bench.orders == [ROW]
