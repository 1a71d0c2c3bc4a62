"""The days of the paper exchange on real tables: what a night leaves is what the morning reads."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from openalgo.domain.clock import ManualClock
from openalgo.persistence.sandbox.books import SandboxBooks
from openalgo.persistence.stores import Stores
from openalgo.sandbox import views
from tests.sandbox.test_dayrunner import FRIDAY, MONDAY, ist, running
from tests.support.market import INFY, SBIN


@pytest.fixture
async def books(stores: Stores) -> AsyncIterator[SandboxBooks]:
    books = SandboxBooks(stores.sandbox)
    yield books
    await books.close()


async def test_three_days_and_a_reset(books: SandboxBooks) -> None:
    clock = ManualClock(ist(FRIDAY, "10:00"))
    async with running(books, clock) as rig:  # type: ignore[arg-type]
        await rig.market(SBIN, 100)
        await rig.market(INFY, 500)
        await rig.place(SBIN, "BUY", 10, "CNC")
        await rig.place(INFY, "BUY", 10)
        await rig.at(FRIDAY, "15:29")
    clock.set(ist(MONDAY, "10:00"))
    async with running(books, clock) as rig:  # type: ignore[arg-type]
        await rig.market(SBIN, 110)
        (held,) = await rig.engine.read(lambda state: views.holdings(state, 1))
        assert held.holding.quantity == 10
        assert held.ltp == 110
        await rig.place(SBIN, "SELL", 4, "CNC")
    clock.set(ist(MONDAY + timedelta(days=1), "10:00"))
    async with running(books, clock) as rig:  # type: ignore[arg-type]
        funds = await rig.engine.read(lambda state: state.accounts[1].funds)
        assert funds.used == 0
        assert funds.realised == 40
        assert await dates(books) == [MONDAY, FRIDAY]
        done = await rig.engine.read(lambda state: state.day_done)
        assert done is not None
        assert done.at == ist(MONDAY + timedelta(days=1), "03:00")
        await rig.engine.reset(1, cause="test")
        assert await dates(books) == []
    async with running(books, clock) as rig:  # type: ignore[arg-type]
        funds = await rig.engine.read(lambda state: state.accounts[1].funds)
        assert funds.available == 10_000_000
        assert funds.reset_count == 1
        assert await rig.engine.read(lambda state: views.holdings(state, 1)) == []


async def dates(books: SandboxBooks) -> list[date]:
    return [row.date for row in await books.daily(1, 30)]
