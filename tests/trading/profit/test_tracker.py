"""The profit of an account, from its books and its prices."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from msgspec.structs import replace

from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import BrokerUnavailable, OpenAlgoError
from openalgo.domain.events import ProfitMoved
from openalgo.domain.market import Mode
from openalgo.domain.numbers import ONE, px
from openalgo.domain.orders import Action, Product, Trade
from openalgo.domain.portfolio import MarkedPosition
from openalgo.trading.profit.held import Held
from openalgo.trading.profit.strategies import by_strategy
from openalgo.trading.profit.tracker import READ_AGAIN, Tracker
from openalgo.trading.venues import Venue, VenueMode
from tests.api.fakes import position
from tests.support.market import INFY, MORNING, SBIN, tick
from tests.support.markets import a_market


def row(
    quantity: int,
    ltp: str = "100",
    unrealised: str = "0",
    realised: str = "0",
    multiplier: Decimal = ONE,
    instrument: Any = SBIN,
) -> MarkedPosition:
    made = position(str(quantity), "0", unrealised, realised)
    return replace(
        made,
        position=replace(made.position, symbol=instrument.symbol, exchange=instrument.exchange),
        ltp=Decimal(ltp),
        multiplier=multiplier,
    )


@dataclass
class Books:
    """A venue whose positions the test says."""

    rows: list[MarkedPosition] = field(default_factory=list)
    refusal: OpenAlgoError | None = None
    reads: int = 0
    mode: VenueMode = VenueMode.ANALYZE
    answer: asyncio.Event | None = None

    async def positions(self, _: int) -> list[MarkedPosition]:
        await asyncio.sleep(0)
        self.reads += 1
        if self.refusal is not None:
            raise self.refusal
        rows, answer, self.answer = list(self.rows), self.answer, None
        if answer is not None:
            await answer.wait()
        return rows


@dataclass
class Desk:
    mode: VenueMode = VenueMode.ANALYZE
    books: Books = field(default_factory=Books)
    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    told: list[ProfitMoved] = field(default_factory=list)
    heard: set[int] = field(default_factory=lambda: {1})

    def __post_init__(self) -> None:
        self.market = a_market(cast(Venue, self.books), clock=self.clock)
        self.tracker = Tracker(
            1,
            self.mode,
            lambda: (self.market, cast(Venue, self.books)),
            self.clock,
            self.told.append,
            self.heard.__contains__,
        )

    async def sample(self, seconds: int = 1) -> tuple[float, float] | None:
        self.clock.advance(timedelta(seconds=seconds))
        await self.tracker.follow()
        curve = self.tracker.curve
        last = None if curve is None else curve.last
        return None if last is None else (float(last.realised), float(last.unrealised))


async def test_a_row_moves_with_its_price_from_where_the_book_had_it() -> None:
    desk = Desk()
    latest = desk.market.hub.latest
    desk.market.hub.publish(tick(SBIN, 99))
    held = Held([row(-3, "100", "25", "7", Decimal(50)), row(0, "1", "0", "5")], latest.get)
    # The tick that was there before is older than the row.
    assert [each.unrealised for each in await held.at_prices()] == [25, 0]
    desk.market.hub.publish(tick(SBIN, 98.5))
    short, flat = await held.at_prices()
    assert [float(each) for each in (short.ltp, short.unrealised, short.total)] == [98.5, 250, 257]
    assert [int(flat.ltp), int(flat.total)] == [1, 5]
    desk.market.hub.publish(tick(SBIN, 100))
    assert (await held.at_prices())[0].unrealised == 25


async def test_a_slow_reading_does_not_take_the_place_of_a_newer() -> None:
    desk = Desk()
    desk.books.rows = [row(10, unrealised="5")]
    desk.books.answer = slow = asyncio.Event()
    first = asyncio.ensure_future(desk.sample())
    for _ in range(10):
        await asyncio.sleep(0)
    assert desk.books.answer is None
    desk.books.rows = [row(10, unrealised="9")]
    desk.tracker.look()
    second = asyncio.ensure_future(desk.sample())
    for _ in range(10):
        await asyncio.sleep(0)
    slow.set()
    await asyncio.gather(first, second)
    assert desk.tracker.rows[0].unrealised == 9
    assert await second == (0, 9)


async def test_the_books_are_read_when_something_happened_and_not_each_second() -> None:
    desk = Desk()
    assert await desk.sample() == (0, 0)
    desk.books.rows = [row(10)]
    assert await desk.sample() == (0, 0)
    desk.tracker.look()
    assert await desk.sample() == (0, 0)
    for price, worth in ((100.5, 5), (102, 20), (99, -10)):
        desk.market.hub.publish(tick(SBIN, price))
        assert await desk.sample() == (0, worth)
    assert desk.books.reads == 2
    curve = desk.tracker.curve
    assert curve is not None
    assert curve.close is not None
    assert (int(curve.close.highest.total), int(curve.close.lowest.total)) == (20, -10)


async def test_who_listens_hears_what_changed() -> None:
    desk = Desk()
    desk.books.rows = [row(10, "100", "50", "30")]
    await desk.sample()
    await desk.sample()
    [event] = desk.told
    assert (event.mode, int(event.realised), int(event.unrealised)) == ("analyze", 30, 50)
    heights = (event.highest, event.lowest, event.drawdown, event.max_drawdown)
    assert list(map(int, heights)) == [80, 0, 0, 0]
    desk.heard.clear()
    desk.market.hub.publish(tick(SBIN, 90))
    await desk.sample()
    assert len(desk.told) == 1


async def test_what_cannot_be_read_is_no_zero_and_no_sample() -> None:
    desk = Desk()
    desk.books.refusal = BrokerUnavailable("Kite does not answer")
    assert await desk.sample() is None
    assert desk.tracker.problem == "Kite does not answer"
    desk.books.refusal, desk.books.rows = None, [row(10, "100", "-40")]
    assert await desk.sample() == (0, -40)
    assert desk.tracker.problem is None
    desk.tracker.look()
    desk.books.refusal = BrokerUnavailable("Kite does not answer")
    assert await desk.sample() == (0, -40)
    assert desk.tracker.problem is not None


async def test_a_new_day_begins_with_the_books_of_that_day() -> None:
    desk = Desk()
    desk.books.rows = [row(10, "100", "50", "30")]
    await desk.sample()
    first = desk.tracker.curve
    desk.books.rows = [row(10, "100", "50", "0")]
    assert await desk.sample(24 * 3600) == (0, 50)
    second = desk.tracker.curve
    assert first is not None
    assert second is not None
    assert (second.day - first.day).days == 1
    assert first.close is not None
    assert first.close.last.total == 80


async def test_an_account_that_begins_anew_has_made_nothing() -> None:
    desk = Desk()
    desk.books.rows = [row(10, "100", "50", "30")]
    await desk.sample()
    desk.books.rows = []
    desk.tracker.begin_anew()
    assert await desk.sample() == (0, 0)
    assert desk.tracker.curve is not None
    assert desk.tracker.curve.is_blank


async def test_at_a_broker_prices_are_asked_for_and_positions_read_now_and_then() -> None:
    desk = Desk(mode=VenueMode.LIVE)
    desk.books.rows = [row(10), row(0, instrument=INFY)]
    await desk.sample()
    assert dict(desk.market.demand.wanted) == {SBIN.key: Mode.LTP}
    await desk.sample(int(READ_AGAIN.total_seconds()))
    assert desk.books.reads == 2
    desk.books.rows = []
    desk.tracker.look()
    await desk.sample()
    assert not desk.market.demand.wanted
    await desk.sample(int(READ_AGAIN.total_seconds()))
    assert desk.books.reads == 3


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_it_runs_by_the_second_while_a_position_is_open_and_else_waits(desk: Desk) -> None:
    running = asyncio.create_task(desk.tracker.run())
    await settle()
    assert desk.books.reads == 1
    desk.books.rows = [row(10)]
    desk.tracker.look()
    await settle()
    assert desk.books.reads == 2
    # A burst of fills within a second is read once, at its end.
    for _ in range(5):
        desk.tracker.look()
        await settle()
    assert desk.books.reads == 2
    desk.books.rows = [row(0, realised="12")]
    desk.clock.advance(timedelta(seconds=1))
    await settle()
    assert desk.books.reads == 3
    assert desk.tracker.curve is not None
    assert desk.tracker.curve.last is not None
    assert desk.tracker.curve.last.total == 12
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def trade(strategy: str, action: Action, quantity: int, price: str, symbol: Any = SBIN) -> Trade:
    return Trade(
        account_id=1,
        trade_id="T",
        order_id="O",
        symbol=symbol.symbol,
        exchange=symbol.exchange,
        action=action,
        product=Product.MIS,
        quantity=Decimal(quantity),
        price=px(price),
        strategy=strategy,
        at=MORNING,
    )


async def test_strategies_and_the_rest_come_to_what_the_positions_do() -> None:
    """20 were carried in from 90; alpha sold 5 of them at 110, beta bought 10 at 95 and sold 4."""
    rows = [row(21, "100", "240", "160")]
    trades = [
        trade("alpha", Action.SELL, 5, "110"),
        trade("beta", Action.BUY, 10, "95"),
        trade("beta", Action.SELL, 4, "105"),
    ]
    made, rest = await by_strategy(trades, rows)
    assert [(each.strategy, each.trades, int(each.total or 0)) for each in made] == [
        ("alpha", 1, 50),
        ("beta", 2, 70),
    ]
    assert rest == sum(each.total for each in rows) - 120


async def test_a_strategy_whose_price_is_not_known_is_not_guessed() -> None:
    trades = [
        trade("alpha", Action.BUY, 5, "110", INFY),
        trade("beta", Action.BUY, 5, "10"),
        trade("beta", Action.SELL, 5, "12"),
    ]
    made, rest = await by_strategy(trades, [])
    assert [(each.strategy, each.total) for each in made] == [("alpha", None), ("beta", 10)]
    assert rest is None
