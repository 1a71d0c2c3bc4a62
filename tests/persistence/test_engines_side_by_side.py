"""Two paper exchanges, each with its own accounts, on the same tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.events import AccountEvent
from openalgo.domain.orders import Order, OrderStatus
from openalgo.persistence.sandbox.books import BatchRows, EngineMark, OwnershipLost, SandboxBooks
from openalgo.persistence.stores import Stores
from openalgo.sandbox import views
from openalgo.sandbox.commands import Place
from openalgo.sandbox.counters import Counters
from openalgo.sandbox.engine import Engine, EngineStatus
from openalgo.sandbox.matching import Mark
from tests.support.market import MORNING, SBIN, SHELF, intent, tick

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ASHA, RAVI = 1, 2
"""Asha's account is on the embedded market, Ravi's has one of its own."""


class Exchange:
    """One engine. `failing` commits raise instead of being stored."""

    def __init__(self, stores: Stores, counters: Counters, account: int) -> None:
        self.account = account
        self.books = SandboxBooks(stores.sandbox, account, lambda each: each == account)
        self.events: list[AccountEvent] = []
        self.failing = 0
        self.clock = ManualClock(MORNING)
        commit = self.books.commit

        async def failing(rows: BatchRows, mark: EngineMark) -> None:
            if self.failing:
                self.failing -= 1
                raise OSError("no space left")
            await commit(rows, mark)

        self.books.commit = failing  # type: ignore[method-assign]
        self.engine = Engine(
            self.books,
            SHELF,
            self.clock,
            AlwaysOpenCalendar(),
            self.events.append,
            counters=counters,
        )

    async def buy(self, price: str | None = None) -> Order:
        at = self.clock.now()
        return await self.engine.submit(
            Place(
                account_id=self.account,
                intent=intent(SBIN, "BUY", 1, price),
                instrument=SBIN,
                mark=Mark.of(tick(SBIN, 100.0), SBIN, at),
                at=at,
                cause="test",
            )
        )

    async def orders(self) -> list[Order]:
        return await self.engine.read(
            lambda state: views.orders(state, self.account, self.clock.now())
        )


@asynccontextmanager
async def running(*exchanges: Exchange) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(each.engine.run()) for each in exchanges]
    yield tasks
    for each in exchanges:
        await each.engine.stop()
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in exchanges:
        await each.books.close()


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def asha(stores: Stores, counters: Counters) -> Exchange:
    return Exchange(stores, counters, ASHA)


@pytest.fixture
def ravi(stores: Stores, counters: Counters) -> Exchange:
    return Exchange(stores, counters, RAVI)


async def test_both_commit_at_once_and_no_id_comes_twice(asha: Exchange, ravi: Exchange) -> None:
    async with running(asha, ravi):

        async def trade(exchange: Exchange) -> list[str]:
            return [(await exchange.buy()).order_id for _ in range(60)]

        ids = [name for each in await asyncio.gather(trade(asha), trade(ravi)) for name in each]
        assert len(set(ids)) == 120
        trades = [
            *await asha.books.trades(ASHA, limit=100),
            *await ravi.books.trades(RAVI, limit=100),
        ]
        assert len({trade.trade_id for trade in trades}) == 120


async def test_each_loads_its_own_accounts_and_the_highest_numbers(
    stores: Stores, asha: Exchange, ravi: Exchange
) -> None:
    async with running(asha, ravi):
        first = await asha.buy("90")
        for _ in range(3):
            last = await ravi.buy("90")
    counters = Counters()
    again = Exchange(stores, counters, ASHA)
    async with running(again):
        assert [order.order_id for order in await again.orders()] == [first.order_id]
        later = await again.buy("90")
        assert later.order_id > last.order_id
        stored = await again.books.load(LONG_AGO)
        assert {account.funds.account_id for account in stored.accounts} == {ASHA}
        assert {order.account_id for order in stored.orders} == {ASHA}


async def test_one_recovers_while_the_other_goes_on(asha: Exchange, ravi: Exchange) -> None:
    async with running(asha, ravi):
        before = await asha.buy("90")
        asha.failing = 1
        refused, taken = await asyncio.gather(
            asha.buy("90"), ravi.buy("90"), return_exceptions=True
        )
        assert isinstance(refused, StorageUnavailable)
        assert isinstance(taken, Order)
        assert taken.status is OrderStatus.OPEN
        after = await asha.buy("90")
        assert len({before.order_id, taken.order_id, after.order_id}) == 3
        assert [order.order_id for order in await asha.orders()] == [
            after.order_id,
            before.order_id,
        ]
        assert [order.order_id for order in await ravi.orders()] == [taken.order_id]


async def test_taking_one_over_leaves_the_other_its_own(
    stores: Stores, asha: Exchange, ravi: Exchange
) -> None:
    async with running(asha, ravi) as tasks:
        await asyncio.gather(asha.buy("90"), ravi.buy("90"))
        successor = SandboxBooks(stores.sandbox, RAVI, lambda each: each == RAVI)
        await successor.claim()
        with pytest.raises(StorageUnavailable):
            await ravi.buy("90")
        with pytest.raises(OwnershipLost):
            await tasks[1]
        await asha.buy("90")
        assert asha.engine.status is EngineStatus.RUNNING
        await successor.close()


async def test_events_are_those_of_each_ones_accounts(asha: Exchange, ravi: Exchange) -> None:
    async with running(asha, ravi):
        await asyncio.gather(asha.buy(), ravi.buy())
        assert {event.account_id for event in asha.events} == {ASHA}
        assert {event.account_id for event in ravi.events} == {RAVI}


def test_numbers_never_go_back() -> None:
    counters = Counters()
    day = MORNING.date()
    counters.count_order(day)
    counters.count_order(day)
    counters.go_on_from(day, 1, 0, 5)
    assert counters == Counters(order_day=day, order_number=2, gtt_number=5)
    counters.go_on_from(None, 0, 9, 0)
    assert counters == Counters(order_day=day, order_number=2, trade_number=9, gtt_number=5)
    counters.go_on_from(day.replace(day=day.day + 1), 1, 0, 0)
    assert counters.next_order(day) == (day.replace(day=day.day + 1), 2)
