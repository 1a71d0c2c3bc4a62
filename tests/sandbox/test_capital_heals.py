"""Starting capital lives in two stores: what a crash between them leaves is put right."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import OpenAlgoError
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from openalgo.sandbox.commands import Place
from openalgo.sandbox.dayrunner import DayRunner
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.exchanges import PaperExchanges
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from openalgo.trading.paper.settings import PaperSettings
from tests.support.books import FaultyBooks
from tests.support.market import MORNING, SBIN, SHELF, intent, tick

MILLION = Decimal(1_000_000)


class Killed(BaseException):
    """The process is gone."""


class Server:
    """What lives as long as a process; the books outlive it."""

    def __init__(self, books: FaultyBooks, clock: ManualClock, rules: Rules) -> None:
        self.exchanges = PaperExchanges(rules)
        calendar = ExchangeCalendar()
        self.engine = Engine(books, SHELF, clock, calendar, lambda _: None, rules)
        self.exchanges.add(self.engine)
        self.days = DayRunner(self.engine, calendar, clock)
        self.clock = clock

    async def buy(self, quantity: int, account: int = 1) -> None:
        await self.engine.submit(
            Place(
                account_id=account,
                intent=intent(SBIN, "BUY", quantity, product="CNC"),
                instrument=SBIN,
                mark=Mark.of(tick(SBIN, 100.0), SBIN, self.clock.now()),
                at=self.clock.now(),
                cause="test",
            )
        )


@asynccontextmanager
async def server(
    books: FaultyBooks, main: Store, clock: ManualClock
) -> AsyncIterator[tuple[Server, PaperSettings]]:
    settings = PaperSettings(main, clock)
    await settings.load()
    made = Server(books, clock, settings.rules)
    running = asyncio.create_task(made.engine.run())
    await made.engine.align_capital()
    yield made, settings
    await made.engine.stop()
    await running


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()


def capitals(books: FaultyBooks) -> dict[int, Decimal]:
    return {owner: stored.funds.starting_capital for owner, stored in books.accounts.items()}


async def change_and_die(books: FaultyBooks, main: Store, clock: ManualClock, capital: str) -> None:
    """The accounts have their new capital, and the settings never hear of it."""
    async with server(books, main, clock) as (made, settings):

        async def apply(rules: Rules, cause: str) -> None:
            await made.exchanges.set_rules(rules, cause=cause)
            raise Killed

        settings.follow(apply)
        with pytest.raises(Killed):
            await settings.update("starting_capital", capital, by="ravi", cause="r1")
    assert set(capitals(books).values()) == {Decimal(capital)}


@pytest.mark.parametrize("capital", ["5000000", "500000"])
async def test_a_change_cut_short_is_undone_at_the_next_start(main: Store, capital: str) -> None:
    books, clock = FaultyBooks(), ManualClock(MORNING)
    async with server(books, main, clock) as (made, settings):
        settings.follow(lambda rules, cause: made.exchanges.set_rules(rules, cause=cause))
        await settings.update("starting_capital", str(MILLION), by="ravi", cause="r0")
        await made.buy(10)
        await made.buy(20, account=2)
    await change_and_die(books, main, clock, capital)
    async with server(books, main, clock) as (_, settings):
        assert settings.rules.starting_capital == MILLION
        assert capitals(books) == {1: MILLION, 2: MILLION}
        commits = books.commits
    for owner, cost in ((1, 1000), (2, 2000)):
        assert books.accounts[owner].funds.available == MILLION - cost
        entries = [entry for entry in books.ledger if entry.account_id == owner]
        assert sum(entry.available for entry in entries) == MILLION - cost
    async with server(books, main, clock):
        assert books.commits == commits, "there is nothing left to do"


async def test_who_has_spent_it_keeps_it(main: Store) -> None:
    """Orders that came between the two stores stand."""
    books, clock = FaultyBooks(), ManualClock(MORNING)
    async with server(books, main, clock) as (made, _):
        for account in (1, 2):
            await made.buy(1, account)
        await made.buy(95_000)
    async with server(books, main, clock) as (_, settings):
        await settings.update("starting_capital", "100000", by="ravi", cause="r1")
    async with server(books, main, clock):
        assert capitals(books) == {1: Decimal(10_000_000), 2: Decimal(100_000)}


async def test_days_that_were_missed_come_first(main: Store) -> None:
    """A change of today must not count as yesterday's, nor close its books."""
    books, clock = FaultyBooks(), ManualClock(MORNING)
    async with server(books, main, clock) as (made, _):
        await made.days.catch_up()
        await made.buy(1)
    await change_and_die(books, main, clock, "5000000")
    clock.advance(timedelta(days=4))
    async with server(books, main, clock):
        pass
    assert capitals(books) == {1: Decimal(10_000_000)}
    healed = [entry for entry in books.ledger if entry.kind == "capital"][-1]
    settled = [entry for entry in books.ledger if entry.kind == "settle"]
    assert settled
    assert books.ledger.index(healed) > books.ledger.index(settled[-1])


async def test_an_exchange_that_cannot_store_says_so(main: Store) -> None:
    books, clock = FaultyBooks(), ManualClock(MORNING)
    async with server(books, main, clock) as (made, _):
        await made.buy(1)
    await change_and_die(books, main, clock, "5000000")
    settings = PaperSettings(main, clock)
    await settings.load()
    made = Server(books, clock, settings.rules)
    running = asyncio.create_task(made.engine.run())
    books.fail_before = True
    with pytest.raises(OpenAlgoError):
        await made.engine.align_capital()
    await made.engine.align_capital()
    assert capitals(books) == {1: Decimal(10_000_000)}
    await made.engine.stop()
    await running
