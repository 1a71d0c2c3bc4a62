"""Days pass by themselves: on time, after downtime, once, and at any speed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace as with_

from openalgo.domain.calendar import ExchangeCalendar
from openalgo.domain.clock import IST, ManualClock
from openalgo.domain.day_events import DayEventKind, DaySettings
from openalgo.domain.errors import StorageUnavailable
from openalgo.domain.events import AccountEvent, OrderFilled
from openalgo.domain.instruments import Instrument, InstrumentType
from openalgo.domain.market import Exchange, InstrumentKey
from openalgo.domain.numbers import ZERO, Px, px
from openalgo.domain.orders import Order, OrderStatus
from openalgo.sandbox import views
from openalgo.sandbox.commands import Place
from openalgo.sandbox.contracts import Basis
from openalgo.sandbox.dayrunner import DayRunner
from openalgo.sandbox.engine import Engine
from openalgo.sandbox.engine_limits import Limits
from openalgo.sandbox.matching import Mark
from openalgo.sandbox.needs import Needs
from openalgo.sandbox.rules import Rules
from tests.support.books import FaultyBooks
from tests.support.market import (
    CRUDE_CALL,
    CRUDE_FUT,
    INFY,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUT,
    SBIN,
    Shelf,
    derivative,
    intent,
    tick,
)
from tests.support.paper import EXCHANGES

FRIDAY, MONDAY = date(2026, 7, 17), date(2026, 7, 20)
EXPIRY = date(2026, 7, 28)
FUTURE = with_(NIFTY_FUT, expiry=EXPIRY)
CALL = with_(NIFTY_CALL, expiry=EXPIRY, strike=Decimal(25000))
GOLD = derivative("GOLD05NOV26FUT", InstrumentType.FUTURE, 100, Exchange.MCX)
SHELF = Shelf(SBIN, INFY, FUTURE, CALL, GOLD, CRUDE_FUT, CRUDE_CALL)


def ist(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=IST)


class History:
    """Knows one price, of any time; contracts settle against `basis` at 25,100."""

    def __init__(self, price: str | None = None, basis: Instrument = NIFTY) -> None:
        self.price = price
        self.basis = basis
        self.asked: list[Needs] = []

    async def find(
        self, wanted: Needs
    ) -> tuple[Mapping[InstrumentKey, Mark], Mapping[InstrumentKey, Basis]]:
        self.asked.append(wanted)
        if self.price is None:
            return {}, {}
        price = px(self.price)
        marks = {each.key: Mark(price, Px(0), Px(0), wanted.at) for each in wanted.instruments}
        return marks, {each.key: Basis(self.basis, px("25100")) for each in wanted.expiring}


class Rig:
    """An engine and its days; `books` and the clock outlive it."""

    def __init__(
        self,
        books: FaultyBooks,
        clock: ManualClock,
        history: History | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.books, self.clock = books, clock
        self.published: list[AccountEvent] = []
        calendar = ExchangeCalendar()
        self.engine = Engine(
            books,
            SHELF,
            clock,
            calendar,
            self.published.append,
            rules,
            Limits(batch_commands=4),
        )
        self.days = DayRunner(self.engine, calendar, clock, EXCHANGES, history)

    async def at(self, day: date, clock: str) -> None:
        """Let time pass; the events of the days happen when they are due."""
        target = ist(day, clock)
        while (due := self.days.next_events()[0].at) <= target:
            self.clock.set(due)
            await self.days.settled()
        self.clock.set(target)
        await self.days.settled()

    async def place(
        self, instrument: Instrument, action: str, quantity: int, product: str = "MIS", **more: Any
    ) -> Order:
        return await self.engine.submit(
            Place(
                account_id=1,
                intent=intent(instrument, action, quantity, more.pop("price", None), product),
                instrument=instrument,
                mark=None,
                at=self.clock.now(),
                cause="test",
            )
        )

    async def market(self, instrument: Instrument, ltp: float) -> None:
        await self.engine.read(lambda state: state.book(instrument))
        self.engine.on_tick(tick(instrument, ltp))
        await self.engine.settled()

    def fills(self) -> list[OrderFilled]:
        return [event for event in self.published if isinstance(event, OrderFilled)]

    def results(self) -> dict[date, Decimal]:
        return {day: row.realised for (_, _, day), row in self.books.daily.items()}

    def check(self) -> None:
        """The books on disk add up."""
        for stored in self.books.accounts.values():
            funds, owner = stored.funds, stored.funds.account_id
            blocked = sum((o.reserved for o in self.books.orders.values()), ZERO)
            blocked += sum((g.reserved for g in self.books.gtts.values()), ZERO)
            blocked += sum((p.margin for p in self.books.positions.values()), ZERO)
            invested = sum((h.cost for h in self.books.holdings.values()), ZERO)
            assert funds.used == blocked
            assert funds.available + funds.used + invested == (
                funds.starting_capital + funds.realised
            )
            entries = [entry for entry in self.books.ledger if entry.account_id == owner]
            assert sum((entry.available for entry in entries), ZERO) == funds.available


@asynccontextmanager
async def running(
    books: FaultyBooks | None = None,
    clock: ManualClock | None = None,
    history: History | None = None,
    rules: Rules | None = None,
) -> AsyncIterator[Rig]:
    rig = Rig(books or FaultyBooks(), clock or ManualClock(ist(FRIDAY, "10:00")), history, rules)
    task = asyncio.ensure_future(rig.engine.run())
    try:
        await rig.days.catch_up()
        yield rig
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_runner_acts_when_the_clock_gets_there() -> None:
    async with running() as rig:
        await rig.market(SBIN, 100)
        order = await rig.place(SBIN, "BUY", 10)
        assert order.status is OrderStatus.COMPLETE
        task = asyncio.ensure_future(rig.days.run())
        await asyncio.sleep(0)
        rig.clock.set(ist(FRIDAY, "15:15"))
        while len(rig.fills()) < 2:  # noqa: ASYNC110 - the runner has no other sign
            await asyncio.sleep(0)
        assert rig.fills()[-1].order.strategy == "AUTO_SQUARE_OFF"
        task.cancel()


async def test_no_trader_gets_ahead_of_the_day() -> None:
    """Whoever wakes after a night asleep finds yesterday done first."""
    async with running() as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10)
        rig.clock.set(ist(MONDAY, "10:00"))
        rig.engine.on_tick(tick(SBIN, 200))
        await rig.place(INFY, "BUY", 1, price="90")
        squared = rig.fills()[-1]
        assert (squared.order.strategy, squared.trade.price) == ("AUTO_SQUARE_OFF", px("100"))
        assert rig.published[-1].cause == "test"
        rig.check()


async def test_what_was_missed_happens_in_order_with_the_prices_of_its_time() -> None:
    """Also [V] stale snapshots: each missed day gets its own profit, not the sum of all."""
    books, clock = FaultyBooks(), ManualClock(ist(FRIDAY, "10:00"))
    async with running(books, clock) as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10)
        await rig.place(SBIN, "BUY", 10, "CNC")
    clock.set(ist(date(2026, 7, 22), "11:00"))
    history = History("103")
    async with running(books, clock, history) as rig:
        assert rig.results() == {
            FRIDAY: Decimal(30),
            MONDAY: ZERO,
            MONDAY + timedelta(days=1): ZERO,
        }
        assert [needs.at for needs in history.asked] == sorted(n.at for n in history.asked)
        assert rig.fills()[-1].trade.at == ist(FRIDAY, "15:15")
        holding = books.holdings[1, SBIN.key]
        assert holding.quantity == 10
        assert holding.settled_on == MONDAY
        seen = books.daily[1, 0, MONDAY]
        assert seen.holdings_unrealised == 30
        rig.check()


async def test_an_option_whose_expiry_was_missed_is_its_future_ever_after() -> None:
    books, clock = FaultyBooks(), ManualClock(ist(date(2026, 7, 21), "12:00"))
    async with running(books, clock) as rig:
        await rig.market(CRUDE_CALL, 5)
        await rig.place(CRUDE_CALL, "BUY", 100, "NRML")
    clock.set(ist(date(2026, 7, 22), "11:00"))
    async with running(books, clock, History("5", CRUDE_FUT)) as rig:
        gone, came = rig.fills()
        assert not gone.position.quantity
        assert came.position.quantity == 100
        assert came.trade.price == px("100")
        rig.check()
    async with running(books, clock) as rig:
        seen = await rig.engine.read(lambda state: state.accounts[1].positions[came.position.key])
        assert seen.quantity == 100
        assert seen.margin == 1000
        assert await rig.engine.read(lambda state: CRUDE_FUT.key in state.books)
        assert len(books.trades) == 3


async def test_a_restart_does_nothing_twice() -> None:
    books, clock = FaultyBooks(), ManualClock(ist(FRIDAY, "10:00"))
    rules = Rules(days=DaySettings(reset_on=5, reset_at=time(10, 0)))
    async with running(books, clock, rules=rules) as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10, "CNC")
    clock.set(ist(FRIDAY + timedelta(days=1), "10:00"))
    for _ in range(3):
        async with running(books, clock, rules=rules):
            assert books.accounts[1].funds.reset_count == 1
    assert len(books.past_runs) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("commit", range(1, 12))
async def test_killed_at_any_commit_of_a_night(when: str, commit: int) -> None:
    """Upstream settles twice when it dies half-way. What is stored is done; the rest follows."""
    books, clock = FaultyBooks(), ManualClock(ist(FRIDAY, "10:00"))
    async with running(books, clock) as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10)
        await rig.place(SBIN, "BUY", 10, "CNC")
        await rig.place(INFY, "BUY", 10, "CNC", price="90")
    clock.set(ist(MONDAY, "10:00"))
    dying = Rig(books, clock)
    last = books.commits + commit
    store = books.commit

    async def die(*arguments: Any) -> None:
        if when == "before" and books.commits + 1 == last:
            raise asyncio.CancelledError
        await store(*arguments)
        if books.commits == last:
            raise asyncio.CancelledError

    books.commit = die  # type: ignore[assignment, method-assign]
    task = asyncio.ensure_future(dying.engine.run())
    night = asyncio.ensure_future(dying.days.catch_up())
    await asyncio.wait([task, night], return_when=asyncio.FIRST_COMPLETED)
    for each in (task, night):
        each.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await each
    books.commit = store  # type: ignore[method-assign]
    async with running(books, clock) as rig:
        assert books.holdings[1, SBIN.key].quantity == 10
        assert Counter(trade.strategy for trade in books.trades)["AUTO_SQUARE_OFF"] == 1
        assert not any(order.status.is_working for order in books.orders.values())
        assert books.accounts[1].funds.used == 0
        rig.check()


async def test_a_commit_that_fails_is_done_again() -> None:
    async with running() as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10)
        rig.books.fail_before = True
        rig.clock.set(ist(FRIDAY, "15:15"))
        with pytest.raises(StorageUnavailable):
            await rig.days.catch_up()
        await rig.days.catch_up()
        assert rig.fills()[-1].order.strategy == "AUTO_SQUARE_OFF"
        assert rig.books.positions[1, rig.fills()[-1].position.key].quantity == 0
        rig.check()


async def test_other_times_are_in_force_at_once() -> None:
    async with running() as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10)
        task = asyncio.ensure_future(rig.days.run())
        await asyncio.sleep(0)
        rig.clock.set(ist(FRIDAY, "10:30"))
        earlier = replace(rig.engine.rules.days, square_off={Exchange.NSE: time(10, 20)})
        await rig.engine.set_rules(replace(rig.engine.rules, days=earlier), cause="test")
        while len(rig.fills()) < 2:  # noqa: ASYNC110 - the runner has no other sign
            await asyncio.sleep(0)
        assert rig.fills()[-1].order.strategy == "AUTO_SQUARE_OFF"
        task.cancel()


async def test_rules_that_could_not_be_stored_are_not_in_force() -> None:
    async with running() as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 1)
        rig.books.fail_before = True
        lower = replace(rig.engine.rules, starting_capital=Decimal(500_000))
        with pytest.raises(StorageUnavailable):
            await rig.engine.set_rules(lower, cause="test")
        assert rig.engine.rules.starting_capital == 10_000_000
        assert (await rig.place(SBIN, "BUY", 1)).status is OrderStatus.COMPLETE
        assert rig.books.accounts[1].funds.starting_capital == 10_000_000
        await rig.engine.set_rules(lower, cause="test")
        assert rig.books.accounts[1].funds.starting_capital == 500_000
        rig.check()


async def test_a_reset_is_on_disk() -> None:
    async with running() as rig:
        await rig.market(SBIN, 100)
        await rig.place(SBIN, "BUY", 10)
        await rig.place(SBIN, "BUY", 10, price="90")
        await rig.engine.reset(1, Decimal(1_000_000), cause="test")
        rig.check()
        books, clock = rig.books, rig.clock
    async with running(books, clock) as rig:
        now = clock.now()
        assert await rig.engine.read(lambda state: views.orders(state, 1, now)) == []
        assert await rig.engine.read(lambda state: views.trades(state, 1, now)) == []
        assert books.accounts[1].funds.available == 1_000_000


async def test_what_comes_next_is_told_once_for_each_exchange() -> None:
    async with running() as rig:
        coming = rig.days.next_events()
        assert coming == sorted(coming, key=lambda event: (event.at, event.kind))
        square_offs = [e for e in coming if e.kind is DayEventKind.SQUARE_OFF]
        assert square_offs[0].at == ist(FRIDAY, "15:15")
        named = Counter(exchange for event in square_offs for exchange in event.exchanges)
        assert set(named.values()) == {1}


async def test_twenty_four_trading_days() -> None:
    """Weekends, a holiday, evenings of metals, an expiry and a restart every week."""
    calendar = ExchangeCalendar()
    books, clock = FaultyBooks(), ManualClock(ist(date(2026, 7, 6), "09:20"))
    trading = [
        day
        for day in (date(2026, 7, 6) + timedelta(days=n) for n in range(60))
        if calendar.sessions(Exchange.NSE, day)
    ][:24]
    history = History("24900")
    bought = ZERO
    for number, day in enumerate(trading):
        clock.set(ist(day, "09:20"))
        async with running(books, clock, history) as rig:
            price = 100.0 + number
            for instrument, ltp in ((SBIN, price), (INFY, 500.0), (GOLD, 9000.0 - number)):
                await rig.market(instrument, ltp)
            await rig.place(SBIN, "BUY", 1, "CNC")
            bought += 1
            await rig.place(INFY, "SELL", 10)
            await rig.place(INFY, "BUY", 5, "CNC", price="400")
            await rig.place(GOLD, "BUY", 100)
            if day < EXPIRY:
                await rig.market(FUTURE, 25000.0)
                await rig.place(FUTURE, "BUY", 65, "NRML")
            await rig.at(day, "15:16")
            open_now = await rig.engine.read(lambda s: views.positions(s, 1, clock.now()))
            intraday = {p.position.symbol for p in open_now if p.position.quantity}
            assert "INFY" not in intraday
            assert GOLD.symbol in intraday
            if number % 2:
                await rig.at(day, "23:59:30")
            rig.check()
    after = trading[-1] + timedelta(days=4)
    clock.set(ist(after, "10:00"))
    async with running(books, clock, history) as rig:
        rig.check()
        assert books.holdings[1, SBIN.key].quantity == bought
        assert set(trading) <= {day for _, _, day in books.daily}
        assert all(calendar.sessions(Exchange.MCX, day) for _, _, day in books.daily)
        futures = [t for t in books.trades if t.strategy == "EXPIRY_SETTLEMENT"]
        assert [(t.price, t.quantity) for t in futures] == [
            (px("25100"), Decimal(65 * sum(day < EXPIRY for day in trading)))
        ]
        total = sum((row.realised for row in books.daily.values()), ZERO)
        assert total == books.accounts[1].funds.realised
