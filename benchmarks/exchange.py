"""The paper exchange at its engine's API: fills, durable commands, the events of a day, marking.

Bars: 20,000 fills a second in memory; 2,000 durable commands a second on SQLite with 10,000 orders
open; the events of a day over 100 accounts of 100 positions never hold the loop for 5 ms, marking
them each second not for 3 ms and with less than 5 % of a core. That is
said in processor time of its thread, since others may use the processor meanwhile.
Run `python -m benchmarks.exchange`.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import uvloop

from benchmarks.matching import GRID, MIDDLE, Listed, settle_memory
from benchmarks.watchdog import Turns, Watchdog
from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.day_events import TRADED
from openalgo.domain.day_events import day_events as day_events_of
from openalgo.domain.events import AccountEvent, AccountMarked, OrderFilled
from openalgo.domain.instruments import Instrument
from openalgo.domain.intents import PlaceOrder
from openalgo.domain.market import InstrumentKey, Tick
from openalgo.domain.numbers import Px, px_float
from openalgo.domain.orders import Action, Order, PriceType, Product
from openalgo.memory import Memory
from openalgo.persistence.migrate import migrate
from openalgo.persistence.sandbox.books import (
    BatchRows,
    EngineMark,
    SandboxBooks,
    StoredBooks,
)
from openalgo.persistence.stores import Stores, StoreUrls
from openalgo.sandbox import commands
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.dayrunner import DayRunner
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.marking import Marking
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.needs import Needs
from openalgo.sandbox.ports import Books
from openalgo.sandbox.rules import Rules
from tests.support import postgres

ACCOUNTS = 100
POSITIONS = 100
OPEN_ORDERS = 10_000
CONCURRENCY = 256
FILLS = 20_000
COMMANDS = 6_000
ROUNDS = 5
SECONDS = 20
IN_PROCESS = "in-process"

MORNING = datetime(2026, 7, 17, 10, 0, tzinfo=IST)
RULES = Rules(starting_capital=Decimal(10) ** 9, price_max_age=10**6, book_max_age=10**6)


class NoBooks:
    """Tables that forget everything."""

    market = 1

    def __init__(self) -> None:
        self._mark = EngineMark(
            epoch=1, batch=0, order_day=None, order_number=0, trade_number=0, gtt_number=0
        )

    async def claim(self) -> int:
        return 1

    async def load(self, since: datetime) -> StoredBooks:  # noqa: ARG002
        return StoredBooks(
            mark=self._mark, accounts=[], orders=[], trades=[], positions=[], gtts=[]
        )

    async def commit(self, rows: BatchRows, mark: EngineMark) -> None:  # noqa: ARG002
        self._mark = mark

    async def discard(self) -> None:
        pass


class NoPrices:
    """Nobody to ask: what the feed brought has to do."""

    async def find(
        self,
        wanted: Needs,  # noqa: ARG002
    ) -> tuple[dict[InstrumentKey, Mark], dict[InstrumentKey, Basis]]:
        return {}, {}


class Desk:
    """A paper exchange on a clock that stands still, with somebody who counts its fills."""

    def __init__(self, books: Books, instruments: int) -> None:
        self.listed = Listed(instruments)
        self.clock = ManualClock(MORNING)
        self.calendar = ExchangeCalendar()
        self.fills = 0
        self.engine = Engine(books, self.listed, self.clock, self.calendar, self._publish, RULES)

    def _publish(self, event: AccountEvent) -> None:
        if isinstance(event, OrderFilled):
            self.fills += 1

    def tick(self, instrument: Instrument, price: Px) -> None:
        self.engine.on_tick(
            Tick(
                exchange=instrument.exchange,
                symbol=instrument.symbol,
                received_ms=0,
                ltp=px_float(price),
            )
        )

    async def place(
        self,
        instrument: Instrument,
        action: Action,
        price: Px | None = None,
        product: Product = Product.MIS,
        account: int = 1,
    ) -> Order:
        """A LIMIT at `price`; at the market without one."""
        intent = PlaceOrder(
            strategy="bench",
            exchange=instrument.exchange,
            symbol=instrument.symbol,
            action=action,
            quantity=Decimal(1),
            price_type=PriceType.MARKET if price is None else PriceType.LIMIT,
            product=product,
            price=Px(0) if price is None else price,
        )
        return await self.engine.submit(
            commands.Place(
                account_id=account,
                intent=intent,
                instrument=instrument,
                mark=None,
                at=self.clock.now(),
                cause="bench",
            )
        )

    async def open_market(self) -> None:
        """A first order in every instrument, so that the engine follows them all; and a price."""
        for row in self.listed.rows:
            await self.place(row, Action.BUY, GRID, account=ACCOUNTS)
            self.tick(row, MIDDLE)

    async def many(self, count: int, place: Callable[[int], Awaitable[object]]) -> None:
        """`count` times `place`, some at once all the time."""
        numbers = iter(range(count))

        async def client() -> None:
            for number in numbers:
                await place(number)

        await asyncio.gather(*(client() for _ in range(CONCURRENCY)))

    async def open_orders(self) -> None:
        """Limits below the market, over all accounts and instruments."""
        rows = self.listed.rows
        await self.many(
            OPEN_ORDERS,
            lambda number: self.place(
                rows[number % len(rows)],
                Action.BUY,
                Px(MIDDLE - GRID * (100 + number % 50)),
                account=1 + number % ACCOUNTS,
            ),
        )


@asynccontextmanager
async def desk(books: Books, instruments: int = 100) -> AsyncIterator[Desk]:
    made = Desk(books, instruments)
    running = asyncio.ensure_future(made.engine.run())
    await made.open_market()
    yield made
    await made.engine.stop()
    await running


@asynccontextmanager
async def sqlite() -> AsyncIterator[SandboxBooks]:
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores.open(StoreUrls.default(Path(folder)))
        await migrate(stores)
        books = SandboxBooks(stores.sandbox)
        yield books
        await books.close()
        await stores.close()


@asynccontextmanager
async def postgresql() -> AsyncIterator[SandboxBooks]:
    """Without waiting for the disk, as tests have it."""
    with tempfile.TemporaryDirectory() as folder:
        async with postgres.database() as url:
            urls = StoreUrls.default(Path(folder))
            stores = Stores.open(replace(urls, sandbox=url))
            await migrate(stores)
            books = SandboxBooks(stores.sandbox)
            yield books
            await books.close()
            await stores.close()


async def fills_in_memory() -> None:
    async with desk(NoBooks()) as floor:
        settle_memory()
        rows = floor.listed.rows
        placed, ticked = [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            await floor.many(
                FILLS,
                lambda n: floor.place(
                    rows[n % 100],
                    (Action.BUY, Action.SELL)[n // 100 % 2],
                    account=1 + n // 200 % ACCOUNTS,
                ),
            )
            placed.append(FILLS / (time.process_time() - began))
        for _ in range(ROUNDS):
            await floor.many(
                OPEN_ORDERS,
                lambda n: floor.place(
                    rows[n % 100], Action.BUY, Px(MIDDLE - GRID), account=1 + n // 100 % ACCOUNTS
                ),
            )
            before, began = floor.fills, time.process_time()
            for row in rows:
                floor.tick(row, Px(MIDDLE - GRID))
            await floor.engine.settled()
            ticked.append((floor.fills - before) / (time.process_time() - began))
            for row in rows:
                floor.tick(row, MIDDLE)
        print(
            f"in memory, per second of processor time: {statistics.median(placed):.0f} orders "
            f"placed and filled, {statistics.median(ticked):.0f} waiting orders filled by ticks "
            f"(bar 20000)"
        )


async def durable_commands(name: str, books: SandboxBooks, bar: str) -> None:
    async with desk(books) as floor:
        await floor.open_orders()
        settle_memory()
        rows = floor.listed.rows
        rates, of_a_core = [], []
        dog = Watchdog()
        for _ in range(ROUNDS):
            began, cpu = time.perf_counter(), time.process_time()
            await floor.many(
                COMMANDS,
                lambda n: floor.place(
                    rows[n % 100],
                    (Action.BUY, Action.SELL)[n // 100 % 2],
                    None if n % 2 else MIDDLE,
                    account=1 + n // 200 % ACCOUNTS,
                ),
            )
            took = time.perf_counter() - began
            rates.append(COMMANDS / took)
            of_a_core.append(COMMANDS / (time.process_time() - cpu))
        dog.stop()
        print(
            f"{name}, {OPEN_ORDERS} orders open, {CONCURRENCY} clients: "
            f"{statistics.median(rates):.0f} durable commands/s (bar {bar}), "
            f"{statistics.median(of_a_core):.0f} per second of processor time; {dog}"
        )


async def day_events(books: SandboxBooks) -> None:
    """Of Friday to Monday night, instant by instant: among them are the square-off, orders that
    lapse, results that are written down and deliveries that settle."""
    async with desk(books) as floor:
        rows = floor.listed.rows
        await floor.many(
            ACCOUNTS * POSITIONS,
            lambda n: floor.place(
                rows[n % POSITIONS],
                Action.BUY,
                product=Product.MIS if n % 2 else Product.CNC,
                account=1 + n // POSITIONS,
            ),
        )
        await floor.open_orders()
        memory = Memory(floor.clock)
        memory.settle()
        days = DayRunner(floor.engine, floor.calendar, floor.clock, TRADED, NoPrices())
        await days.catch_up()
        instants: dict[datetime, list[str]] = {}
        until = MORNING + timedelta(days=4)
        for event in day_events_of(floor.calendar, MORNING, until, floor.engine.rules.days):
            instants.setdefault(event.at, []).append(event.kind.name)
        for at, kinds in instants.items():
            floor.clock.set(at)
            turns, began = Turns(), time.perf_counter()
            await days.settled()
            turns.stop()
            took = time.perf_counter() - began
            if took > 0.1:
                print(
                    f"{ACCOUNTS} accounts of {POSITIONS} positions, {at.astimezone(IST):%a %H:%M}, "
                    f"{' and '.join(kinds)}: {took:.2f} s; {turns} (bar 5)"
                )
        memory.close()


async def marking(books: Books) -> None:
    """Every price is another one each second; everybody is watched."""
    async with desk(books) as floor:
        rows, told = floor.listed.rows, 0

        def publish(_: AccountMarked) -> None:
            nonlocal told
            told += 1

        await floor.many(
            ACCOUNTS * POSITIONS,
            lambda n: floor.place(
                rows[n % POSITIONS], Action.BUY, product=Product.CNC, account=1 + n // POSITIONS
            ),
        )
        memory = Memory(floor.clock)
        memory.settle()
        values = Marking(floor.engine, floor.clock, publish, lambda _: True, floor.clock)
        times, longest = [], 0.0
        for second in range(SECONDS):
            for row in rows:
                floor.tick(row, Px(MIDDLE + (1 + second) * GRID))
            turns = Turns()
            await values.mark()
            turns.stop()
            longest = max(longest, turns.longest)
            for row in rows:
                floor.tick(row, Px(MIDDLE + (SECONDS + 1 + second) * GRID))
            began = time.thread_time()
            await values.mark()
            times.append(time.thread_time() - began)
        memory.close()
        assert told == 2 * SECONDS * ACCOUNTS
        print(
            f"marking {ACCOUNTS} accounts of {POSITIONS} positions each second: longest turn "
            f"{longest * 1e3:.1f} ms (bar 3), {statistics.median(times):.1%} of a core (bar 5 %)"
        )


async def measure() -> None:
    await fills_in_memory()
    async with sqlite() as books:
        await durable_commands("SQLite", books, "2000")
    async with sqlite() as books:
        await day_events(books)
    await marking(NoBooks())
    try:
        async with postgresql() as books:
            await durable_commands("PostgreSQL", books, "none")
    except pytest.skip.Exception as reason:
        print(reason)


def main() -> None:
    # A process of its own, so that nothing else has a say in its memory and its collections.
    subprocess.run([sys.executable, "-m", "benchmarks.exchange", IN_PROCESS], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == [IN_PROCESS]:
        uvloop.run(measure())
    else:
        main()
