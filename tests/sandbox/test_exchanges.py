"""One set of rules for the paper exchanges of all markets: all go by it, or none does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import InvalidRequest, StorageUnavailable
from openalgo.sandbox.commands import Place
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.exchanges import PaperExchanges
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.rules import Rules
from tests.support.books import FaultyBooks
from tests.support.market import MORNING, SBIN, SHELF, intent, tick

RULES = Rules(starting_capital=Decimal(1_000_000))
POORER = replace(RULES, starting_capital=Decimal(500_000))


class House:
    """Two markets with one account each, which has its starting capital."""

    def __init__(self) -> None:
        self.exchanges = PaperExchanges(RULES)
        self.books = {1: FaultyBooks(market=1), 2: FaultyBooks(market=2)}
        self.engines = {account: self.engine(books) for account, books in self.books.items()}
        self.tasks: list[asyncio.Task[None]] = []

    def engine(self, books: FaultyBooks) -> Engine:
        engine = Engine(
            books,
            SHELF,
            ManualClock(MORNING),
            AlwaysOpenCalendar(),
            lambda _: None,
            self.exchanges.rules,
            counters=self.exchanges.counters,
        )
        self.exchanges.add(engine)
        return engine

    def run(self, engine: Engine) -> None:
        self.tasks.append(asyncio.create_task(engine.run()))

    async def buy(self, account: int, quantity: int) -> str:
        order = await self.engines[account].submit(
            Place(
                account_id=account,
                intent=intent(SBIN, "BUY", quantity, product="CNC"),
                instrument=SBIN,
                mark=Mark.of(tick(SBIN, 100.0), SBIN, MORNING),
                at=MORNING,
                cause="test",
            )
        )
        return order.order_id

    @property
    def capitals(self) -> list[Decimal]:
        """What accounts began with, as it is stored."""
        return [
            books.accounts[account].funds.starting_capital for account, books in self.books.items()
        ]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    for account, engine in house.engines.items():
        house.run(engine)
        await house.buy(account, 1)
    yield house
    for engine in house.engines.values():
        await engine.stop()
    await asyncio.gather(*house.tasks)


async def test_all_accounts_get_the_new_capital(house: House) -> None:
    await house.exchanges.set_rules(POORER, cause="test")
    assert house.capitals == [POORER.starting_capital] * 2
    assert house.exchanges.rules == POORER


async def test_where_one_refuses_nothing_changes(house: House) -> None:
    await house.buy(2, 9_000)
    before = [books.commits for books in house.books.values()]
    with pytest.raises(InvalidRequest, match="Starting capital cannot be lowered"):
        await house.exchanges.set_rules(POORER, cause="test")
    assert house.capitals == [RULES.starting_capital] * 2
    assert [books.commits for books in house.books.values()] == before
    assert house.exchanges.rules == RULES == house.engines[1].rules


async def test_where_one_cannot_store_it_the_others_go_back(house: House) -> None:
    house.books[2].fail_before = True
    with pytest.raises(StorageUnavailable):
        await house.exchanges.set_rules(POORER, cause="test")
    assert house.capitals == [RULES.starting_capital] * 2
    assert [engine.rules for engine in house.engines.values()] == [RULES] * 2
    await house.exchanges.set_rules(POORER, cause="test")
    assert house.capitals == [POORER.starting_capital] * 2


async def test_a_market_that_opens_meanwhile_follows(house: House) -> None:
    house.books[1].gate.clear()
    house.books[1].committing.clear()
    changing = asyncio.create_task(house.exchanges.set_rules(POORER, cause="test"))
    await house.books[1].committing.wait()
    late = house.engines[3] = house.engine(FaultyBooks(market=3))
    house.run(late)
    house.books[1].gate.set()
    await changing
    assert late.rules == POORER


async def test_a_market_that_is_closed_is_not_asked(house: House) -> None:
    house.exchanges.remove(house.engines[2])
    house.exchanges.remove(house.engines[2])
    await house.exchanges.set_rules(POORER, cause="test")
    assert house.capitals == [POORER.starting_capital, RULES.starting_capital]


async def test_ids_are_drawn_from_one_source(house: House) -> None:
    ids = [await house.buy(account, 1) for account in (1, 2, 1, 2)]
    assert [name[-8:] for name in ids] == ["00000003", "00000004", "00000005", "00000006"]
