"""What accounts are worth now is told to those who watch them, as often as the rules say."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from openalgo.domain.calendar import AlwaysOpenCalendar
from openalgo.domain.clock import ManualClock
from openalgo.domain.errors import OutcomeUnknown, StorageUnavailable
from openalgo.domain.events import AccountMarked
from openalgo.domain.instruments import Instrument
from openalgo.sandbox import views
from openalgo.sandbox.commands import Place
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.engine_limits import Limits
from openalgo.sandbox.marking import Marking
from openalgo.sandbox.rules import Rules
from tests.support.books import FaultyBooks
from tests.support.market import INFY, MORNING, SBIN, SHELF, intent, tick


@dataclass
class Watch:
    """A running exchange, and somebody who watches `heard` of its accounts."""

    books: FaultyBooks = field(default_factory=FaultyBooks)
    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    heard: set[int] = field(default_factory=lambda: {1, 2})
    healed: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Queue[AccountMarked] = field(default_factory=asyncio.Queue)

    def __post_init__(self) -> None:
        self.engine = Engine(
            self.books,
            SHELF,
            self.clock,
            AlwaysOpenCalendar(),
            lambda _: None,
            Rules(),
            Limits(unknown_after=0),
            pause=self._until_healed,
        )
        self.marking = Marking(
            self.engine, self.clock, self.told.put_nowait, self.heard.__contains__, self.clock
        )

    async def _until_healed(self, _: float) -> None:
        await self.healed.wait()

    async def buy(self, instrument: Instrument, quantity: int, account: int = 1) -> None:
        await self.engine.submit(
            Place(
                account_id=account,
                intent=intent(instrument, "BUY", quantity, product="CNC"),
                instrument=instrument,
                mark=None,
                at=self.clock.now(),
                cause="test",
            )
        )

    async def trades_at(self, instrument: Instrument, ltp: float) -> None:
        await self.engine.read(lambda state: state.book(instrument))
        self.engine.on_tick(tick(instrument, ltp))

    async def marked(self) -> list[AccountMarked]:
        """What one round tells."""
        await self.marking.mark()
        return [self.told.get_nowait() for _ in range(self.told.qsize())]


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    watch = Watch()
    running = asyncio.create_task(watch.engine.run())
    await watch.trades_at(SBIN, 100)
    await watch.trades_at(INFY, 2000)
    yield watch
    await watch.engine.stop()
    await running


async def test_every_position_is_valued_at_the_last_tick(watch: Watch) -> None:
    await watch.buy(SBIN, 10)
    await watch.buy(INFY, 1)
    await watch.trades_at(SBIN, 103.5)
    await watch.trades_at(INFY, 1990)
    (event,) = await watch.marked()
    assert {row.position.symbol: (row.ltp, row.unrealised) for row in event.positions} == {
        "SBIN": (Decimal("103.5"), Decimal(35)),
        "INFY": (Decimal(1990), Decimal(-10)),
    }
    assert event.unrealised == 25
    assert event.realised_today == event.holdings_unrealised == 0
    assert (event.account_id, event.seq, event.at) == (1, 0, watch.clock.now())


async def test_it_tells_what_the_books_show(watch: Watch) -> None:
    await watch.buy(SBIN, 10)
    await watch.trades_at(SBIN, 101)
    (event,) = await watch.marked()
    now = watch.clock.now()
    rows = await watch.engine.read(lambda state: views.positions(state, 1, now))
    funds = await watch.engine.read(lambda state: views.statement(state, 1, now, Rules()))
    assert list(event.positions) == rows
    assert event.unrealised == funds.unrealised


async def test_an_account_is_told_of_only_when_something_is_different(watch: Watch) -> None:
    await watch.buy(SBIN, 1)
    await watch.buy(INFY, 1, account=2)
    assert {event.account_id for event in await watch.marked()} == {1, 2}
    assert await watch.marked() == []
    await watch.trades_at(INFY, 2000)
    assert await watch.marked() == [], "a tick at the same price changes nothing"
    await watch.trades_at(INFY, 2001)
    assert [event.account_id for event in await watch.marked()] == [2]
    await watch.buy(SBIN, 1)
    assert [event.account_id for event in await watch.marked()] == [1]


async def test_nobody_is_valued_whom_nobody_watches(watch: Watch) -> None:
    await watch.buy(SBIN, 1)
    watch.heard.clear()
    assert await watch.marked() == []
    watch.heard.add(1)
    assert [event.account_id for event in await watch.marked()] == [1], "who comes late is told"


async def test_marking_writes_nothing(watch: Watch) -> None:
    await watch.buy(SBIN, 1)
    before = watch.books.commits
    await watch.trades_at(SBIN, 120)
    assert await watch.marked()
    assert watch.books.commits == before


async def test_what_could_not_be_read_is_told_later(watch: Watch) -> None:
    await watch.buy(SBIN, 1)
    assert len(await watch.marked()) == 1
    watch.books.broken = watch.books.fail_before = True
    with pytest.raises((StorageUnavailable, OutcomeUnknown)):
        await watch.buy(INFY, 1)
    assert await watch.marked() == []
    watch.books.broken = False
    watch.healed.set()
    await watch.engine.settled()
    assert len(await watch.marked()) == 1, "what may have been missed is told again"


async def test_the_interval_is_that_of_the_rules_and_changes_at_once(watch: Watch) -> None:
    await watch.buy(SBIN, 1)
    running = asyncio.create_task(watch.marking.run())
    await _let_it_wait(watch)
    watch.clock.advance(timedelta(seconds=5))
    assert (await watch.told.get()).positions[0].ltp == 100

    await watch.engine.set_rules(replace(Rules(), marking_seconds=60), cause="test")
    await watch.trades_at(SBIN, 101)
    await _let_it_wait(watch)
    watch.clock.advance(timedelta(seconds=59))
    await _let_it_wait(watch)
    assert watch.told.empty()
    watch.clock.advance(timedelta(seconds=1))
    assert (await watch.told.get()).positions[0].ltp == 101

    await watch.engine.set_rules(replace(Rules(), marking_seconds=0), cause="test")
    await watch.trades_at(SBIN, 102)
    await _let_it_wait(watch)
    watch.clock.advance(timedelta(days=1))
    await _let_it_wait(watch)
    assert watch.told.empty(), "0 is never"

    await watch.engine.set_rules(replace(Rules(), marking_seconds=1), cause="test")
    await _let_it_wait(watch)
    watch.clock.advance(timedelta(seconds=1))
    assert (await watch.told.get()).positions[0].ltp == 102
    running.cancel()


async def _let_it_wait(watch: Watch) -> None:
    """Return once everything that is ready has run: readings take several turns of the loop."""
    for _ in range(20):
        await watch.engine.read(lambda _: None)
        await asyncio.sleep(0)


async def test_a_row_says_what_one_unit_makes(watch: Watch) -> None:
    perpetual = msgspec.structs.replace(SBIN, symbol="BTC", contract_value=Decimal("0.001"))
    await watch.trades_at(perpetual, 100)
    await watch.buy(perpetual, 10)
    await watch.trades_at(perpetual, 150)
    [event] = await watch.marked()
    [row] = event.positions
    assert (row.multiplier, row.unrealised, row.total) == (
        Decimal("0.001"),
        Decimal("0.5"),
        Decimal("0.5"),
    )
