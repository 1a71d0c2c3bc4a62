"""The paper exchange as a venue: prices come first, and what is over comes from disk."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import (
    BrokerUnavailable,
    IdempotencyConflict,
    OpenAlgoError,
    OrderNotFound,
)
from openalgo.domain.gtt import Gtt, GttStatus
from openalgo.domain.intents import ModifyGtt, ModifyOrder
from openalgo.domain.market import InstrumentKey, Quote
from openalgo.domain.numbers import Px, px
from openalgo.domain.orders import Action, Order, OrderStatus, PriceType, Product
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.rules import Rules
from openalgo.trading.sandbox_venue import SandboxVenue
from openalgo.trading.venues import Venue
from tests.support.books import FaultyBooks
from tests.support.market import MORNING, SBIN, SHELF, gtt_intent, intent, tick


class Archive:
    """Finds in the tables what the engine may have forgotten."""

    def __init__(self, books: FaultyBooks) -> None:
        self._books = books

    async def order(self, account_id: int, order_id: str) -> Order | None:
        return self._books.orders.get(order_id)

    async def order_by_client_id(self, account_id: int, client_order_id: str) -> Order | None:
        found = (o for o in self._books.orders.values() if o.client_order_id == client_order_id)
        return next(found, None)

    async def gtt_by_client_id(self, account_id: int, client_order_id: str) -> Gtt | None:
        found = (g for g in self._books.gtts.values() if g.client_order_id == client_order_id)
        return next(found, None)

    async def gtts(self, account_id: int, limit: int) -> list[Gtt]:
        return list(self._books.gtts.values())[::-1][:limit]


class Quotes:
    """Says what the market is, as often as it is asked."""

    def __init__(self) -> None:
        self.ltp: float | None = 100.0
        self.asked = 0

    async def quote(self, key: InstrumentKey) -> Quote:
        self.asked += 1
        if self.ltp is None:
            raise BrokerUnavailable("no quotes today")
        return Quote(key=key, at_ms=0, ltp=self.ltp)

    async def quotes(self, keys: Sequence[InstrumentKey]) -> list[Quote | OpenAlgoError]:
        return [await self.quote(key) for key in keys]


class Floor:
    def __init__(self) -> None:
        self.clock = ManualClock(MORNING)
        self.quotes = Quotes()
        self.books = FaultyBooks()
        rules = Rules()
        self.engine = Engine(
            self.books, SHELF, self.clock, AlwaysOpenCalendar(), lambda _: None, rules
        )
        self.venue: Venue = SandboxVenue(self.engine, Archive(self.books), self.quotes, self.clock)

    async def limit(self, price: str = "90", **more: Any) -> Order:
        return await self.venue.submit(1, intent(SBIN, "BUY", 10, price, **more), SBIN, cause="c")

    async def gtt(self, below: str = "95", **more: Any) -> Gtt:
        return await self.venue.place_gtt(1, gtt_intent(SBIN, below, **more), SBIN, cause="c")


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    floor = Floor()
    running = asyncio.ensure_future(floor.engine.run())
    yield floor
    await floor.engine.stop()
    await running


def change(order: Order, price: str) -> ModifyOrder:
    return ModifyOrder(
        strategy="test",
        order_id=order.order_id,
        exchange=order.exchange,
        symbol=order.symbol,
        action=order.action,
        product=order.product,
        quantity=order.quantity,
        price_type=PriceType.LIMIT,
        price=px(price),
    )


async def test_a_modified_order_meets_the_market_of_now(floor: Floor) -> None:
    order = await floor.limit("90")
    floor.clock.advance(timedelta(minutes=5))
    floor.quotes.ltp = 101.0
    modified = await floor.venue.modify(1, change(order, "102"), SBIN, cause="c")
    assert modified.status is OrderStatus.COMPLETE
    assert modified.average_price == Decimal(101)


async def test_a_limit_can_be_changed_without_a_price(floor: Floor) -> None:
    order = await floor.limit("90")
    floor.clock.advance(timedelta(minutes=5))
    floor.quotes.ltp = None
    assert (await floor.venue.modify(1, change(order, "91"), SBIN, cause="c")).price == px("91")


async def test_a_gtt_cannot_be_placed_without_a_price(floor: Floor) -> None:
    floor.quotes.ltp = None
    with pytest.raises(BrokerUnavailable):
        await floor.gtt()


async def test_the_feed_spares_a_quote(floor: Floor) -> None:
    await floor.limit("90")
    floor.engine.on_tick(tick(SBIN, 100.0))
    asked = floor.quotes.asked
    await floor.gtt()
    await floor.limit("91")
    assert floor.quotes.asked == asked


async def test_gtts_are_shown_active_or_all(floor: Floor) -> None:
    first, second = await floor.gtt("95"), await floor.gtt("94")
    cancelled = await floor.venue.cancel_gtt(1, first.trigger_id, cause="c")
    assert cancelled.status is GttStatus.CANCELLED
    assert await floor.venue.gtts(1) == [second]
    assert await floor.venue.gtts(1, active_only=False) == [second, cancelled]


async def test_all_gtts_show_an_expired_one_as_expired(floor: Floor) -> None:
    await floor.gtt("95", expires_at=floor.clock.now() + timedelta(hours=1))
    floor.clock.advance(timedelta(hours=2))
    (shown,) = await floor.venue.gtts(1, active_only=False)
    assert shown.status is GttStatus.EXPIRED


async def test_a_gtt_is_modified(floor: Floor) -> None:
    gtt = await floor.gtt("95")
    wanted = gtt_intent(SBIN, "93")
    modified = await floor.venue.modify_gtt(
        1,
        ModifyGtt(
            strategy="test",
            trigger_id=gtt.trigger_id,
            trigger_type=wanted.trigger_type,
            exchange=wanted.exchange,
            symbol=wanted.symbol,
            action=Action.BUY,
            product=Product.CNC,
            quantity=Decimal(2),
            price_type=PriceType.MARKET,
            triggers=wanted.triggers,
        ),
        SBIN,
        cause="c",
    )
    assert modified.triggers == wanted.triggers
    assert await floor.venue.gtts(1) == [modified]


async def test_a_repeat_long_after_finds_the_gtt_on_disk(floor: Floor) -> None:
    gtt = await floor.gtt("95", client_order_id="mine")
    await floor.venue.cancel_gtt(1, gtt.trigger_id, cause="c")
    floor.clock.advance(timedelta(days=2))
    again = await floor.gtt("95", client_order_id="mine")
    assert again.trigger_id == gtt.trigger_id
    with pytest.raises(IdempotencyConflict):
        await floor.gtt("94", client_order_id="mine")


async def test_a_stop_shows_that_it_waits_for_its_trigger(floor: Floor) -> None:
    stop = await floor.limit("106", price_type=PriceType.SL, trigger_price=px("105"))
    (shown,) = await floor.venue.orders(1)
    assert shown == stop
    assert shown.status is OrderStatus.TRIGGER_PENDING
    assert (shown.trigger_price, shown.pending_quantity) == (px("105"), Decimal(10))


async def test_nothing_has_settled_into_holdings(floor: Floor) -> None:
    await floor.limit("110", product="CNC")
    assert await floor.venue.holdings(1) == []


async def test_an_unknown_order_is_not_found(floor: Floor) -> None:
    with pytest.raises(OrderNotFound):
        await floor.venue.order(1, "1")
    order = await floor.limit()
    assert order.price != Px(0)
    assert await floor.venue.order(1, order.order_id) == order
